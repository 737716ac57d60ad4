"""What readers open: one folder per publication, shown by one rename, a few of them kept."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from meterhouse.runner.control import create_control_tables
from meterhouse.runner.errors import MeterhouseError
from meterhouse.runner.publish import Facts, publications, publish_marts, read_manifest

FIRST = datetime(2026, 1, 1, tzinfo=UTC)


def publish(folder: Path, run: int) -> list[str]:
    """Publish two marts whose rows all bear the number of the run."""
    with duckdb.connect() as con:
        create_control_tables(con)
        con.execute("create schema marts")
        con.execute(f"create table marts.invoices as select {run}::decimal(38, 24) as run from range({run})")
        con.execute(f"create view marts.lines as select {run} as run, '0.1'::decimal(38, 24) as amount")
        clock = FIRST + timedelta(days=run)
        return publish_marts(con, folder, Facts(clock, [clock], {"models": "abc"}))


def runs_seen(folder: Path) -> set[int]:
    """The runs whose rows the DuckDB file and the Parquet files of a publication hold."""
    with duckdb.connect(str(folder / "meterhouse.duckdb"), read_only=True) as con:
        seen = con.execute("select run from marts.invoices union select run from marts.lines").fetchall()
    seen += duckdb.execute(f"select distinct run from '{folder}/parquet/*.parquet'").fetchall()
    return {int(run) for (run,) in seen}


def test_every_path_shows_the_newest_publication(tmp_path: Path) -> None:
    for run in (1, 2, 3):
        assert publish(tmp_path, run) == ["invoices", "lines"]
        assert runs_seen(tmp_path) == {run}


def test_the_last_ones_stay_and_an_earlier_one_can_be_shown_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METERHOUSE_KEEP", "2")
    for run in range(1, 5):
        publish(tmp_path, run)
    kept = publications(tmp_path)
    assert [path.name for path in kept] == ["000003-20260104T000000Z", "000004-20260105T000000Z"]

    fresh = tmp_path / "new"
    fresh.symlink_to(Path("history") / kept[0].name)
    fresh.replace(tmp_path / "current")
    assert runs_seen(tmp_path) == {3}
    publish(tmp_path, 5)
    assert runs_seen(tmp_path) == {5}


def test_the_manifest_says_what_is_in_it(tmp_path: Path) -> None:
    publish(tmp_path, 3)
    manifest = read_manifest(tmp_path / "current")
    assert manifest is not None
    assert manifest["clock"] == "2026-01-04T00:00:00Z"
    assert manifest["steps"] == ["2026-01-04T00:00:00Z"]
    assert manifest["tables"] == {"invoices": 3, "lines": 1}
    assert manifest["code"]["models"] == "abc"


def test_a_reader_keeps_what_it_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METERHOUSE_KEEP", "1")
    publish(tmp_path, 1)
    with duckdb.connect(str((tmp_path / "meterhouse.duckdb").resolve()), read_only=True) as reader:
        publish(tmp_path, 2)
        assert reader.execute("select distinct run from marts.invoices").fetchall() == [(1,)]


def test_a_publication_that_fails_changes_nothing(tmp_path: Path) -> None:
    publish(tmp_path, 1)
    with duckdb.connect() as con:
        create_control_tables(con)
        con.execute("create schema marts")
        con.execute("create table marts.invoices as select 9 as run")
        con.execute("create view marts.lines as select error('no') as run")
        with pytest.raises(duckdb.Error):
            publish_marts(con, tmp_path, Facts(FIRST, [FIRST], {}))
    assert runs_seen(tmp_path) == {1}
    assert [path.name for path in (tmp_path / "history").iterdir()] == ["000001-20260102T000000Z"]


def test_files_of_a_version_without_history_make_way(tmp_path: Path) -> None:
    (tmp_path / "parquet").mkdir()
    (tmp_path / "parquet" / "gone.parquet").write_text("old")
    (tmp_path / "meterhouse.duckdb").write_text("old")
    publish(tmp_path, 1)
    assert runs_seen(tmp_path) == {1}


def test_what_a_killed_publication_left_is_cleared(tmp_path: Path) -> None:
    (tmp_path / "history" / ".part" / "parquet").mkdir(parents=True)
    (tmp_path / "history" / ".part" / "meterhouse.duckdb").write_text("half")
    publish(tmp_path, 1)
    assert runs_seen(tmp_path) == {1}
    assert json.loads((tmp_path / "current" / "manifest.json").read_text())["tables"]["lines"] == 1


@pytest.mark.parametrize("text", ["0", "-1", "two", ""])
def test_a_wrong_number_to_keep_is_refused(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METERHOUSE_KEEP", text)
    with pytest.raises(MeterhouseError, match="is no number of publications to keep"):
        publish(tmp_path, 1)
    assert not (tmp_path / "history").exists()
