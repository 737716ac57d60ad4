"""Subscriptions and composites, case by case."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from meterhouse.auditor import Catalogue, RatedRow, UsageHour, rate_composites, rate_subscriptions, rate_usage
from meterhouse.auditor.tables import (
    Contract,
    Customer,
    Override,
    Product,
    Rate,
    RateCard,
    RateTier,
    Subscription,
    SubscriptionQuantity,
)

YEAR = datetime(2026, 1, 1, tzinfo=UTC)
CLOCK = datetime(2026, 3, 15, tzinfo=UTC)

# January has 744 hours, February 672. The price of a seat is 31 a month, from 1 February on 28.
CASES = """
# case                                  | subscription     | seats               | quantity x price @ date, usage invoice
in advance, each month                  | 1-1..            | 1-1:2               | 2 x 31 @1-1, 2 x 28 @2-1, 2 x 28 @3-1
an increase costs the hours that remain | 1-1..2-1         | 1-1:2 1-11:5        | 2 x 31 @1-1, 3 x 21 @1-11
an increase at the next collection      | 1-1..2-1 next    | 1-1:2 1-11:5        | 2 x 31 @1-1, 3 x 21 @2-1
an increase without proration           | 1-1..2-1 whole   | 1-1:2 1-11:5        | 2 x 31 @1-1, 3 x 31 @1-11
a decrease waits for the next period    | 1-1..3-1         | 1-1:5 1-11:2        | 5 x 31 @1-1, 2 x 28 @2-1
what is charged is not charged again    | 1-1..2-1         | 1-1:5 1-11:2 1-21:6 | 5 x 31 @1-1, 1 x 11 @1-21
a short first period                    | 1-17..2-1        | 1-17:1              | 1 x 15 @1-17
a short first period without proration  | 1-17..2-1 whole  | 1-17:1              | 1 x 31 @1-17
a short last period                     | 1-1..2-15        | 1-1:1               | 1 x 31 @1-1, 1 x 14 @2-1
no seats, no charge                     | 1-1..2-1         | 1-1:0               |
in arrears, on the usage invoice        | 2-1..3-1 arrears | 2-1:1 2-15:2        | 1 x 28 @2-28 usage 2-1, 1 x 14 @2-28 usage 2-1
dated at a period's end, on usage       | 1-1..3-1 joined  | 1-1:1 1-11:2        | 1 x 31 @1-1, 1 x 21 @1-11, 2 x 28 @2-1 usage 1-1
"""


def cases() -> list[tuple[str, ...]]:
    return [tuple(cell.strip() for cell in line.split("|")) for line in CASES.strip().splitlines()[1:]]


def day(text: str) -> datetime:
    month, number = text.split("-")
    return datetime(2026, int(month), int(number), tzinfo=UTC)


def catalogue_of(subscription: str, seats: str) -> Catalogue:
    window, *words = subscription.split()
    start, end = window.split("..")
    return Catalogue(
        customers=(Customer("acme"),),
        rate_cards=(RateCard("card"),),
        contracts=(Contract("k", "acme", "card", YEAR, scheduled_charges_on_usage_invoices="joined" in words),),
        products=(Product("seats", "subscription"),),
        rates=(
            Rate("january", "card", "seats", YEAR, rate_type="subscription", unit_price=Decimal(31), billing_frequency="monthly"),
            Rate("later", "card", "seats", day("2-1"), rate_type="subscription", unit_price=Decimal(28), billing_frequency="monthly"),
        ),
        subscriptions=(
            Subscription(
                "s",
                "k",
                "seats",
                day(start),
                day(end) if end else None,
                collection_schedule="arrears" if "arrears" in words else "advance",
                is_prorated="whole" not in words,
                proration_invoice="bill_on_next_collection_date" if "next" in words else "bill_immediately",
            ),
        ),
        subscription_quantities=tuple(
            SubscriptionQuantity("s", day(at), Decimal(quantity)) for at, quantity in (text.split(":") for text in seats.split())
        ),
    )


@pytest.mark.parametrize(("title", "subscription", "seats", "expected"), cases(), ids=[case[0] for case in cases()])
def test_a_subscription_is_charged_as_the_table_says(title: str, subscription: str, seats: str, expected: str) -> None:
    rows = rate_subscriptions(catalogue_of(subscription, seats), CLOCK)

    assert [
        f"{row.quantity.normalize():f} x {row.unit_price.normalize():f} @{row.dated_at.month}-{row.dated_at.day}{usage_invoice(row)}"
        for row in rows
        if row.dated_at
    ] == [text for text in expected.split(", ") if text]


def usage_invoice(row: RatedRow) -> str:
    kind, on = row.invoice_id.split("/")[1:3]
    assert kind == "usage" or (row.dated_at and on == f"{row.dated_at:%Y-%m-%d}")
    return f" usage {int(on[5:7])}-{int(on[8:10])}" if kind == "usage" else ""


def test_a_share_is_divided_at_twelve_decimals() -> None:
    catalogue = catalogue_of("1-11..2-1", "1-11:1")
    rates = (replace(catalogue.rates[0], unit_price=Decimal(29)),)

    (row,) = rate_subscriptions(replace(catalogue, rates=rates), CLOCK)

    assert row.unit_price == Decimal("19.645161290323")  # 29 x 21 / 31


def test_an_override_changes_the_price_of_a_period_by_its_start() -> None:
    override = Override("o", "k", day("1-15"), "multiplier", multiplier=Decimal("0.5"))
    catalogue = replace(catalogue_of("1-1..3-1", "1-1:1"), overrides=(override,))

    assert [(row.unit_price, row.price_reason) for row in rate_subscriptions(catalogue, CLOCK)] == [
        (Decimal(31), "list"),
        (Decimal(14), "multiplier"),
    ]


# Usage of 100 at 1 and of 50 at 0 in January, in the hours of the 5th and the 6th; support is a share of it.
COMPOSITES = """
# case                            | rate          | minimum | options           | rows: charge quantity x price at day
a share of all spend              | 0.1           |         |                   | unit 100 x 0.1 at 5
of one product                    | 0.1           |         | only:free         |
of products with a tag            | 0.1           |         | tag:llm           | unit 100 x 0.1 at 5
tiers of spend                    | 60:0.1 *:0.05 |         |                   | unit 60 x 0.1 at 5, unit 40 x 0.05 at 5
the minimum makes up for the rest | 0.1           | 25      |                   | unit 100 x 0.1 at 5, minimum 1 x 15 at 31
a minimum that is reached         | 0.1           | 10      |                   | unit 100 x 0.1 at 5
a minimum over free usage         | 0.1           | 25      | only:free         | minimum 1 x 25 at 31
free usage excluded               | 0.1           | 25      | only:free exclude |
"""


def composite_cases() -> list[tuple[str, ...]]:
    return [tuple(cell.strip() for cell in line.split("|")) for line in COMPOSITES.strip().splitlines()[1:]]


@pytest.mark.parametrize(("title", "rate", "minimum", "options", "expected"), composite_cases())
def test_a_composite_is_a_share(title: str, rate: str, minimum: str, options: str, expected: str) -> None:
    support = Product(
        "support",
        "composite",
        composite_product_ids=("free",) if "only:free" in options else (),
        composite_tags=("llm",) if "tag:llm" in options else (),
        exclude_free_usage="exclude" in options,
    )
    tiers = [text.split(":") for text in rate.split() if ":" in text]
    price = None if tiers else Decimal(rate)
    catalogue = Catalogue(
        customers=(Customer("acme"),),
        rate_cards=(RateCard("card"),),
        contracts=(Contract("k", "acme", "card", YEAR),),
        products=(Product("paid", "usage", tags=("llm",)), Product("free", "usage"), support),
        rates=(
            Rate("paid", "card", "paid", YEAR, unit_price=Decimal(1)),
            Rate("free", "card", "free", YEAR, unit_price=Decimal(0)),
            Rate("s", "card", "support", YEAR, None, "percentage", price, minimum_amount=Decimal(minimum) if minimum else None),
        ),
        rate_tiers=tuple(
            RateTier("s", n, Decimal(share), None if up_to == "*" else Decimal(up_to)) for n, (up_to, share) in enumerate(tiers, start=1)
        ),
    )
    usage = [
        UsageHour("k", product, YEAR, day("2-1"), day(at), "{}", "{}", Decimal(quantity), Decimal(quantity))
        for product, at, quantity in (("paid", "1-5", 100), ("free", "1-6", 50))
    ]

    rows = rate_composites(catalogue, rate_usage(catalogue, usage), day("1-31"))

    found = [f"{row.charge} {row.quantity.normalize():f} x {row.unit_price.normalize():f} at {row.hour_start_at.day}" for row in rows]
    assert found == [text for text in expected.split(", ") if text]
