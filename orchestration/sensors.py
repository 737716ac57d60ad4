"""What starts a run besides the clock, and what is said of a run that failed."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg

from meterhouse.runner import MeterhouseError, Workspace
from meterhouse.runner.arrivals import Waiting, waiting_events
from meterhouse.runner.control import last_clock_of
from orchestration.partitions import hours
from orchestration.schedules import build_hours, close_periods

RUNNING = dg.DefaultSensorStatus.RUNNING
HOUR = timedelta(hours=1)
RANGE_START, RANGE_END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"


@dg.sensor(
    job=build_hours,
    minimum_interval_seconds=60,
    default_status=RUNNING,
    description="Builds up to the last whole hour when files have come with events of hours that are not built yet.",
)
def new_event_files(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Request one run for files that this sensor has not seen; the cursor is the JSON list of those it has."""
    found = _waiting(context)
    if isinstance(found, dg.SkipReason):
        return found
    last = last_clock_of(Workspace.from_environment().warehouse)
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - HOUR
    is_new = any(last is None or at >= last for at in found.hours)
    requests = [dg.RunRequest(partition_key=hour.strftime(hours.fmt))] if is_new else []
    return dg.SensorResult(run_requests=requests, cursor=_seen(context, found))


@dg.sensor(
    job=build_hours,
    minimum_interval_seconds=60,
    default_status=RUNNING,
    description="Builds hours again for which late events have come: just those, as many ranges as there are gaps.",
)
def late_events(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Request a run for each range of built hours that files touch which this sensor has not seen."""
    found = _waiting(context)
    if isinstance(found, dg.SkipReason):
        return found
    last = last_clock_of(Workspace.from_environment().warehouse)
    first = hours.start.astimezone(UTC)
    late = sorted({max(at, first) for at in found.hours if last is not None and at < last})
    return dg.SensorResult(run_requests=list(_ranges(late)), cursor=_seen(context, found))


@dg.run_failure_sensor(
    monitored_jobs=[build_hours, close_periods],
    default_status=RUNNING,
    description="Logs which run failed, of which hours or months, and why.",
)
def failed_runs(context: dg.RunFailureSensorContext) -> None:
    """Log the failure as an error; the publication is still the one of the last run that passed."""
    run = context.dagster_run
    part = run.tags.get("dagster/partition") or f"{run.tags.get(RANGE_START, '?')} to {run.tags.get(RANGE_END, '?')}"
    context.log.error("run %s of %s (%s) failed: %s", run.run_id, run.job_name, part, context.failure_event.message)


def _waiting(context: dg.SensorEvaluationContext) -> Waiting | dg.SkipReason:
    try:
        found = waiting_events(Workspace.from_environment(), besides=set(json.loads(context.cursor or "[]")))
    except MeterhouseError as error:
        return dg.SkipReason(str(error))
    if not found.paths:
        return dg.SkipReason("no new event files")
    context.log.info("%d new event files, the first %s", len(found.paths), Path(found.paths[0]).name)
    return found


def _seen(context: dg.SensorEvaluationContext, found: Waiting) -> str:
    return json.dumps(sorted({*json.loads(context.cursor or "[]"), *found.paths}))


def _ranges(late: Sequence[datetime]) -> Iterator[dg.RunRequest]:
    """Runs of hours without a gap, each as one request."""
    start = 0
    for place, at in enumerate(late):
        if place + 1 == len(late) or late[place + 1] - at > HOUR:
            first, last = (one.strftime(hours.fmt) for one in (late[start], at))
            yield dg.RunRequest(tags={RANGE_START: first, RANGE_END: last}) if first != last else dg.RunRequest(partition_key=first)
            start = place + 1
