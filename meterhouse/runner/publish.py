"""Publication: readers open a file that is replaced as a whole, so they never meet a lock or a half-finished run."""

from __future__ import annotations

from pathlib import Path

import duckdb

# every BI client opens this storage version
STORAGE_VERSION = "v1.0.0"


def publish_marts(con: duckdb.DuckDBPyConnection, folder: Path) -> list[str]:
    """Copy schema marts to `folder`/meterhouse.duckdb and `folder`/parquet, each replaced as a whole; return the tables."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = [
        name
        for (name,) in con.execute(
            "select table_name from information_schema.tables where table_schema = 'marts' order by table_name"
        ).fetchall()
    ]
    _publish_duckdb(con, tables, folder / "meterhouse.duckdb")
    _publish_parquet(con, tables, folder / "parquet")
    return tables


def _publish_duckdb(con: duckdb.DuckDBPyConnection, tables: list[str], target: Path) -> None:
    part = target.with_suffix(".part")
    part.unlink(missing_ok=True)
    con.execute(f"attach '{part}' as publication (storage_version '{STORAGE_VERSION}')")
    try:
        con.execute("create schema publication.marts")
        for table in tables:
            con.execute(f"create table publication.marts.{table} as select * from marts.{table}")
    finally:
        con.execute("detach publication")
    part.replace(target)


def _publish_parquet(con: duckdb.DuckDBPyConnection, tables: list[str], folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for table in tables:
        part = folder / f"{table}.part"
        con.execute(f"copy (select * from marts.{table}) to '{part}' (format parquet, compression zstd)")
        part.replace(folder / f"{table}.parquet")
