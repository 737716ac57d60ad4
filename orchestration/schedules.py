"""When the marts are built."""

import dagster as dg

from orchestration.assets import marts

build_marts = dg.define_asset_job(
    "build_marts",
    selection=[marts],
    executor_def=dg.in_process_executor,
    description="Take in new events, build, test, publish.",
)

# ten minutes after the hour: files of the hour before have been written by then
hourly = dg.ScheduleDefinition(name="hourly", job=build_marts, cron_schedule="10 * * * *", execution_timezone="UTC")
