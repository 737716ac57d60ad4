"""What readers see: rows of the published marts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from meterhouse.runner.errors import MeterhouseError
from meterhouse.runner.publish import mart_names, read_manifest
from meterhouse.runner.texts import quoted, written
from meterhouse.runner.workspace import Workspace

Fields = dict[str, Any]
# the table that says, where marts are written elsewhere, which publication they are of
STATE = "meterhouse_publication"


@dataclass(frozen=True)
class Written:
    """What was written elsewhere: the publication's clock (UTC), the place, and the rows of each table."""

    clock: datetime
    place: str
    rows: dict[str, int]


def current_publication(workspace: Workspace) -> tuple[Path, dict[str, Any]]:
    """
    Return the folder of the publication that readers see now, and its manifest.

    Raises:
        MeterhouseError: nothing is published yet.
    """
    publication = (workspace.published / "current").resolve()
    manifest = read_manifest(publication)
    if manifest is None:
        raise MeterhouseError(f"{workspace.published}: nothing is published yet; run `meterhouse build` or `meterhouse demo` first")
    return publication, manifest


def read_mart(
    workspace: Workspace, mart: str, where: str | None, columns: str | None, limit: int
) -> tuple[list[str], list[tuple[object, ...]], int]:
    """
    Return names of columns, rows and how many rows there are in all; `limit` 0 returns every row.

    Raises:
        MeterhouseError: nothing is published, there is no such mart, or `where` and `columns` do not fit it.
    """
    con = _opened(workspace)
    try:
        marts = mart_names(con)
        if mart not in marts:
            raise MeterhouseError(f"there is no mart {mart}; there are {', '.join(marts)}")
        rows = f"from marts.{mart}" + (f" where ({where})" if where else "")
        total = con.execute(f"select count(*) {rows}").fetchall()[0][0]
        cursor = con.execute(f"select {columns or '*'} {rows} order by all" + (f" limit {limit}" if limit else ""))
        return [item[0] for item in cursor.description], cursor.fetchall(), total
    except duckdb.Error as error:
        raise MeterhouseError(f"{mart}: {str(error).splitlines()[0]}") from error
    finally:
        con.close()


def attach_publication(workspace: Workspace) -> duckdb.DuckDBPyConnection:
    """
    Return a database in memory that sees the publication's marts as `published.marts`, read-only.

    Raises:
        MeterhouseError: nothing is published yet.
    """
    con = duckdb.connect()
    con.execute("set TimeZone = 'UTC'")
    con.execute(f"attach {quoted(_published(workspace).resolve())} as published (read_only)")
    return con


def refuse_older(place: str, there: datetime | None, clock: datetime, *, force: bool) -> None:
    """
    Keep a place with the publication of the clock `there` (UTC, None: with none) from getting an older one, unless with `force`.

    Raises:
        MeterhouseError: the publication of `clock` is older.
    """
    if there and there > clock and not force:
        raise MeterhouseError(
            f"{place}: holds the publication of {written(there)}, which is newer than this one of {written(clock)};"
            " --force writes it all the same"
        )


def fields(con: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[Any] = ()) -> list[Fields]:
    """Return the rows of a query, each by the names of its columns."""
    cursor = con.execute(query, list(parameters))
    names = [item[0] for item in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _opened(workspace: Workspace) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(str(_published(workspace)), read_only=True)
    con.execute("set TimeZone = 'UTC'")
    return con


def _published(workspace: Workspace) -> Path:
    path = workspace.publication
    if not path.exists():
        raise MeterhouseError(f"{path}: nothing is published yet; run `meterhouse build` or `meterhouse demo` first")
    return path
