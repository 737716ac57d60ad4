"""Totals by the auditor: conversions, commitments and rounding, case by case."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from meterhouse.auditor import Catalogue, UsageHour, draw_down, rate_usage, usage_invoices
from meterhouse.auditor.tables import Commit, Commitment, CommitSegment, Contract, Conversion, Customer, Product, Rate, RateCard

MONTH, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)

# `calls` cost 1 in the currency, `agents` 4 AI credits of 0.01 each. A credit pays in the currency, in credits for ai.
CASES = """
# case                                      | currency | usage               | balance | least | most | subtotal | applied | due   | true-up
nothing used                                | usd      |                     |         |       |      | 0        | 0       | 0     |
usage less what a balance pays              | usd      | calls 100           | 30      |       |      | 100      | 30      | 70    |
half a cent is rounded up                   | usd      | calls 0.125         |         |       |      | 0.125    | 0       | 0.13  |
half a cent below zero is rounded away      | usd      | calls -0.125        |         |       |      | -0.125   | 0       | -0.13 |
yen have no cents                           | jpy      | calls 99.5          |         |       |      | 99.5     | 0       | 100   |
dinars have three decimals                  | kwd      | calls 0.0005        |         |       |      | 0.0005   | 0       | 0.001 |
what is left of a custom unit is converted  | usd      | agents 270          | ai 1000 |       |      | 0.8      | 0       | 0.8   |
a minimum adds what is missing              | usd      | calls 800           |         | 1000  |      | 1000     | 0       | 1000  | 200
what a balance pays counts as spent         | usd      | calls 800           | 300     | 1000  |      | 1000     | 300     | 700   | 200
a maximum takes off what is beyond          | usd      | calls 5600          |         | 1000  | 5000 | 5000     | 0       | 5000  | -600
what is beyond a maximum draws nothing      | usd      | calls 5600          | 9000    |       | 5000 | 5000     | 5000    | 0     | -600
conversions count as spent                  | usd      | calls 1, agents 100 |         | 10    |      | 10       | 0       | 10    | 5
"""


def cases() -> list[tuple[str, ...]]:
    return [tuple(cell.strip() for cell in line.split("|")) for line in CASES.strip().splitlines()[1:]]


def catalogue_of(currency: str, balance: str, least: str, most: str) -> Catalogue:
    unit, amount = ("ai", balance.removeprefix("ai ")) if balance.startswith("ai") else (currency, balance)
    return Catalogue(
        customers=(Customer("acme"),),
        rate_cards=(RateCard("card", currency),),
        pricing_unit_conversions=(Conversion("card", "ai", Decimal("0.01")),),
        contracts=(Contract("k", "acme", "card", MONTH),),
        products=(Product("calls", "usage"), Product("agents", "usage")),
        rates=(
            Rate("calls", "card", "calls", MONTH, unit_price=Decimal(1)),
            Rate("agents", "card", "agents", MONTH, unit_price=Decimal(4), pricing_unit="ai"),
        ),
        commits=(Commit("b", "acme", "credit", pricing_unit=unit),) if balance else (),
        commit_segments=(CommitSegment("b", "b", Decimal(amount), MONTH),) if balance else (),
        commitments=tuple(
            Commitment(kind, "k", kind, Decimal(text), MONTH) for kind, text in (("minimum", least), ("maximum", most)) if text
        ),
    )


@pytest.mark.parametrize(("title", "currency", "usage", "balance", "least", "most", "subtotal", "applied", "due", "true_up"), cases())
def test_an_invoice_adds_up_as_the_table_says(
    title: str, currency: str, usage: str, balance: str, least: str, most: str, subtotal: str, applied: str, due: str, true_up: str
) -> None:
    catalogue = catalogue_of(currency, balance, least, most)
    used = [text.split() for text in usage.split(", ") if text]
    hours = [UsageHour("k", product, MONTH, END, MONTH, "{}", "{}", Decimal(number), Decimal(number)) for product, number in used]

    (invoice,) = usage_invoices(catalogue, draw_down(catalogue, rate_usage(catalogue, hours), MONTH), MONTH)

    assert (invoice.subtotal, invoice.credits_applied, invoice.amount_due) == (Decimal(subtotal), Decimal(applied), Decimal(due))
    assert [line.amount for line in invoice.lines if line.type == "true_up"] == ([Decimal(true_up)] if true_up else [])


def test_a_prorated_minimum_is_the_share_of_the_periods_hours() -> None:
    catalogue = Catalogue(
        customers=(Customer("acme"),),
        rate_cards=(RateCard("card"),),
        contracts=(Contract("k", "acme", "card", MONTH.replace(day=17)),),
        commitments=(Commitment("least", "k", "minimum", Decimal(62), MONTH, is_prorated=True),),
    )

    (invoice,) = usage_invoices(catalogue, [], MONTH.replace(day=20))

    assert invoice.total == 30  # 15 of 31 days
