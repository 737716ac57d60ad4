"""Hours of events in the files: when they arrived, for runs that stop hour by hour; when they happened, for runs to be made."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from meterhouse.runner.event_files import find_event_files, open_event_file, parquet
from meterhouse.runner.event_layout import ARRIVED_AT, projection
from meterhouse.runner.warehouse import open_warehouse
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


@dataclass(frozen=True)
class Waiting:
    """Event files that no run has read: their paths, and the hours (their starts, UTC, ascending) of the events in them."""

    paths: tuple[str, ...]
    hours: tuple[datetime, ...]


def waiting_events(workspace: Workspace, besides: Set[str] = frozenset()) -> Waiting:
    """
    Return the event files that no run of the warehouse has read, `besides` some others, and the hours they touch.

    Raises:
        EventFileError: there is no place of events, or a file is broken.
        WarehouseBusyError: a run is writing.
        WarehouseError: the warehouse cannot be opened.
    """
    known = _known_files(workspace)
    con = duckdb.connect()
    con.execute("set TimeZone = 'UTC'")
    paths: list[str] = []
    hours: set[datetime] = set()
    for path in find_event_files(workspace.events):
        if path.resolve() not in known and str(path) not in besides:
            file = open_event_file(con, path, workspace.staged_events)
            rows = f"select {projection(file.layout)} from {parquet([file.read_path])}"
            found = con.execute(f"select distinct date_trunc('hour', occurred_at) from ({rows}) where occurred_at is not null").fetchall()
            paths.append(str(path))
            hours.update(hour for (hour,) in found)
    con.close()
    return Waiting(tuple(paths), tuple(sorted(hours)))


def _known_files(workspace: Workspace) -> set[Path]:
    if not workspace.warehouse.exists():
        return set()
    with open_warehouse(workspace.warehouse, read_only=True) as con:
        return {Path(path).resolve() for (path,) in con.execute("select path from control.event_files").fetchall()}
