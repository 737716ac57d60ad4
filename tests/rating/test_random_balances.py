"""
The marts and the auditor agree on who pays for what, line by line, on random catalogues with random balances.

Lines that no rule of drawing order tells apart are drawn in the order of their ids; these the auditor takes from the models.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from meterhouse.auditor import (
    Catalogue,
    DrawnLine,
    HourDraw,
    compare,
    draw_down,
    rate_composites,
    rate_subscriptions,
    rate_usage,
    read_catalogue,
    topups,
    true_up_invoices,
    usage_hours,
    usage_invoices,
    with_grants,
)
from meterhouse.auditor.grants import corrections
from meterhouse.auditor.lines import Line, LineKey
from tests.conftest import NIGHTLY
from tests.rating.random_balances import add_balances
from tests.rating.random_catalogues import LAST, random_world
from tests.rating.random_grants import add_grants
from tests.rating.test_random_catalogues import lay, table
from tests.worlds import World

SEEDS = range(101, 131 if NIGHTLY else 102)
CONTRACTS = 100
SHOWN = 20

LINE = (
    "invoice_id",
    "product_id",
    "pricing_group_values",
    "presentation_group_values",
    "tier",
    "unit_price",
    "starting_at",
    "ending_before",
    "segment_id",
)
PLACE = ("invoice_id", "product_id", "pricing_group_values", "presentation_group_values", "charge", "tier", "unit_price")
DRAWING = ("usage", "subscription", "composite")
TOPUP = ("threshold_id", "crossed_at")
HELD = ("segment_id", "starting_at", "ending_before")
SUMS = ("subtotal", "credits_applied", "total", "amount_due")
MEASURES = ("quantity", "amount")


@dataclass(frozen=True)
class Part:
    """What a balance covers of a line, or what none does (no segment)."""

    invoice_id: str
    product_id: str
    pricing_group_values: str
    presentation_group_values: str
    tier: int | None
    unit_price: Decimal
    starting_at: datetime
    ending_before: datetime
    segment_id: str | None
    quantity: Decimal
    amount: Decimal


@dataclass(frozen=True)
class Held:
    """A balance before it is drawn."""

    segment_id: str
    starting_at: datetime
    ending_before: datetime
    granted: Decimal
    adjusted: Decimal


@pytest.mark.parametrize("seed", SEEDS)
def test_the_auditor_agrees_on_random_balances(seed: int, world: World) -> None:
    drawn_world = random_world(seed, CONTRACTS)
    add_balances(drawn_world, seed)
    add_grants(drawn_world, seed)
    lay(world, drawn_world)

    world.build(f"{LAST:%Y-%m-%dT%H:%M:%SZ}")

    catalogue = read_catalogue(world.folder / "catalog")
    rows = [*rate_usage(catalogue, usage_hours(catalogue, drawn_world.measurements, LAST)), *rate_subscriptions(catalogue, LAST)]
    rows += rate_composites(catalogue, rows, LAST)
    ids = line_keys(world, [drawn.line for drawn in draw_down(catalogue, rows, LAST)])
    drawn = draw_down(catalogue, rows, LAST, lambda line: ids.get(line.key, ""))
    theirs = [row for row in table(world, "invoice_line_items", (*LINE, *MEASURES, "type")) if row["type"] in DRAWING]
    invoices = [row for row in table(world, "invoices", ("invoice_id", "type", *SUMS)) if row["type"] in ("usage", "true_up")]
    wrong = compare(parts(drawn), theirs, LINE, MEASURES)
    taken: dict[str, Decimal] = defaultdict(Decimal)
    for draw in (draw for line in drawn for draw in line.draws):
        taken[draw.segment_id] += draw.amount
    granting = with_grants(catalogue, LAST)
    billed = [*usage_invoices(granting, drawn, LAST), *true_up_invoices(granting, taken, LAST)]
    wrong += compare(billed, invoices, ("invoice_id",), SUMS)
    assert len(billed) == len(invoices)
    wrong += compare(held(catalogue), table(world, "balances", (*HELD, "granted", "adjusted")), HELD, ("granted", "adjusted"))
    draws = table(world, "credit_drawdowns", ("segment_id", "hour_start_at", "amount"))
    fallen = topups(catalogue, [HourDraw(**row) for row in draws], LAST)  # type: ignore[arg-type]
    wrong += compare(fallen, table(world, "balance_topups", (*TOPUP, "balance", "amount")), TOPUP, ("balance", "amount"))
    assert not wrong, f"seed {seed}: {len(wrong)} differences\n" + "\n".join(wrong[:SHOWN])
    assert sum(len(line.draws) for line in drawn) > CONTRACTS, "a world without draws proves nothing"
    assert len(fallen) > CONTRACTS // 5, "a world without top-ups proves nothing"
    granted = {draw.segment_id for line in drawn for draw in line.draws if "/" in draw.segment_id}
    assert len(granted) > CONTRACTS // 10, "a world whose grants are not drawn proves nothing"


def held(catalogue: Catalogue) -> Iterator[Held]:
    """Every segment, those of recurring commits among them, and what was added by hand."""
    granting = with_grants(catalogue, LAST)
    for segment in granting.commit_segments:
        end = segment.ending_before or datetime(9999, 1, 1, tzinfo=UTC)
        yield Held(segment.segment_id, segment.starting_at, end, segment.amount, corrections(granting, segment, LAST))


def parts(drawn: list[DrawnLine]) -> Iterator[Part]:
    for line in drawn:
        key = line.line.key
        place = (key.invoice_id, key.product_id, key.pricing_group_values, key.presentation_group_values, key.tier)
        window = (key.starting_at, key.ending_before)
        for draw in line.draws:
            yield Part(*place, draw.unit_price, *window, draw.segment_id, draw.quantity, draw.amount)
        yield Part(*place, key.unit_price, *window, None, line.rest_quantity, line.rest_amount)


def line_keys(world: World, lines: list[Line]) -> dict[LineKey, str]:
    """The ids of the auditor's lines: those of the models at the same place and window, step by step."""
    columns = (*PLACE, "line_start_at", "step_number", "line_key")
    with world.warehouse() as con:
        found = con.execute(f"select {', '.join(columns)} from credits.int_usage_lines order by step_number").fetchall()
    theirs: dict[tuple[Any, ...], list[str]] = defaultdict(list)
    for *place, _, line_key in found:
        theirs[tuple(place)].append(line_key)
    ours: dict[tuple[Any, ...], list[LineKey]] = defaultdict(list)
    for key in sorted((line.key for line in lines), key=lambda key: key.low or Decimal(0)):
        ours[(*(getattr(key, name) for name in PLACE), key.starting_at)].append(key)
    return {key: name for place, keys in ours.items() for key, name in zip(keys, theirs[place], strict=False)}
