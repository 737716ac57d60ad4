"""`meterhouse publish --to postgres://...`, against a server that the test starts: the same rows, and readers see one publication."""

import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import psycopg
import pytest
from typer.testing import CliRunner

from meterhouse.cli import app
from meterhouse.postgres import publish_to_postgres
from meterhouse.runner import MeterhouseError, Workspace
from meterhouse.runner.control import create_control_tables
from meterhouse.runner.publish import Facts, publish_marts

FIRST, SECOND = datetime(2026, 2, 3, tzinfo=UTC), datetime(2026, 2, 4, tzinfo=UTC)
INVOICES = (
    "create or replace table marts.invoices (invoice_id varchar, total decimal(38, 24), amount_due decimal(38, 12), tier integer,"
    " is_late boolean, issued_at timestamptz, due_on date)"
)
# texts that a careless copy would change, the longest and the smallest numbers, and nothing at all
ROWS = r"""
insert into marts.invoices values
    ('k/1', 12345678901234.000000000000000000000001, -99999999999999999999999999.999999999999, 1, true,
        '2026-01-31 23:59:59.999999+00', '2026-01-31'),
    ('', 0, 0, null, false, '1999-12-31 00:00:00+00', null),
    ('\N', null, null, null, null, null, null),
    ('a, "b"' || chr(10) || 'c' || chr(9) || '\', 1, 1, -1, null, null, null),
    (null, 1, 1, -1, null, null, null)
"""


def server_program(name: str) -> str | None:
    """A program of PostgreSQL, from the path or from where Debian keeps it."""
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(places[-1]) if places else None)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Start a server of its own on a socket; return its address."""
    initdb, postgres = server_program("initdb"), server_program("pg_ctl")
    if initdb is None or postgres is None:
        pytest.skip("no PostgreSQL server is installed here (initdb, pg_ctl)")
    # a server refuses to run as root
    user = "postgres" if os.getuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="meterhouse-pg-", dir="/tmp"))
    if user:
        shutil.chown(folder, user)

    def run(*words: str | Path) -> None:
        subprocess.run(words, user=user, check=True, stdout=subprocess.DEVNULL, cwd=folder)

    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
    try:
        run(initdb, "-D", folder / "data", "-U", "meter", "-A", "trust", "-E", "UTF8")
        run(postgres, "-D", folder / "data", "-w", "-o", options, "-l", folder / "log", "start")
        yield f"postgres://meter:secret@/postgres?host={folder}"
        run(postgres, "-D", folder / "data", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def address(server: str) -> str:
    with psycopg.connect(server) as con:
        con.execute("drop schema if exists marts cascade")
    return server


@pytest.fixture
def publish(tmp_path: Path) -> Callable[..., Workspace]:
    """Publish what the statements make, in the way of a run."""
    workspace = Workspace(tmp_path, tmp_path, str(tmp_path), tmp_path / "warehouse.duckdb")

    def run(*statements: str, clock: datetime = FIRST) -> Workspace:
        with duckdb.connect(str(workspace.warehouse)) as con:
            con.execute("set TimeZone = 'UTC'")
            create_control_tables(con)
            con.execute("create schema if not exists marts")
            for statement in statements:
                con.execute(statement)
            publish_marts(con, workspace.published, Facts(clock, [clock], {}))
        return workspace

    return run


def rows(address: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(address) as con:
        con.execute("set time zone 'UTC'")
        return con.execute(query).fetchall()


def test_every_row_and_digit_arrives(address: str, publish: Callable[..., Workspace]) -> None:
    workspace = publish(INVOICES, ROWS)
    printed = CliRunner().invoke(app, ["publish", "--to", address, "--warehouse", str(workspace.warehouse)])

    assert printed.exit_code == 0, printed.output
    assert "1 tables, 5 rows" in printed.stdout
    assert "secret" not in printed.output
    with duckdb.connect(str(workspace.publication), read_only=True) as con:
        con.execute("set TimeZone = 'UTC'")
        expected = con.execute("select * from marts.invoices").fetchall()
    assert sorted(rows(address, "select * from marts.invoices"), key=str) == sorted(expected, key=str)
    assert rows(address, "select clock from marts.meterhouse_publication") == [(FIRST,)]


def test_views_grants_and_new_columns(address: str, publish: Callable[..., Workspace]) -> None:
    publish_to_postgres(publish(INVOICES, ROWS), address)
    with psycopg.connect(address) as con:
        con.execute("create view marts.due as select sum(total) as total, count(*) as rows from marts.invoices")
        con.execute("drop role if exists analyst")
        con.execute("create role analyst")
        con.execute("grant select on marts.invoices to analyst")

    more = "alter table marts.invoices add column note varchar default 'new'"
    publish_to_postgres(publish("delete from marts.invoices where total is distinct from 1", more, clock=SECOND), address)

    assert rows(address, "select * from marts.due") == [(2, 2)]
    assert rows(address, "select has_table_privilege('analyst', 'marts.invoices', 'select')") == [(True,)]
    assert rows(address, "select distinct note from marts.invoices") == [("new",)]


def test_a_reader_sees_one_publication(address: str, publish: Callable[..., Workspace]) -> None:
    tables = ("invoices", "lines")
    filled = [f"create or replace table marts.{name} as select {{n}} as n from range(2000)" for name in tables]
    publish_to_postgres(publish(*(part.format(n=0) for part in filled)), address)
    seen, stop = [], threading.Event()

    def read() -> None:
        query = "select (select array_agg(distinct n) from marts.invoices), (select array_agg(distinct n) from marts.lines)"
        while not stop.is_set():
            seen.extend(rows(address, query))

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(1, 6):
        publish_to_postgres(publish(*(part.format(n=number) for part in filled)), address)
    stop.set()
    reader.join()

    assert {str(pair) for pair in seen} <= {str(([number], [number])) for number in range(6)}
    assert len(seen) > 5


def test_a_publication_that_fails_in_the_middle_changes_nothing(address: str, publish: Callable[..., Workspace]) -> None:
    publish_to_postgres(publish(INVOICES, ROWS), address)
    broken = "create table marts.notes as select 'a' || chr(0) as note"  # PostgreSQL has no such text

    with pytest.raises(MeterhouseError, match="nothing was changed there"):
        publish_to_postgres(publish("delete from marts.invoices", broken, clock=SECOND), address)

    assert rows(address, "select count(*) from marts.invoices") == [(5,)]
    assert rows(address, "select clock from marts.meterhouse_publication") == [(FIRST,)]


def test_an_older_publication_is_refused(address: str, publish: Callable[..., Workspace]) -> None:
    publish_to_postgres(publish(INVOICES, ROWS, clock=SECOND), address)
    older = publish("delete from marts.invoices", clock=FIRST)

    with pytest.raises(MeterhouseError, match=r"holds the publication of 2026-02-04T00:00:00Z, which is newer .* --force"):
        publish_to_postgres(older, address)
    assert rows(address, "select count(*) from marts.invoices") == [(5,)]

    publish_to_postgres(older, address, force=True)
    assert rows(address, "select count(*) from marts.invoices") == [(0,)]


@pytest.mark.parametrize(
    ("to", "message"),
    [
        ("mysql://localhost/x", "is no address of a PostgreSQL server; write postgres://user@host:5432/database"),
        ("postgres://meter:secret@localhost:1/nowhere", "postgres://localhost/nowhere: "),
    ],
)
def test_a_wrong_address_is_one_message_without_the_password(to: str, message: str, publish: Callable[..., Workspace]) -> None:
    with pytest.raises(MeterhouseError) as raised:
        publish_to_postgres(publish(INVOICES), to)
    assert message in str(raised.value)
    assert "secret" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_nothing_published_is_one_message(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, tmp_path, str(tmp_path), tmp_path / "warehouse.duckdb")
    with pytest.raises(MeterhouseError, match="nothing is published yet"):
        publish_to_postgres(workspace, "postgres://localhost/x")
