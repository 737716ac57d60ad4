"""`meterhouse publish --to some/file.duckdb`: the marts of the current publication in one DuckDB file that needs nothing beside it."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb

from meterhouse.publication import STATE, Written, current_publication, refuse_older
from meterhouse.runner.errors import MeterhouseError
from meterhouse.runner.publish import DUCKDB_FILE, STORAGE_VERSION, mart_names
from meterhouse.runner.texts import quoted
from meterhouse.runner.workspace import Workspace

Progress = Callable[[str], None]
SUFFIX = ".duckdb"


def is_duckdb_file(address: str) -> bool:
    """Whether marts are to be written into a DuckDB file, by the name of the place."""
    return "://" not in address and Path(address).suffix == SUFFIX


def publish_to_duckdb(
    workspace: Workspace, address: str, schema: str = "marts", *, force: bool = False, progress: Progress = lambda message: None
) -> Written:
    """
    Write the current publication into a schema of the DuckDB file `address`, which is replaced by one rename.

    A file that this did not write is refused, and an older publication than the one in it unless with `force`.

    Raises:
        MeterhouseError: nothing is published, or the file is refused or cannot be written.
    """
    target = Path(address)
    publication, manifest = current_publication(workspace)
    clock = datetime.fromisoformat(manifest["clock"])
    _refuse(target, schema, clock, force=force)
    fresh = target.with_name(f".{target.stem}-{os.getpid()}{SUFFIX}")
    try:
        rows = _write(publication / DUCKDB_FILE, fresh, schema, clock, progress)
        fresh.replace(target)
    except (OSError, duckdb.Error) as error:
        raise MeterhouseError(f"{target}: cannot be written ({str(error).splitlines()[0]}); it is what it was") from error
    finally:
        fresh.unlink(missing_ok=True)
    return Written(clock, f"{target}, schema {schema}", rows)


def _refuse(target: Path, schema: str, clock: datetime, *, force: bool) -> None:
    if target.stem == schema:
        raise MeterhouseError(f"{target}: DuckDB names a catalog after its file, and {schema} is the schema already; choose another name")
    if not target.exists():
        return
    try:
        with duckdb.connect(str(target), read_only=True) as con:
            there = con.execute(f"select max(clock) from {_name(schema)}.{STATE}").fetchall()[0][0]
    except duckdb.Error as error:
        raise MeterhouseError(f"{target}: is there, and no file that this command has written; choose another name") from error
    refuse_older(str(target), there, clock, force=force)


def _write(source: Path, fresh: Path, schema: str, clock: datetime, progress: Progress) -> dict[str, int]:
    """Copy every mart, views as tables; return the rows of each."""
    rows = {}
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        con.execute(f"attach {quoted(source)} as published (read_only)")
        tables = mart_names(con)
        con.execute(f"attach {quoted(fresh)} as copy (storage_version '{STORAGE_VERSION}')")
        con.execute(f"create schema if not exists copy.{_name(schema)}")
        for table in tables:
            progress(table)
            made = con.execute(f"create table copy.{_name(schema)}.{table} as select * from published.marts.{table}").fetchall()
            rows[table] = int(made[0][0])
        con.execute(f"create table copy.{_name(schema)}.{STATE} as select ?::timestamptz as clock, now() as written_at", [clock])
        con.execute("detach copy")
    return rows


def _name(schema: str) -> str:
    return '"' + schema.replace('"', '""') + '"'
