"""What a step wrote is what the next publication writes: after each of many steps the publication holds the warehouse's rows."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from meterhouse.runner import control, parts
from meterhouse.runner.publish import Facts, mart_names, publish_marts, read_manifest
from meterhouse.runner.workspace import PROJECT_FOLDER, Workspace
from meterhouse.scenario import Scenario, run_scenario
from tests.conftest import NIGHTLY
from tests.runner.shop import CATALOGUE, UNITS
from tests.worlds import Marts, World, event, without_gates

# amended events; voids with and without draws, invoices made anew, usage that is billed later
SCENARIOS = ("amended_events", "void_and_regenerate")
MORE_SCENARIOS = ("late_usage_on_the_next_invoice", "unrated_usage_is_reported", "balance_order", "metric_swap", "recurring_commits")
START = datetime(2026, 1, 1, tzinfo=UTC)


class Publisher:
    """Publishes after each step, and compares; counts parts that a publication shares with the one before."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.shared: Counter[str] = Counter()
        self.written: Counter[str] = Counter()
        self.finish = control.finish_step

    def finish_step(self, con: duckdb.DuckDBPyConnection, step_id: int) -> None:
        self.finish(con, step_id)
        control.pass_steps(con)
        publish_marts(con, self.workspace.published, Facts(START, [START], {}))
        self.compare(con)

    def compare(self, con: duckdb.DuckDBPyConnection) -> None:
        expected = rows_of(con)
        with duckdb.connect(str(self.workspace.publication), read_only=True) as published:
            published.execute("set TimeZone = 'UTC'")
            found = rows_of(published)
        wrong = {name: (rows - found[name], found[name] - rows) for name, rows in expected.items() if rows != found[name]}
        assert not wrong
        folder = (self.workspace.published / "current").resolve()
        for table, told in (read_manifest(folder) or {})["parts"].items():
            for part in told:
                is_shared = (folder / "parquet" / table / part["file"]).stat().st_nlink > 1
                (self.shared if is_shared else self.written)[table] += 1


def rows_of(con: duckdb.DuckDBPyConnection) -> Marts:
    return {name: Counter(con.execute(f"select * from marts.{name}").fetchall()) for name in mart_names(con)}


@pytest.fixture
def publisher(world: World, monkeypatch: pytest.MonkeyPatch) -> Publisher:
    """Publish after each step of the next build on the desk, in parts of few rows."""
    publisher = Publisher(world.workspace)
    monkeypatch.setattr(parts, "ROWS_PER_PART", 2)
    monkeypatch.setattr(control, "finish_step", publisher.finish_step)
    return publisher


@pytest.mark.parametrize("name", (*SCENARIOS, *MORE_SCENARIOS) if NIGHTLY else SCENARIOS)
def test_every_step_of_a_scenario_is_published(name: str, publisher: Publisher, desk: Path) -> None:
    scenario = Scenario.load(PROJECT_FOLDER / "tests" / "scenarios" / name)
    with without_gates():  # the scenarios have tests of their own
        assert run_scenario(scenario, desk, hourly=NIGHTLY) == []
    assert publisher.shared["events"] > 0


@pytest.mark.parametrize("seed", range(40) if NIGHTLY else (1,))
def test_every_step_of_random_arrivals_is_published(seed: int, world: World, publisher: Publisher) -> None:
    dice = random.Random(seed)
    world.metric("units", UNITS)
    world.catalog(**CATALOGUE)
    rows = []
    for number in range(80):
        happened = START + timedelta(hours=dice.randrange(15 * 24), minutes=dice.randrange(60))
        arrived = happened + timedelta(hours=dice.choice([0, 0, 1, 5, 100]))
        rows.append(event(f"e{number}", f"{happened:%Y-%m-%dT%H:%M:%SZ}", {"units": dice.randrange(3)}, f"{arrived:%Y-%m-%dT%H:%M:%SZ}"))
    world.events("all.csv", rows)

    with without_gates():
        world.build("2026-01-20T00:00:00Z", stops=[START + timedelta(hours=hours) for hours in range(48, 19 * 24, 12 if NIGHTLY else 90)])

    assert all(publisher.shared[table] > publisher.written[table] for table in ("events", "usage_hourly", "line_items_hourly"))
