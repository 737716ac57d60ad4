"""A run that is killed publishes nothing half, and the next one ends with the rows of an undisturbed run."""

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from itertools import count
from pathlib import Path

import duckdb
import pytest

from meterhouse.runner import control
from meterhouse.runner.publish import publications, read_manifest
from meterhouse.runner.workspace import PROJECT_FOLDER
from tests.conftest import NIGHTLY
from tests.runner.killing import Kill, killer
from tests.runner.reading import parquet_files
from tests.runner.shop import FINAL_CLOCK, SECOND, fresh_build
from tests.worlds import Marts, World, differences, instant

# What a step leaves behind at each of these points differs: events, usage, stored invoices, a step that counts.
POINTS = ["int_events", "usage_hourly", "line_items_hourly", "invoices", "invoice_line_items", "publish_marts", "finish_step", "pass_steps"]
UNDISTURBED: list[Marts] = []


@pytest.mark.skipif(not NIGHTLY, reason="random moments are enough for each change")
@pytest.mark.parametrize("point", POINTS)
def test_a_run_killed_at_a_point_loses_nothing(point: str, shop: World) -> None:
    shop.events("second.parquet", SECOND)
    published = shop.workspace.publication.read_bytes()

    died = subprocess.run(
        [sys.executable, "-m", "tests.runner.killed", str(shop.folder), FINAL_CLOCK, point],
        cwd=PROJECT_FOLDER, capture_output=True, text=True,
    )  # fmt: skip
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert shop.workspace.publication.read_bytes() == published

    shop.build(FINAL_CLOCK)
    assert differences(undisturbed(shop), shop.marts()) == []


def undisturbed(shop: World) -> Marts:
    """The rows of a run that nobody kills; the shop stays as it is."""
    if not UNDISTURBED:
        place = shop.folder.parent / "disturbed"
        shop.keep(place)
        UNDISTURBED.append(fresh_build(shop, FINAL_CLOCK))
        shop.restore(place)
    return UNDISTURBED[0]


# A round begins with the warehouse of a good run. One run is killed while it builds; the next ones, which have to undo that
# first, while they load the catalogue and take in events. Some rounds end with a whole run, all with what it begins with.
ROUNDS, RECOVERED = (80, 10) if NIGHTLY else (6, 2)
# a run says this, and is killed up to so many seconds later on a machine where an undisturbed build takes ten seconds
MOMENTS = {"build": ("step 1", 5.0), "start": ("compiling", 1.8), "publish": ("publishing", 0.25)}
KILLED_PUBLICATIONS = 80 if NIGHTLY else 34


def test_runs_killed_at_any_moment_lose_nothing(shop: World, tmp_path: Path) -> None:
    shop.events("second.parquet", SECOND)
    shop.keep(tmp_path / "before")
    published = shop.workspace.publication.read_bytes()
    stored = rows_that_stay(shop)
    began = time.monotonic()
    expected = fresh_build(shop, FINAL_CLOCK)
    pace = max(0.5, (time.monotonic() - began) / 10)
    seed = random.SystemRandom().randrange(10_000) if NIGHTLY else 1
    draw, kills = random.Random(seed), Counter[str]()

    with killer(shop) as kill:
        for number in range(ROUNDS):
            shop.restore(tmp_path / "before")
            for moment in ("build", "start", "start"):
                kills[moment] += killed_at(moment, kill, draw, pace)
            recovers = number % (ROUNDS // RECOVERED) == 0
            if recovers:
                assert kill(work="build", clock=FINAL_CLOCK, after="publishing", seconds=0) == "killed"
            if has_passed(shop):
                # the next run publishes what counts already
                shop.build(FINAL_CLOCK)
                assert differences(expected, shop.marts()) == [], (seed, number)
                shop.keep(tmp_path / "after")
            else:
                assert not recovers and rows_that_stay(shop) == stored, (seed, number)
                assert shop.workspace.publication.read_bytes() == published, (seed, number)
        shop.restore(tmp_path / "after")
        for _ in range(KILLED_PUBLICATIONS):
            kills["publish"] += killed_at("publish", kill, draw, pace)
            assert_publication_is_whole(shop, expected)
    assert kills.total() >= 50, kills

    shop.build(FINAL_CLOCK)
    assert differences(expected, shop.marts()) == []
    assert sorted(path.name for path in (shop.workspace.published / "history").iterdir()) == [
        path.name for path in publications(shop.workspace.published)
    ]


def killed_at(moment: str, kill: Kill, draw: random.Random, pace: float) -> int:
    """Kill one run at a random time after a moment; a run that is faster than the knife does not count. Returns 1."""
    after, most = MOMENTS[moment]
    work = "publish" if moment == "publish" else "build"
    for attempt in count():
        assert attempt < 20, f"no run lived until it was killed: {moment}"
        if kill(work=work, clock=FINAL_CLOCK, after=after, seconds=draw.uniform(0, most * pace / (1 + attempt))) == "killed":
            return 1
    raise AssertionError


def has_passed(world: World) -> bool:
    """Whether the steps of a killed run count: the knife came between its gates and its publication."""
    return control.last_clock_of(world.workspace.warehouse) == instant(FINAL_CLOCK)


def rows_that_stay(world: World) -> dict[str, Counter[tuple[object, ...]]]:
    """The rows that no run makes anew, as the next run finds them: events taken in and refused, invoices stored, steps."""
    with world.warehouse() as con:
        control.undo_unfinished_steps(con)
        tables = set(control.APPENDED_TABLES) & control.existing_tables(con)
        return {table: Counter(con.execute(f"select * from {table}").fetchall()) for table in sorted(tables)}


def assert_publication_is_whole(world: World, expected: Marts) -> None:
    """The DuckDB file holds the rows of the run, and as many are in the Parquet files of each mart and in the manifest."""
    assert differences(expected, world.marts()) == []
    manifest = read_manifest(world.workspace.published / "current")
    assert manifest is not None
    assert manifest["tables"] == {name: rows.total() for name, rows in expected.items()}
    for name, rows in expected.items():
        files = parquet_files(world.workspace.published / "parquet", name)
        assert duckdb.execute("select count(*) from read_parquet(?)", [files]).fetchall() == [(rows.total(),)]
