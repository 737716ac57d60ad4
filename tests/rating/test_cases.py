"""The table of rating cases through the marts: all cases in one build, each a contract of its own."""

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from meterhouse.auditor import Measurement, compare, rate_usage, read_catalogue, usage_hours
from tests.rating.cases import BEFORE, CASES, HOUR, PRESENTATION, PRICING, Case, catalogue_of
from tests.rating.tables import csv_text
from tests.worlds import World, event, instant

CLOCK = "2026-01-25T00:00:00Z"
METRIC = "select sum(properties.tokens) as value, properties.region as region, properties.user as user from events"
HOURLY = """
    select invoice_id, contract_id, product_id, hour_start_at, pricing_group_values, presentation_group_values,
        charge, tier, unit_price, quantity, amount, rate_id, override_id, price_reason
    from line_items_hourly
"""


@pytest.fixture(scope="module")
def built(desk: Path) -> World:
    world = World(desk)
    world.clear()
    for name in ("tokens", "others"):
        world.metric(name, f"{METRIC} where event_type = '{name}' group by properties.region, properties.user")
    world.catalog(**{name: csv_text(rows) for name, rows in catalogue_of(CASES).items() if rows})
    world.events("all.ndjson", [sent for case in CASES for sent in events_of(case)])
    world.build(CLOCK)
    return world


def events_of(case: Case) -> list[tuple[str, ...]]:
    used = ((BEFORE, case.before), (HOUR, case.after - case.before))
    return [
        event(f"{case.id}-{n}", at.isoformat(), {"tokens": str(q), "region": "eu", "user": "ann"}, "", case.id, "tokens")
        for n, (at, q) in enumerate(used)
        if q
    ]


def hourly(world: World) -> list[dict[str, object]]:
    with world.publication() as con:
        found = con.execute(HOURLY)
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def test_the_marts_bill_an_hour_as_the_table_says(built: World) -> None:
    found: dict[str, Counter[tuple[object, ...]]] = {case.id: Counter() for case in CASES}
    for row in hourly(built):
        if row["hour_start_at"] == HOUR:
            found[str(row["contract_id"])][tuple(row[name] for name in ("charge", "tier", "unit_price", "quantity"))] += 1

    wrong = [f"{case.title}: {dict(found[case.id])}, not {case.rows}" for case in CASES if found[case.id] != Counter(case.rows)]
    assert not wrong, "\n".join(wrong)


def test_the_marts_say_why(built: World) -> None:
    found = {(row["contract_id"], row["override_id"], row["price_reason"]) for row in hourly(built) if row["hour_start_at"] == HOUR}

    assert found == {(case.id, case.override_id, case.price_reason) for case in CASES if case.rows}


def test_usage_without_a_price_is_reported(built: World) -> None:
    reported = set(built.rows("select customer_id, reason from unbilled_events where timestamp = '2026-01-20'"))

    assert reported == {(case.id, case.why) for case in CASES if case.why in ("no_rate", "not_entitled")}


def test_the_auditor_agrees(built: World) -> None:
    catalogue = read_catalogue(built.folder / "catalog")
    group_values = {"region": "eu", "user": "ann"}
    used = [
        Measurement(case.id, "tokens", at, group_values, quantity)
        for case in CASES
        for at, quantity in ((BEFORE, case.before), (HOUR, case.after - case.before))
    ]
    usage = usage_hours(catalogue, used, instant(CLOCK))

    assert not compare(rate_usage(catalogue, usage), hourly(built))
    assert {(hour.pricing_group_values, hour.presentation_group_values) for hour in usage} == {(PRICING, PRESENTATION)}


def test_hours_add_up_to_lines(built: World) -> None:
    """A volume tier that was left has given everything back: it has hours, and no line."""
    lines = built.rows("select line_item_id, amount from invoice_line_items where type = 'usage'")
    sums: dict[str, Decimal] = {}
    for line_item_id, amount in built.rows("select line_item_id, amount from line_items_hourly"):
        sums[line_item_id] = sums.get(line_item_id, Decimal(0)) + amount

    assert {line: amount for line, amount in sums.items() if amount} == {line: amount for line, amount in lines if amount}
