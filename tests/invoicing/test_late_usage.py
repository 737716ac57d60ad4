"""Late arrivals by chance, over every rate type: the marts bill what the auditor bills."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from meterhouse.auditor import Arrival, Measurement, compare, late_usage_lines, read_catalogue
from tests.worlds import World, event

START, AS_OF = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 29, tzinfo=UTC)
CARDS = ("flat", "tiered", "volume", "package", "percentage")
CONTRACTS = range(20)
CATALOGUE = {
    "customers": "customer_id\n" + "\n".join(f"u{n}" for n in CONTRACTS),
    "products": "product_id,name,type,metric\nwidgets,Widgets,usage,units",
    "rate_cards": "rate_card_id,currency\n" + "\n".join(f"{card},usd" for card in CARDS),
    "rates": """
        rate_id,rate_card_id,product_id,starting_at,rate_type,unit_price,package_size
        flat,flat,widgets,2026-01-01,flat,1.5,
        dearer,flat,widgets,2026-01-05,flat,2.25,
        tiered,tiered,widgets,2026-01-01,tiered,,
        volume,volume,widgets,2026-01-01,volume,,
        package,package,widgets,2026-01-01,package,4,5
        percentage,percentage,widgets,2026-01-01,percentage,0.05,
    """,
    "rate_tiers": """
        rate_id,tier,up_to,unit_price,flat_fee
        tiered,1,10,0.5,3
        tiered,2,,2,7
        volume,1,10,3,
        volume,2,,2,
    """,
    "contracts": "contract_id,customer_id,rate_card_id,starting_at,billing_frequency,billing_anchor,grace_period_hours,late_usage\n"
    + "\n".join(f"k{n},u{n},{CARDS[n % 5]},2026-01-01,weekly,contract_start,{n % 2 * 48},next_invoice" for n in CONTRACTS),
}
KEYS = ("invoice_id", "period_start_at", "product_id", "tier", "unit_price")


def arrivals(chance: random.Random) -> list[Arrival]:
    """Whole hours late by up to 20 days; corrections below zero among them."""
    found = []
    for number in CONTRACTS:
        for _ in range(chance.randint(4, 9)):
            at = START + timedelta(hours=chance.randrange(26 * 24))
            arrived = at + timedelta(hours=chance.choice((0, 0, chance.randrange(20 * 24))))
            found.append(Arrival(Measurement(f"u{number}", "units", at, {}, Decimal(chance.randint(-4, 12))), arrived))
    return [arrival for arrival in found if arrival.arrived_at < AS_OF]


def test_late_lines_are_those_of_the_auditor(world: World) -> None:
    sent = arrivals(random.Random(5))
    world.metric("units", "-- Units.\nselect sum(properties.units) as value from events")
    world.catalog(**CATALOGUE)
    world.events(
        "events.csv",
        [
            event(
                f"e{number}",
                f"{arrival.measurement.at:%Y-%m-%dT%H:%M:%SZ}",
                {"units": int(arrival.measurement.quantity)},
                f"{arrival.arrived_at:%Y-%m-%dT%H:%M:%SZ}",
                customer_id=arrival.measurement.customer_id,
            )
            for number, arrival in enumerate(sent)
        ],
    )
    world.build(f"{AS_OF:%Y-%m-%dT%H:%M:%SZ}")

    lines = late_usage_lines(read_catalogue(world.workspace.catalog), sent, AS_OF)

    columns = (*KEYS, "quantity", "amount")
    found = world.rows(
        "select invoice_id, starting_at, product_id, tier, unit_price, quantity, amount from invoice_line_items where type = 'late_usage'"
    )
    assert compare(lines, [dict(zip(columns, row, strict=True)) for row in found], KEYS) == []
    assert len({line.invoice_id.split("/")[0] for line in lines}) > 10
