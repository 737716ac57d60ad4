"""When runs are made by the clock."""

import dagster as dg

from orchestration.assets import by_hour, by_month

RUNNING = dg.DefaultScheduleStatus.RUNNING

build_hours = dg.define_asset_job(
    "build_hours",
    selection=dg.AssetSelection.assets(*by_hour.key_of.values()),
    executor_def=dg.in_process_executor,
    description="Take in what has arrived, build up to the end of the hours, test, publish.",
)
close_periods = dg.define_asset_job(
    "close_periods",
    selection=dg.AssetSelection.assets(*by_month.key_of.values()),
    executor_def=dg.in_process_executor,
    description="Build up to where the invoices of the months are final, test, publish.",
)

# ten minutes after the hour: files of the hour before have been written by then
hourly = dg.build_schedule_from_partitioned_job(build_hours, name="hourly", minute_of_hour=10, default_status=RUNNING)
# on the third, when the grace of the last period of the month before has passed (CLOSE_AFTER)
period_close = dg.build_schedule_from_partitioned_job(
    close_periods, name="period_close", day_of_month=3, hour_of_day=1, minute_of_hour=30, default_status=RUNNING
)
