"""The auditor's prices, case by case (tests/rating/cases.py)."""

from decimal import Decimal
from pathlib import Path

import pytest

from meterhouse.auditor import Catalogue, UsageHour, rate_usage, read_catalogue, unbilled_usage
from tests.rating.cases import BEFORE, CASES, END, HOUR, PRESENTATION, PRICING, START, Case, catalogue_of
from tests.rating.tables import write_tables


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    folder = tmp_path_factory.mktemp("catalogue")
    write_tables(folder, catalogue_of(CASES))
    return read_catalogue(folder)


def hour_of(case: Case) -> UsageHour:
    return UsageHour(case.id, "tokens", START, END, HOUR, PRICING, PRESENTATION, case.after - case.before, case.after)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_an_hour_is_rated_as_the_table_says(case: Case, catalogue: Catalogue) -> None:
    rows = rate_usage(catalogue, [hour_of(case)])

    assert sorted((row.charge, row.tier or 0, row.unit_price, row.quantity) for row in rows) == sorted(
        (charge, tier or 0, price, quantity) for charge, tier, price, quantity in case.rows
    )
    assert sum((row.amount for row in rows), Decimal(0)) == case.amount
    assert {(row.override_id, row.price_reason) for row in rows} <= {(case.override_id, case.price_reason)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_an_hour_without_a_price_is_named(case: Case, catalogue: Catalogue) -> None:
    reasons = [hour.reason for hour in unbilled_usage(catalogue, [hour_of(case)])]

    assert reasons == ([case.why] if case.why in ("no_rate", "not_entitled") else [])


def test_the_table_is_long_enough() -> None:
    assert len(CASES) >= 40
    assert len({case.title for case in CASES}) == len(CASES)
    assert BEFORE < HOUR


def test_a_file_that_is_missing_is_an_empty_table(tmp_path: Path) -> None:
    assert read_catalogue(tmp_path) == Catalogue()
