"""`meterhouse publish --to some/file.duckdb`: one file with every row and digit, which needs nothing beside it."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from meterhouse.cli import app
from meterhouse.duckdb_file import publish_to_duckdb
from meterhouse.runner import MeterhouseError, Workspace
from meterhouse.runner.control import create_control_tables
from meterhouse.runner.publish import Facts, publish_marts

FIRST, SECOND = datetime(2026, 2, 3, tzinfo=UTC), datetime(2026, 2, 4, tzinfo=UTC)
ROWS = [("e1", datetime(2026, 1, 1, tzinfo=UTC), "0.000000000000000000000001"), ("it's", datetime(2026, 1, 1, 1, tzinfo=UTC), None)]
Publish = Callable[[datetime], Workspace]


@pytest.fixture
def publish(tmp_path: Path) -> Publish:
    """Publish one mart in parts and one that is whole."""
    workspace = Workspace(tmp_path, tmp_path, str(tmp_path), tmp_path / "warehouse.duckdb")

    def run(clock: datetime) -> Workspace:
        with duckdb.connect(str(workspace.warehouse)) as con:
            con.execute("set TimeZone = 'UTC'")
            create_control_tables(con)
            con.execute("create schema if not exists marts")
            con.execute("create or replace table marts.events (id varchar, hour_start_at timestamptz, amount decimal(38, 24))")
            con.executemany("insert into marts.events values (?, ?, ?)", ROWS)
            con.execute("create or replace table marts.invoices as select 1 as number")
            publish_marts(con, workspace.published, Facts(clock, [clock], {}))
        return workspace

    return run


def test_the_file_holds_every_row_wherever_it_is(publish: Publish, tmp_path: Path) -> None:
    workspace, target = publish(FIRST), tmp_path / "it's mine.duckdb"
    for _ in range(2):
        printed = CliRunner().invoke(app, ["publish", "--to", str(target), "--warehouse", str(workspace.warehouse)])
        assert printed.exit_code == 0, printed.output
        assert "2 tables, 3 rows" in printed.output

    moved = tmp_path / "elsewhere.duckdb"
    target.rename(moved)
    shutil.rmtree(workspace.published)
    with duckdb.connect(str(moved), read_only=True) as con:
        con.execute("set TimeZone = 'UTC'")
        assert con.execute("select id, hour_start_at, amount::varchar from marts.events order by 1").fetchall() == ROWS
        assert con.execute("select table_name from duckdb_tables() order by 1").fetchall() == [
            ("events",), ("invoices",), ("meterhouse_publication",),
        ]  # fmt: skip
    assert sorted(path.name for path in tmp_path.iterdir()) == ["elsewhere.duckdb", "warehouse.duckdb"]


def test_a_schema_of_another_name(publish: Publish, tmp_path: Path) -> None:
    done = publish_to_duckdb(publish(FIRST), str(tmp_path / "marts.duckdb"), 'our "own"')
    with duckdb.connect(str(tmp_path / "marts.duckdb"), read_only=True) as con:
        assert con.execute('select count(*) from "our ""own""".events').fetchall() == [(2,)]
    assert done.rows == {"events": 2, "invoices": 1}


def test_an_older_publication_is_refused(publish: Publish, tmp_path: Path) -> None:
    target = tmp_path / "copy.duckdb"
    publish_to_duckdb(publish(SECOND), str(target))
    older = publish(FIRST)
    with pytest.raises(MeterhouseError, match=r"holds the publication of 2026-02-04T00:00:00Z, which is newer .* --force"):
        publish_to_duckdb(older, str(target))
    assert publish_to_duckdb(older, str(target), force=True).clock == FIRST


@pytest.mark.parametrize(
    ("to", "message"),
    [
        ("warehouse.duckdb", "is there, and no file that this command has written"),
        ("published/meterhouse.duckdb", "is there, and no file that this command has written"),
        ("marts.duckdb", "DuckDB names a catalog after its file"),
        ("nowhere/copy.duckdb", "cannot be written"),
    ],
)
def test_a_place_that_does_not_do_is_left_alone(to: str, message: str, publish: Publish, tmp_path: Path) -> None:
    workspace = publish(FIRST)
    before = workspace.warehouse.read_bytes()
    with pytest.raises(MeterhouseError, match=message):
        publish_to_duckdb(workspace, str(tmp_path / to))
    assert workspace.warehouse.read_bytes() == before
