"""Readers who query the publication all through many runs: no error, and every answer comes from one publication."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from meterhouse.runner.workspace import PROJECT_FOLDER
from tests.conftest import NIGHTLY
from tests.runner.shop import open_shop
from tests.worlds import World, event, without_gates

RUNS = 60 if NIGHTLY else 20
START = datetime(2026, 1, 10, tzinfo=UTC)
# run n takes in n units: these are events, units, and units on the invoices' lines of each publication
ANSWERS = [[number, number * (number + 1) // 2, number * (number + 1) // 2] for number in range(1, RUNS + 1)]


def run_with_more(shop: World, number: int) -> None:
    at = START + timedelta(hours=number)
    shop.events(f"{number}.csv", [event(f"e{number}", f"{at:%Y-%m-%dT%H:%M:%SZ}", {"units": number})])
    with without_gates():
        shop.build(f"{at + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}")


def test_two_readers_see_whole_publications_through_many_runs(world: World) -> None:
    open_shop(world)
    (world.folder / "events" / "first.csv").unlink()
    run_with_more(world, 1)
    readers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.runner.reading", kind, str(world.workspace.published)],
            cwd=PROJECT_FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for kind in ("duckdb", "parquet")
    ]  # fmt: skip
    for reader in readers:
        assert reader.stdout and reader.stdout.readline() == "ready\n"

    for number in range(2, RUNS + 1):
        run_with_more(world, number)

    for reader in readers:
        seen: dict[str, Any] = json.loads(reader.communicate("enough")[0])
        assert seen["errors"] == []
        answers = [found for found, _ in seen["answers"]]
        assert [found for found in answers if found not in ANSWERS] == []
        assert answers == sorted(answers), "an answer was older than the one before"
        assert len(answers) > RUNS // 2, "the readers were too slow to see the runs"
