"""What `dagster dev` loads."""

import dagster as dg

from orchestration.assets import billing, event_files, facts, publication
from orchestration.schedules import build_hours, close_periods, hourly, period_close
from orchestration.sensors import failed_runs, late_events, new_event_files

defs = dg.Definitions(
    assets=[event_files, facts, billing, publication],
    jobs=[build_hours, close_periods],
    schedules=[hourly, period_close],
    sensors=[new_event_files, late_events, failed_runs],
)
