"""Every folder beside this file is an example that runs, in one go and hour by hour; and the comparison itself is tested."""

import shutil
from pathlib import Path

import pytest

from meterhouse.runner import MeterhouseError
from meterhouse.scenario import Difference, Scenario, find_scenarios, run_scenario
from meterhouse.verify import Verification, verify
from tests.conftest import NIGHTLY

HERE = Path(__file__).parent


def metrics_of(folder: Path) -> list[str]:
    """What dbt has to parse for a scenario: nothing, if it is that of the scenario before."""
    return [f"{path.name} {path.read_text()}" for path in sorted((folder / "metrics").glob("*.sql"))]


FOLDERS = sorted(find_scenarios([HERE]), key=metrics_of)
# Hour by hour costs a step an hour: by day those in which the clock matters most, by night all of them.
CLOCK_MATTERS = {"credit_ledger", "half_hour_zone", "late_usage_is_left_out", "split_line"}
WRONG = "shows_where_it_differs"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_scenario(folder: Path, desk: Path) -> None:
    example = Scenario.load(folder)
    assert_as_expected(run_scenario(example, desk))
    assert_verified(verify(example.workspace(desk), drafts=True))


@pytest.mark.parametrize("folder", [f for f in FOLDERS if NIGHTLY or f.name in CLOCK_MATTERS], ids=lambda folder: folder.name)
def test_scenario_hour_by_hour(folder: Path, desk: Path) -> None:
    example = Scenario.load(folder)
    assert_as_expected(run_scenario(example, desk, hourly=True))
    assert_verified(verify(example.workspace(desk), drafts=True))


def test_hour_by_hour_names_folders_that_are_there() -> None:
    assert {folder.name for folder in FOLDERS} >= CLOCK_MATTERS


def assert_verified(found: Verification) -> None:
    """The auditor, from the event files, agrees on every invoice."""
    assert found.verdicts
    assert not [(one.invoice_id, one.differences[:5], one.events[:5], one.not_verified) for one in found.verdicts if not one.agrees]


def assert_as_expected(differences: list[Difference]) -> None:
    assert not differences, "\n" + "\n".join(
        line
        for difference in differences
        for line in (
            f"{difference.mart}: {', '.join(difference.columns)}",
            *(f"  missing    {', '.join(map(str, row))}" for row in difference.missing),
            *(f"  unexpected {', '.join(map(str, row))}" for row in difference.unexpected),
        )
    )


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """Return a scenario to be spoiled."""
    folder = tmp_path / WRONG
    shutil.copytree(HERE / "split_line", folder)
    return folder


def test_a_wrong_expectation_is_reported_row_by_row(wrong: Path, desk: Path) -> None:
    (wrong / "expected" / "invoices.csv").write_text("customer_id,total\nacme,6.01\nnobody,\n")
    (wrong / "expected" / "usage_hourly.csv").write_text("product_id,metric\nwidgets,units\nwidgets,units\n")

    found = {difference.mart: difference for difference in run_scenario(Scenario.load(wrong), desk)}

    assert set(found) == {"invoices"}
    assert [tuple(map(str, row)) for row in found["invoices"].missing] == [("acme", "6.01"), ("nobody", "None")]
    assert [tuple(map(str, row)) for row in found["invoices"].unexpected] == [("acme", "6")]


def test_numbers_instants_and_json_compare_by_value(wrong: Path, desk: Path) -> None:
    (wrong / "expected" / "invoices.csv").write_text("total,period_start_at,due_on\n6.00,2026-01-01T01:00:00+01:00,2026-02-02\n")
    (wrong / "expected" / "line_items_hourly.csv").unlink()

    assert_as_expected(run_scenario(Scenario.load(wrong), desk))


WRONG_SCENARIOS = {
    "unknown key": (
        "scenario.yml",
        "description: x\nas_of: 2026-02-03T00:00:00Z\nasof: 1\n",
        "scenario.yml: unknown key asof; it needs description and as_of, and may have source and where",
    ),
    "no clock": (
        "scenario.yml",
        "description: x\n",
        "scenario.yml: found description; it needs description and as_of, and may have source and where",
    ),
    "nothing in it": (
        "scenario.yml",
        "",
        "scenario.yml: found nothing; it needs description and as_of, and may have source and where",
    ),
    "a clock that is none": (
        "scenario.yml",
        "description: x\nas_of: tomorrow\n",
        'scenario.yml: as_of "tomorrow" is no instant; write it like 2026-02-01T00:00:00Z',
    ),
    "a list": (
        "scenario.yml",
        "- description\n",
        "scenario.yml: is no YAML mapping; it needs description and as_of, and may have source and where",
    ),
    "unknown column": (
        "expected/invoices.csv",
        "invoice_id,totl\nx,1\n",
        "expected/invoices.csv:1: invoices has no column totl; it has invoice_id, customer_id,",
    ),
    "unknown mart": (
        "expected/bills.csv",
        "invoice_id\n",
        "expected/bills.csv: there is no mart bills; there are ",
    ),
    "short row": (
        "expected/invoices.csv",
        "invoice_id,total\nx\n",
        "expected/invoices.csv:2: has 1 values, the header has 2",
    ),
    "empty expectation": (
        "expected/invoices.csv",
        "",
        "expected/invoices.csv: is empty; its first line names columns of invoices",
    ),
    "where of a mart without expectation": (
        "scenario.yml",
        "description: x\nas_of: 2026-02-03T00:00:00Z\nwhere: {invoces: total > 1}\n",
        "scenario.yml: where names invoces, but there is no expected/invoces.csv",
    ),
}


@pytest.mark.parametrize("file, text, message", WRONG_SCENARIOS.values(), ids=WRONG_SCENARIOS)
def test_a_faulty_scenario_says_what_would_be_right(file: str, text: str, message: str, wrong: Path, desk: Path) -> None:
    (wrong / file).write_text(text)

    with pytest.raises(MeterhouseError) as raised:
        run_scenario(Scenario.load(wrong), desk)

    assert str(raised.value).removeprefix(f"{wrong}/").startswith(message)


def test_a_folder_without_scenario_is_none(tmp_path: Path) -> None:
    with pytest.raises(MeterhouseError, match=r"is no scenario: it has no scenario\.yml"):
        Scenario.load(tmp_path)
