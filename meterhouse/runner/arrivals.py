"""When events arrived, for runs that stop hour by hour."""

from __future__ import annotations

from datetime import datetime, timedelta

import duckdb

from meterhouse.runner.event_files import find_event_files, open_event_file, parquet
from meterhouse.runner.event_layout import ARRIVED_AT, projection
from meterhouse.runner.workspace import Workspace


def arrival_hours(workspace: Workspace, as_of: datetime) -> list[datetime]:
    """Return the ends of the hours (UTC, ascending) in which events arrived before `as_of`."""
    con = duckdb.connect()
    con.execute("set TimeZone = 'UTC'")
    hours: set[datetime] = set()
    for path in find_event_files(workspace.events):
        file = open_event_file(con, path, workspace.staged_events)
        rows = f"select {projection(file.layout)} from {parquet([file.read_path])}"
        found = con.execute(
            f"select distinct date_trunc('hour', {ARRIVED_AT}) as hour from ({rows})"
            f" where {ARRIVED_AT} < ? and coalesce(ingested_at, occurred_at) is not null",
            [as_of],
        ).fetchall()
        hours.update(hour + timedelta(hours=1) for (hour,) in found)
    con.close()
    return sorted(hour for hour in hours if hour < as_of)
