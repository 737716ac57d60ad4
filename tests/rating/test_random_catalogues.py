"""
The marts and the auditor agree on random catalogues, row by row.

One build serves about a hundred contracts (tests/rating/random_catalogues.py); the auditor reads the same CSV files and the
same numbers, and shares nothing else with the models.
"""

import pytest

from meterhouse.auditor import Catalogue, UsageHour, compare, rate_composites, rate_subscriptions, rate_usage, read_catalogue, usage_hours
from tests.conftest import NIGHTLY
from tests.rating.random_catalogues import LAST, METRICS, RandomWorld, random_world
from tests.rating.tables import csv_text
from tests.worlds import World

SEEDS = range(1, 61 if NIGHTLY else 3)
CONTRACTS = 100
SHOWN = 20

USAGE_KEYS = (
    "contract_id",
    "product_id",
    "period_start_at",
    "period_end_at",
    "hour_start_at",
    "pricing_group_values",
    "presentation_group_values",
)
LINE_KEYS = (
    "invoice_id",
    "product_id",
    "hour_start_at",
    "pricing_group_values",
    "presentation_group_values",
    "charge",
    "tier",
    "unit_price",
    "pricing_unit",
    "rate_id",
    "override_id",
    "price_reason",
)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_auditor_agrees_on_a_random_catalogue(seed: int, world: World) -> None:
    drawn = random_world(seed, CONTRACTS)
    lay(world, drawn)

    world.build(f"{LAST:%Y-%m-%dT%H:%M:%SZ}")

    catalogue = read_catalogue(world.folder / "catalog")
    usage = usage_hours(catalogue, drawn.measurements, LAST)
    wrong = usage_differences(world, usage) or line_differences(world, catalogue, usage)
    assert not wrong, f"seed {seed}: {len(wrong)} differences\n" + "\n".join(wrong[:SHOWN])
    assert len(usage) > 10 * CONTRACTS, "a world without usage proves nothing"


def lay(world: World, drawn: RandomWorld) -> None:
    for name, query in METRICS.items():
        world.metric(name, query)
    world.catalog(**{name: csv_text(rows) for name, rows in drawn.tables.items()})
    world.events("all.ndjson", drawn.events)


def usage_differences(world: World, usage: list[UsageHour]) -> list[str]:
    measures = ("quantity", "cumulative_quantity")
    return compare(usage, table(world, "usage_hourly", (*USAGE_KEYS, *measures)), USAGE_KEYS, measures)


def line_differences(world: World, catalogue: Catalogue, usage: list[UsageHour]) -> list[str]:
    measures = ("quantity", "amount")
    rows = [*rate_usage(catalogue, usage), *rate_subscriptions(catalogue, LAST)]
    rows += rate_composites(catalogue, rows, LAST)
    return compare(rows, table(world, "line_items_hourly", (*LINE_KEYS, *measures)), LINE_KEYS, measures)


def table(world: World, name: str, columns: tuple[str, ...]) -> list[dict[str, object]]:
    """The columns of a mart, a mapping per row."""
    return [dict(zip(columns, row, strict=True)) for row in world.rows(f"select {', '.join(columns)} from {name}")]
