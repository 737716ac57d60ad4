"""How a workspace stands: what readers see, how far the warehouse is, and what waits; also when nothing is built yet."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from meterhouse.runner.errors import EventFileError, WarehouseBusyError
from meterhouse.runner.event_files import find_event_files
from meterhouse.runner.last_run import read_last_run
from meterhouse.runner.lock import is_run_at_work
from meterhouse.runner.publish import publications, read_manifest
from meterhouse.runner.texts import written
from meterhouse.runner.warehouse import open_warehouse
from meterhouse.runner.workspace import Workspace

Facts = dict[str, Any]


def read_status(workspace: Workspace, now: datetime) -> Facts:
    """
    Return the facts of a workspace at `now` (UTC), JSON values only; a fact that is not known is None.

    `state` is empty, running (another process writes), failed, unfinished (steps that the next run undoes) or idle.

    Raises:
        WarehouseError: the warehouse cannot be opened.
    """
    warehouse = _warehouse_facts(workspace, now)
    last_run = read_last_run(workspace)
    return {
        "state": _state(workspace, warehouse, last_run),
        "warehouse": str(workspace.warehouse),
        **_publication_facts(workspace, now),
        **{name: warehouse.get(name) for name in WAREHOUSE_FACTS},
        "failed_checks": (last_run or {}).get("failed_checks", []),
        "last_run": last_run,
    }


WAREHOUSE_FACTS = (
    "last_clock",
    "open_hours",
    "unfinished_steps",
    "pending_event_files",
    "next_finalization_at",
    "overdue_finalizations",
)


def _state(workspace: Workspace, warehouse: Facts, last_run: Facts | None) -> str:
    if warehouse.get("is_busy") or is_run_at_work(workspace):
        return "running"
    if last_run is not None and last_run["state"] == "failed":
        return "failed"
    # a run that says it is at work while nobody holds the warehouse has died
    if warehouse.get("unfinished_steps") or (last_run is not None and last_run["state"] == "running"):
        return "unfinished"
    return "idle" if warehouse.get("last_clock") else "empty"


def _publication_facts(workspace: Workspace, now: datetime) -> Facts:
    manifest = read_manifest(workspace.published / "current")
    facts: Facts = {
        "publication": str((workspace.published / "current").resolve()) if manifest else None,
        "published_clock": manifest["clock"] if manifest else None,
        "published_at": manifest["published_at"] if manifest else None,
        "lag_seconds": None,
        "publications_kept": len(publications(workspace.published)),
        "rejected_events": None,
    }
    if manifest:
        facts["lag_seconds"] = max(0, int((now - datetime.fromisoformat(manifest["clock"])).total_seconds()))
        with duckdb.connect(facts["publication"] + "/meterhouse.duckdb", read_only=True) as con:
            counts = con.execute("select reason, count(*) from marts.rejected_events group by reason order by reason").fetchall()
            facts["rejected_events"] = dict(counts)
    return facts


def _warehouse_facts(workspace: Workspace, now: datetime) -> Facts:
    if not workspace.warehouse.exists():
        return {"pending_event_files": _pending(workspace, set())}
    try:
        con = open_warehouse(workspace.warehouse, read_only=True)
    except WarehouseBusyError:
        return {"is_busy": True}
    with con:
        tables = {f"{schema}.{name}" for schema, name in con.execute("select schema_name, table_name from duckdb_tables()").fetchall()}
        if "control.steps" not in tables:
            return {"pending_event_files": _pending(workspace, set())}
        last_clock, unfinished = con.execute(
            "select max(as_of) filter (where passed), count(*) filter (where not passed) from control.steps"
        ).fetchall()[0]
        # a file is done when all that is in it arrived before the last clock
        done = con.execute(
            "select path from control.event_files where last_arrival_at is null or last_arrival_at < ?", [last_clock]
        ).fetchall()
        facts: Facts = {
            "last_clock": _written(last_clock),
            "open_hours": max(0, int((now - last_clock).total_seconds()) // 3600) if last_clock else None,
            "unfinished_steps": unfinished,
            "pending_event_files": _pending(workspace, {path for (path,) in done}),
        }
        return {**facts, **_due_facts(con, now)}


def _due_facts(con: duckdb.DuckDBPyConnection, now: datetime) -> Facts:
    relations = con.execute(
        "select 1 from information_schema.tables where table_schema = 'usage' and table_name = 'int_due_instants'"
    ).fetchall()
    if not relations:
        return {}
    upcoming, overdue = con.execute(
        "select min(due_at) filter (where due_at > $1), count(*) filter (where due_at <= $1) from usage.int_due_instants", [now]
    ).fetchall()[0]
    return {"next_finalization_at": _written(upcoming), "overdue_finalizations": overdue}


def _pending(workspace: Workspace, done: set[str]) -> int | None:
    """How many event files hold rows that no run has taken in; None if there is no place of events to look at."""
    try:
        places = {Path(path).resolve() for path in done}
        return len([path for path in find_event_files(workspace.events) if path.resolve() not in places])
    except EventFileError:
        return None


def _written(instant: datetime | None) -> str | None:
    return written(instant) if instant else None


def status_rows(facts: Facts) -> list[tuple[str, str]]:
    """Return the facts as lines for a person: name and value, a line for each reason of rejection."""
    rows = []
    for name, value in facts.items():
        if isinstance(value, dict):
            rows += [(f"{name.replace('_', ' ')}: {part}", str(count)) for part, count in value.items()]
        elif isinstance(value, list):
            rows.append((name.replace("_", " "), ", ".join(value) or "-"))
        else:
            rows.append((name.replace("_", " "), "-" if value is None else str(value)))
    return rows
