"""What readers see: rows of the published marts."""

from __future__ import annotations

import duckdb

from meterhouse.runner.errors import MeterhouseError
from meterhouse.runner.workspace import Workspace


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
        marts = [name for (name,) in con.execute("select table_name from duckdb_tables() order by 1").fetchall()]
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


def _opened(workspace: Workspace) -> duckdb.DuckDBPyConnection:
    path = workspace.publication
    if not path.exists():
        raise MeterhouseError(f"{path}: nothing is published yet; run `meterhouse build` or `meterhouse demo` first")
    con = duckdb.connect(str(path), read_only=True)
    con.execute("set TimeZone = 'UTC'")
    return con
