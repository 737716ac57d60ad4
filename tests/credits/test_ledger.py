"""The balance at an instant is the sum of the ledger's entries up to it, by the query that the guide shows."""

import re
import shutil
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from meterhouse.runner.errors import GatesFailed
from meterhouse.scenario import Scenario, run_scenario

TESTS = Path(__file__).parents[1]
GUIDE = (TESTS.parent / "docs" / "contracts.md").read_text()
(QUERY,) = re.findall(r"```sql\n(.*?marts\.balance_ledger.*?)```", GUIDE, re.DOTALL)
SHOWN_INSTANT = "2026-04-01 00:00:00+00"

# segments of tests/scenarios/balance_corrected_by_hand; None: not begun
BALANCES = {
    #                          year_1   half_1   bonus/2026-02-01
    "2025-12-31 23:59:59+00": (None, None, None),
    "2026-01-01 00:00:00+00": (100, 100, None),
    "2026-01-10 12:29:59+00": (100, 100, None),
    "2026-01-10 12:30:00+00": (60, 100, None),
    "2026-02-01 00:00:00+00": (0, 40, 15),
    "2026-02-02 06:00:00+00": (25, 40, 15),
    "2026-02-20 00:00:00+00": (25, -40, 15),
    "2026-03-01 00:00:00+00": (25, -40, 0),
    "2026-03-05 00:00:00+00": (0, -40, 0),
    "2026-03-06 00:00:00+00": (0, -40, 0),
}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    desk = tmp_path_factory.mktemp("ledger")
    scenario = Scenario.load(TESTS / "scenarios" / "balance_corrected_by_hand")
    assert not run_scenario(scenario, desk)
    return scenario.workspace(desk).publication


def test_the_entries_up_to_an_instant_are_the_balance_at_it(published: Path) -> None:
    with duckdb.connect(str(published), read_only=True) as con:
        for at, (year, half, bonus) in BALANCES.items():
            found: dict[str, Decimal] = dict(con.execute(QUERY.replace(SHOWN_INSTANT, at)).fetchall())
            assert (found.get("year_1"), found.get("half_1"), found.get("bonus/2026-02-01")) == (year, half, bonus), at


def test_all_entries_together_are_what_remains(published: Path) -> None:
    with duckdb.connect(str(published), read_only=True) as con:
        summed = con.execute("select segment_id, sum(amount) from marts.balance_ledger group by 1 order by 1").fetchall()
        remaining = con.execute("select segment_id, remaining from marts.balances order by 1").fetchall()
    assert summed == remaining


@pytest.mark.parametrize(
    "entry",
    [
        "lost,bonus/2026-02-03,5,a day on which nothing is granted,",
        "early,bonus/2026-03-01,5,before the grant begins,2026-02-28T23:00:00Z",
    ],
    ids=["no grant", "outside the grant"],
)
def test_a_correction_that_meets_nothing_stops_the_run(entry: str, tmp_path: Path, desk: Path) -> None:
    folder = tmp_path / "balance_corrected_by_hand"
    shutil.copytree(TESTS / "scenarios" / "balance_corrected_by_hand", folder)
    with (folder / "catalog" / "ledger_entries.csv").open("a") as file:
        file.write(entry + "\n")
    with pytest.raises(GatesFailed, match="assert_manual_entries_meet_their_segment"):
        run_scenario(Scenario.load(folder), desk)
