"""
`meterhouse publish --to postgres://...`: the marts of the current publication in PostgreSQL, for BI tools.

One transaction per publication: a reader sees all tables of the old one or all of the new one. Tables stay and their rows are
replaced, so that views, grants and locks of readers are left alone; a mart that gained columns gets them added.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb
import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from meterhouse.publication import STATE, Written, current_publication, refuse_older
from meterhouse.runner.errors import MeterhouseError
from meterhouse.runner.publish import DUCKDB_FILE, mart_names
from meterhouse.runner.workspace import Workspace

Progress = Callable[[str], None]
Columns = dict[str, str]
SCHEMES = ("postgres://", "postgresql://")
TYPES = {
    "VARCHAR": "text",
    "BOOLEAN": "boolean",
    "INTEGER": "integer",
    "BIGINT": "bigint",
    "HUGEINT": "numeric(38,0)",
    "DATE": "date",
    "TIMESTAMP WITH TIME ZONE": "timestamp with time zone",
}
# a text that is this is written in quotes, and then it is a text
NULL = "\\N"
CHUNK = 1 << 20
TABLE_COLUMNS = """
select attribute.attname, format_type(attribute.atttypid, attribute.atttypmod)
from pg_attribute as attribute
where attribute.attrelid = to_regclass(%s) and attribute.attnum > 0 and not attribute.attisdropped
order by attribute.attnum
"""


def publish_to_postgres(
    workspace: Workspace, address: str, schema: str = "marts", *, force: bool = False, progress: Progress = lambda message: None
) -> Written:
    """
    Write the current publication into a schema of a PostgreSQL database, in one transaction.

    An older publication than the one that is there is refused, unless with `force`.

    Raises:
        MeterhouseError: nothing is published, the address or the server does not do, or a table cannot be replaced; never with the
            password of the address.
    """
    if not address.startswith(SCHEMES):
        raise MeterhouseError(
            "--to: is no address of a PostgreSQL server; write postgres://user@host:5432/database, or a file, marts-2026.duckdb"
        )
    publication, manifest = current_publication(workspace)
    place, clock = _place(address), datetime.fromisoformat(manifest["clock"])
    try:
        with psycopg.connect(address) as con:
            _take_turn(con, schema, clock, place, force=force)
            with duckdb.connect(str(publication / DUCKDB_FILE), read_only=True) as marts:
                marts.execute("set TimeZone = 'UTC'")
                rows = {name: _write(con, marts, schema, name, progress) for name in mart_names(marts)}
    except psycopg.Error as error:
        raise MeterhouseError(f"{place}: {_said(error)}; nothing was changed there") from error
    return Written(clock, f"{place}, schema {schema}", rows)


def _place(address: str) -> str:
    """The server and database of an address, without user and password."""
    try:
        parts = conninfo_to_dict(address)
    except psycopg.Error as error:
        raise MeterhouseError("--to: cannot be read as an address; write postgres://user@host:5432/database") from error
    return f"postgres://{parts.get('host', 'localhost')}/{parts.get('dbname', '')}"


def _said(error: psycopg.Error) -> str:
    """What the server says, and of what it depends, in one line."""
    parts = [error.diag.message_primary or str(error).strip(), error.diag.message_detail or ""]
    return "; ".join(" ".join(part.split()) for part in parts if part)


def _take_turn(con: psycopg.Connection, schema: str, clock: datetime, place: str, *, force: bool) -> None:
    """Wait for another writer of the schema, and write down which publication it will hold."""
    state = sql.Identifier(schema, STATE)
    con.execute("set time zone 'UTC'")
    con.execute("select pg_advisory_xact_lock(hashtext(%s))", [f"meterhouse {schema}"])
    con.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(schema)))
    con.execute(
        sql.SQL("create table if not exists {} (clock timestamptz not null, written_at timestamptz not null default now())").format(state)
    )
    there = con.execute(sql.SQL("select max(clock) from {}").format(state)).fetchone()
    refuse_older(f"{place}, schema {schema}", there[0] if there else None, clock, force=force)
    con.execute(sql.SQL("delete from {}").format(state))
    con.execute(sql.SQL("insert into {} (clock) values (%s)").format(state), [clock])


def _write(con: psycopg.Connection, marts: duckdb.DuckDBPyConnection, schema: str, name: str, progress: Progress) -> int:
    """Replace the rows of one table; return how many there are."""
    progress(name)
    columns = {column: _type_of(name, column, kind) for column, kind, *_ in marts.execute(f'describe marts."{name}"').fetchall()}
    table = sql.Identifier(schema, name)
    _fit_table(con, table, f"{sql.Identifier(schema).as_string(con)}.{sql.Identifier(name).as_string(con)}", columns)
    # not truncate: it would make readers wait, and who reads in a transaction of its own would find the table empty
    con.execute(sql.SQL("delete from {}").format(table))
    with tempfile.TemporaryDirectory(prefix="meterhouse-") as folder:
        path = Path(folder) / "rows.csv"
        marts.execute(f"copy marts.\"{name}\" to '{path}' (format csv, header false, nullstr '{NULL}')")
        statement = sql.SQL("copy {} ({}) from stdin (format csv, null {})").format(
            table, sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Literal(NULL)
        )
        with con.cursor() as cursor, cursor.copy(statement) as copy, path.open("rb") as file:
            while chunk := file.read(CHUNK):
                copy.write(chunk)
    con.execute(sql.SQL("analyze {}").format(table))
    count = con.execute(sql.SQL("select count(*) from {}").format(table)).fetchone()
    return int(count[0]) if count else 0


def _type_of(table: str, column: str, kind: str) -> str:
    if kind.startswith("DECIMAL("):
        return "numeric" + kind.removeprefix("DECIMAL").replace(" ", "")
    if kind not in TYPES:
        raise MeterhouseError(f"{table}.{column}: is of type {kind}, for which PostgreSQL has no exact counterpart here")
    return TYPES[kind]


def _fit_table(con: psycopg.Connection, table: sql.Identifier, name: str, columns: Columns) -> None:
    """Make the table if it is not there; add new columns; else, where a column went or changed, make it anew."""
    there: Columns = dict(con.execute(TABLE_COLUMNS, [name]).fetchall())
    added = {column: kind for column, kind in columns.items() if column not in there}
    if there and all(columns.get(column) == kind for column, kind in there.items()):
        for column, kind in added.items():
            con.execute(sql.SQL("alter table {} add column {} {}").format(table, sql.Identifier(column), sql.SQL(kind)))
        return
    if there:
        con.execute(sql.SQL("drop table {}").format(table))
    parts = [sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(kind)) for column, kind in columns.items()]
    con.execute(sql.SQL("create table {} ({})").format(table, sql.SQL(", ").join(parts)))
