"""`meterhouse backtest`: what another catalogue or metric would have billed, and nothing that is there is touched (promise P7)."""

import hashlib
import json
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from meterhouse.backtest import Backtest, backtest
from meterhouse.backtest_report import print_backtest
from meterhouse.cli import app
from meterhouse.publication import Fields
from meterhouse.runner import MeterhouseError
from tests.conftest import NIGHTLY
from tests.runner.shop import CATALOGUE
from tests.worlds import World, instant

RATES = CATALOGUE["rates"]


def state(folder: Path) -> dict[str, str]:
    """Every file of a workspace and what it holds."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


def other(folder: Path, **files: str) -> Path:
    """A folder with files that change: `catalog__rates` is catalog/rates.csv."""
    for name, text in files.items():
        place, _, stem = name.partition("__")
        path = folder / place / f"{stem}.{'csv' if place == 'catalog' else 'sql'}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")
    return folder


def places(world: World) -> list[str]:
    """The options that name a workspace."""
    found = {"metrics": "metrics", "catalog": "catalog", "events": "events", "warehouse": "warehouse.duckdb"}
    return [word for name, place in found.items() for word in (f"--{name}", str(world.folder / place))]


def test_a_dearer_rate_and_another_metric(january: World, tmp_path: Path) -> None:
    # January: 3 + 5 units at 1, of which a credit pays 4; the largest of them, 5, at 3 is 15. February is out of the range
    against = other(
        tmp_path / "next",
        catalog__rates=RATES.replace("flat,1", "flat,3"),
        metrics__units="select max(properties.units) as value from events where event_type = 'use'",
    )
    before = state(january.folder)

    options = ["--against", str(against), "--to", "2026-02-01T00:00:00Z", "--format", "json", *places(january)]
    printed = CliRunner().invoke(app, ["backtest", *options])

    assert printed.exit_code == 0, printed.output
    assert state(january.folder) == before
    assert json.loads(printed.stdout) == {
        "clock": "2026-02-03T00:00:00Z",
        "products": [{"customer_id": "acme", "product_id": "widgets", "unit": "usd", "now": "8", "against": "15", "difference": "7"}],
        "invoices": [
            {
                "invoice_id": "k1/usage/2026-01-01",
                "customer_id": "acme",
                "currency": "usd",
                "now": "4",
                "against": "11",
                "difference": "7",
            }
        ],
        "totals": [{"currency": "usd", "now": "4", "against": "11", "difference": "7"}],
    }


@pytest.mark.skipif(not NIGHTLY, reason="two builds from nothing; set METERHOUSE_PROFILE=nightly")
def test_the_same_catalogue_is_no_difference(january: World, tmp_path: Path) -> None:
    found = backtest(january.workspace, other(tmp_path / "next", catalog__rates=RATES))

    assert not found.differs
    assert [row["now"] for row in found.invoices] == [row["against"] for row in found.invoices] == [2, 4]


def test_the_page_names_what_differs_in_money_and_percent(capsys: pytest.CaptureFixture[str]) -> None:
    def row(now: int, against: int, **keys: str) -> Fields:
        return {**keys, "now": Decimal(now), "against": Decimal(against), "difference": Decimal(against - now)}

    found = Backtest(
        instant("2026-02-03T00:00:00Z"),
        (row(1200, 1500, customer_id="acme", product_id="calls", unit="usd"), row(7, 7, customer_id="b", product_id="x", unit="eur")),
        (
            row(0, 90, invoice_id="k1/1", customer_id="acme", currency="usd"),
            row(50, 40, invoice_id="k1/2", customer_id="b", currency="usd"),
        ),
        (row(50, 130, currency="usd"),),
    )

    print_backtest(found, top=1)

    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "acme calls 1,200.00 USD 1,500.00 USD 300.00 USD +25.0 %" in lines
    assert "k1/1 0.00 USD 90.00 USD 90.00 USD new" in lines
    assert "1 of 2 invoices; --top 0 shows all" in lines
    assert "USD 50.00 USD 130.00 USD 80.00 USD +160.0 %" in lines
    assert "up to 2026-02-03 00:00 UTC: 1 products of customers and 2 of 2 invoices differ" in lines


def test_mistakes_name_the_files_of_the_other_side(january: World, tmp_path: Path) -> None:
    cases = {
        "a rate of no product": (
            other(tmp_path / "a", catalog__rates=RATES.replace("widgets", "gadgets")),
            r"a/catalog/rates\.csv:2: product_id \"gadgets\"",
        ),
        "a metric that is none": (other(tmp_path / "b", metrics__units="select 1"), r"b/metrics/units\.sql:1"),
        "an empty folder": (other(tmp_path / "c", catalog__x="").parent / "c" / "catalog", r"holds x\.csv, and neither metrics/ nor"),
        "no folder": (tmp_path / "d", r"d: no such folder"),
    }
    for title, (against, message) in cases.items():
        with pytest.raises(MeterhouseError, match=message):
            print(title)
            backtest(january.workspace, against)


def test_without_a_publication_there_is_nothing_to_compare(world: World, tmp_path: Path) -> None:
    with pytest.raises(MeterhouseError, match="nothing is published yet"):
        backtest(world.workspace, other(tmp_path / "next", catalog__rates=RATES))
