"""Marts in parts: a publication writes the hours that changed, and shares the files of all others with the one before."""

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

from meterhouse.runner import control, parts, publish
from meterhouse.runner.parts import Part, packed, stale_ranges
from meterhouse.runner.publish import Facts, publications, publish_marts, read_manifest

START = datetime(2026, 1, 1, tzinfo=UTC)
FULL = 10
WHOLE = "0-2* 2-4* 4-6*"


def at(hour: int | str) -> datetime:
    return START + timedelta(hours=int(hour))


def as_parts(text: str) -> list[Part]:
    """Read `0-4:10`, a part of ten rows in the hours 0 to 3, and so on."""
    told = [part.replace("-", ":").split(":") for part in text.split()]
    return [Part("", at(start), at(end), int(rows)) for start, end, rows in told]


def as_text(ranges: Iterable[tuple[datetime, datetime]]) -> str:
    return " ".join("-".join(str((instant - START) // timedelta(hours=1)) for instant in one) for one in ranges)


# parts, hours that were written, ranges to write; a part of ten rows is full
STALE = {
    "nothing was written": ("0-4:10 4-8:5", "", ""),
    "a late hour": ("0-4:10 4-8:10 8-9:10", "5", "4-8"),
    "several hours of one part": ("0-4:10 4-8:10", "4 5 7", "4-8"),
    "parts side by side are cut anew together": ("0-4:10 4-8:10 8-9:10", "1 5", "0-8"),
    "parts with one between them are not": ("0-4:10 4-8:10 8-9:10", "1 8", "0-4 8-9"),
    "a new hour behind a full part": ("0-4:10", "4", "4-5"),
    "a new hour joins the newest part while that has room": ("0-4:10 4-6:5", "6", "4-7"),
    "hours without rows before a new one": ("0-4:10", "9", "4-10"),
    "an hour before all": ("3-4:10 4-5:10", "1", "1-3"),
    "an hour before all joins the first part while that has room": ("3-4:5 4-5:10", "1", "1-4"),
    "hours before and after all": ("3-4:10", "1 2 5 9", "1-3 4-10"),
    "an hour between parts": ("0-2:10 5-8:10", "3", "2-5"),
    "an hour between parts joins the one before it": ("0-2:5 5-8:10", "3", "0-5"),
}


@pytest.mark.parametrize("case", STALE)
def test_which_hours_are_written(case: str) -> None:
    before, hours, expected = STALE[case]
    assert as_text(stale_ranges(as_parts(before), map(at, hours.split()), FULL)) == expected


# hours with their rows, the range they are in, the parts that it becomes
PACKED = {
    "no row is left": ("", "0-4", ""),
    "all fit": ("0:4 1:4 3:2", "0-4", "0-4"),
    "a part ends before it is too full": ("0:4 1:4 2:4 3:4", "0-4", "0-2 2-4"),
    "a small rest stays with the part before": ("0:4 1:4 2:4", "0-3", "0-3"),
    "hours without rows": ("1:6 4:6", "0-9", "0-4 4-9"),
    "an hour is never cut": ("0:35 1:6", "0-2", "0-1 1-2"),
}


@pytest.mark.parametrize("case", PACKED)
def test_how_hours_are_packed(case: str) -> None:
    counted, within, expected = PACKED[case]
    hours = [(at(hour), int(rows)) for hour, _, rows in (one.partition(":") for one in counted.split())]
    first, _, last = within.partition("-")
    assert as_text(packed(hours, (at(first), at(last)), FULL)) == expected


@dataclass
class Store:
    """A warehouse with two marts in parts, one of them empty, and one that is whole."""

    con: duckdb.DuckDBPyConnection
    published: Path
    facts: Facts

    @property
    def current(self) -> Path:
        return (self.published / "current").resolve()

    def write(self, *hours: int, rows: int = 4, rebuilds_all: bool = False) -> None:
        """Run a step that writes some rows into each of the hours."""
        step = control.begin_step(self.con, START, rebuilds_all=rebuilds_all)
        for hour in hours:
            self.con.execute(
                "insert into marts.events select 'it''s', ?, n / 7, ? + n * interval '1 minute' from range(?) as rows (n)",
                [at(hour), at(hour), rows],
            )
            self.con.execute("insert into control.written_hours values ('events', ?, ?)", [at(hour), step])
        control.pass_steps(self.con)

    def publish(self) -> str:
        """Publish; return the parts of mart events, new ones with a star."""
        earlier = {path.stat().st_ino for folder in publications(self.published) for path in folder.rglob("*.parquet")}
        publish_marts(self.con, self.published, self.facts)
        self.assert_publication_is_right()
        files = [self.current / "parquet" / "events" / part["file"] for part in self.manifest()["parts"]["events"]]
        ranges = [[datetime.fromisoformat(f"{text}:00:00+00:00") for text in file.stem.split("_")] for file in files]
        stars = ["" if file.stat().st_ino in earlier else "*" for file in files]
        return " ".join(as_text([(start, end)]) + star for (start, end), star in zip(ranges, stars, strict=True))

    def manifest(self) -> dict[str, dict[str, list[dict[str, str]]]]:
        return read_manifest(self.current) or {}

    def assert_publication_is_right(self) -> None:
        """Rows and types are those of the warehouse, in the DuckDB file and in the Parquet files; parts do not overlap."""
        with duckdb.connect(str(self.published / "meterhouse.duckdb"), read_only=True) as con:
            for table in ("events", "unbilled_events", "notes"):
                assert self.rows(con, table) == self.rows(self.con, table)
                types = [[row[:2] for row in one.execute(f"describe marts.{table}").fetchall()] for one in (con, self.con)]
                assert types[0] == types[1]
        told = self.manifest()["parts"]["events"]
        assert all(one["to"] <= other["from"] for one, other in pairwise(told))
        assert {part["file"] for part in told} == {path.name for path in (self.current / "parquet" / "events").iterdir()}

    def rows(self, con: duckdb.DuckDBPyConnection, table: str) -> Counter[tuple[object, ...]]:
        return Counter(con.execute(f"select * from marts.{table}").fetchall())


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(parts, "ROWS_PER_PART", FULL)
    store = opened_store(tmp_path)
    store.write(0, 1, 2, 3, 4, 5)
    assert store.publish() == WHOLE
    return store


def opened_store(folder: Path) -> Store:
    con = duckdb.connect()
    con.execute("set TimeZone = 'UTC'")
    control.create_control_tables(con)
    con.execute("create schema marts")
    con.execute("create table marts.events (text varchar, hour_start_at timestamptz, amount decimal(38, 24), occurred_at timestamptz)")
    con.execute("create view marts.unbilled_events as select * from marts.events where amount < 0")
    con.execute("create table marts.notes as select 'as ever' as note")
    return Store(con, folder, Facts(START, [START], {"models": "abc"}))


def test_a_new_hour_leaves_all_but_the_newest_part_alone(store: Store) -> None:
    store.write(6)
    assert store.publish() == "0-2 2-4 4-7*"
    store.write(7)
    assert store.publish() == "0-2 2-4 4-7 7-8*"
    assert store.publish() == "0-2 2-4 4-7 7-8"


def test_a_late_event_writes_its_part_alone(store: Store) -> None:
    store.write(2, rows=1)
    assert store.publish() == "0-2 2-4* 4-6"
    store.write(3, rows=6)
    assert store.publish() == "0-2 2-3* 3-4* 4-6"


def test_rows_that_go_take_their_part_with_them(store: Store) -> None:
    store.write(2, 3, rows=0)
    store.con.execute("delete from marts.events where hour_start_at in (?, ?)", [at(2), at(3)])
    assert store.publish() == "0-2 4-6"
    store.write(3, rows=FULL)
    assert store.publish() == "0-3* 3-4* 4-6"


def test_a_mart_without_rows_has_one_file_that_tells_its_columns(store: Store) -> None:
    assert [path.name for path in (store.current / "parquet" / "unbilled_events").iterdir()] == ["no_rows.parquet"]
    store.con.execute("insert into marts.events values ('given back', ?, -1, ?)", [at(0), at(0)])
    store.write(0, rows=0)
    step = store.con.execute("select step_id from control.run").fetchall()[0][0]
    store.con.execute("insert into control.written_hours values ('unbilled_events', ?, ?)", [at(0), step])
    assert store.publish() == "0-2* 2-4 4-6"
    assert [path.name for path in (store.current / "parquet" / "unbilled_events").iterdir()] == ["2026-01-01T00_2026-01-01T01.parquet"]


def test_a_step_that_rebuilds_everything_is_published_whole(store: Store) -> None:
    store.write(0, rows=0, rebuilds_all=True)
    store.write(1, rows=0)
    assert store.publish() == WHOLE
    store.write(1, rows=0)
    assert store.publish() == "0-2* 2-4 4-6"


def test_other_models_are_published_whole(store: Store) -> None:
    store.facts = Facts(START, [START], {"models": "other"})
    assert store.publish() == WHOLE


def test_a_part_that_is_gone_leads_to_a_whole_publication(store: Store) -> None:
    next((store.current / "parquet" / "events").iterdir()).unlink()
    assert store.publish() == WHOLE


def test_without_the_publication_before_the_next_is_whole(store: Store) -> None:
    for path in (store.current / "manifest.json", *(store.current / "parquet" / "events").iterdir()):
        path.unlink()
    assert store.publish() == WHOLE


def test_parts_of_another_warehouse_are_not_shared(store: Store) -> None:
    """Another warehouse has published here, up to the same step, and no other publication is left."""
    store.con.execute("update control.published set publication_id = 'other'")
    assert store.publish() == WHOLE


def test_an_earlier_publication_that_is_shown_again_changes_nothing(store: Store) -> None:
    store.write(6)
    store.publish()
    fresh = store.published / "new"
    fresh.symlink_to(publications(store.published)[0])
    fresh.replace(store.published / "current")
    assert store.publish() == "0-2 2-4 4-7"


def test_what_a_failed_publication_should_have_shown_is_in_the_next(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.write(2, rows=1)
    for module, place in ((publish, "_write_manifest"), (publish, "_lead"), (control, "note_published")):
        with monkeypatch.context() as patched:
            patched.setattr(module, place, fail)
            with pytest.raises(OSError, match="no more"):
                publish_marts(store.con, store.published, store.facts)
    store.write(5, rows=1)
    assert store.publish() == "0-2 2-4* 4-6*"


def test_a_file_system_without_hard_links_gets_copies(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", fail)
    store.write(6)
    assert store.publish() == "0-2* 2-4* 4-7*"


@pytest.mark.parametrize("name", ["it's", "[a] *place", "day=1/b"])
def test_a_folder_may_have_any_name(name: str, tmp_path: Path) -> None:
    store = opened_store(tmp_path / name)
    store.write(0)
    assert store.publish() == "0-1*"


def fail(*_: object) -> None:
    raise OSError("no more")
