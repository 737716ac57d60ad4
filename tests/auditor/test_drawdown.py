"""Drawdown by the auditor, case by case: lines and balances in, what each balance pays out."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from meterhouse.auditor import Catalogue, UsageHour, draw_down, rate_usage
from meterhouse.auditor.tables import (
    Commit,
    CommitInvoiceItem,
    CommitSegment,
    Contract,
    Customer,
    Override,
    Product,
    Rate,
    RateCard,
)

MONTH, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)

# Usage of January: product:day:quantity. `calls` cost 2 (1 at the commit rate of balances marked drawn), `tokens` 3.
# Balances: name:amount and then any of p1 (priority), postpaid, paid, only-calls, from-day, until-day, drawn, half (an override
# that halves the price for it). Draws: of what, by which balance, quantity x price.
CASES = """
# case                              | usage                  | balances           | draws                        | rest
a balance pays, the rest is due     | calls:5:10             | a:8                | calls a 4 x 2                | calls 6
the covered quantity is rounded     | tokens:5:40            | a:100              | tokens a 33.333333333333 x 3 | tokens 6.666666666667
the dearer line first               | calls:5:10 tokens:6:10 | a:24               | tokens a 8 x 3               | tokens 2, calls 10
lower priority first                | calls:5:10             | a:8 b:8:p1         | calls b 4 x 2, calls a 4 x 2 | calls 2
free before paid                    | calls:5:10             | a:8:paid b:8       | calls b 4 x 2, calls a 4 x 2 | calls 2
fewer products first                | calls:5:10             | a:8 b:8:only-calls | calls b 4 x 2, calls a 4 x 2 | calls 2
earlier end first                   | calls:5:10             | a:8 b:8:until-25   | calls b 4 x 2, calls a 4 x 2 | calls 2
only usage inside its window        | calls:5:10 calls:20:10 | a:100:from-15      | calls a 10 x 2               | calls 10
only its products                   | calls:5:10 tokens:5:10 | a:100:only-calls   | calls a 10 x 2               | tokens 10
the commit rate while it is drawn   | calls:5:10             | a:100:drawn        | calls a 10 x 1               |
the commit rate for what it covers  | calls:5:10             | a:4:drawn          | calls a 4 x 1                | calls 6
without a commit rate the list rate | tokens:5:10            | a:100:drawn        | tokens a 10 x 3              |
a commit-specific multiplier        | tokens:5:10            | a:6:half           | tokens a 4 x 1.5             | tokens 6
each balance at its own price       | calls:5:10             | a:4:drawn:p1 b:6   | calls a 4 x 1, calls b 3 x 2 | calls 3
a postpaid commit is drawn last     | calls:5:10             | a:10:postpaid:p1 b:12 | calls b 6 x 2, calls a 4 x 2 |
less used than before draws nothing | calls:5:10 calls:20:-4 | a:100:from-15      |                              | calls 10, calls -4
"""


def cases() -> list[tuple[str, ...]]:
    return [tuple(cell.strip() for cell in line.split("|")) for line in CASES.strip().splitlines()[1:]]


def catalogue_of(balances: str) -> Catalogue:
    granted = [text.split(":") for text in balances.split()]
    flags = {name: rest for name, _, *rest in granted}
    return Catalogue(
        customers=(Customer("acme"),),
        rate_cards=(RateCard("card"),),
        contracts=(Contract("k", "acme", "card", MONTH),),
        products=(Product("calls", "usage"), Product("tokens", "usage")),
        rates=(
            Rate("calls", "card", "calls", MONTH, unit_price=Decimal(2)),
            Rate("drawn", "card", "calls", MONTH, unit_price=Decimal(1), target="commit"),
            Rate("tokens", "card", "tokens", MONTH, unit_price=Decimal(3)),
        ),
        commits=tuple(
            Commit(
                name,
                "acme",
                "postpaid" if "postpaid" in rest else "prepaid",
                priority=Decimal(1) if "p1" in rest else None,
                rate_target="commit" if "drawn" in rest else "list",
                applicable_product_ids=("calls",) if "only-calls" in rest else (),
            )
            for name, rest in flags.items()
        ),
        commit_segments=tuple(
            CommitSegment(name, name, Decimal(amount), day(rest, "from", MONTH) or MONTH, day(rest, "until", None))
            for name, amount, *rest in granted
        ),
        commit_invoice_items=tuple(CommitInvoiceItem(name, MONTH, Decimal(1)) for name, rest in flags.items() if "paid" in rest),
        overrides=tuple(
            Override(f"o-{name}", "k", MONTH, "multiplier", multiplier=Decimal("0.5"), is_commit_specific=True, commit_ids=(name,))
            for name, rest in flags.items()
            if "half" in rest
        ),
    )


def day(flags: list[str], name: str, otherwise: datetime | None) -> datetime | None:
    found = [flag for flag in flags if flag.startswith(f"{name}-")]
    return MONTH.replace(day=int(found[0].split("-")[1])) if found else otherwise


def usage_of(text: str) -> list[UsageHour]:
    hours, sofar = [], {"calls": Decimal(0), "tokens": Decimal(0)}
    for product, at, quantity in (part.split(":") for part in text.split()):
        sofar[product] += Decimal(quantity)
        hour = MONTH.replace(day=int(at))
        hours.append(UsageHour("k", product, MONTH, END, hour, "{}", "{}", Decimal(quantity), sofar[product]))
    return hours


def plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


@pytest.mark.parametrize(("title", "usage", "balances", "draws", "rest"), cases())
def test_balances_are_drawn_as_the_table_says(title: str, usage: str, balances: str, draws: str, rest: str) -> None:
    catalogue = catalogue_of(balances)

    drawn = draw_down(catalogue, rate_usage(catalogue, usage_of(usage)), END)

    assert [
        f"{line.line.key.product_id} {draw.segment_id} {plain(draw.quantity)} x {plain(draw.unit_price)}"
        for line in drawn
        for draw in line.draws
    ] == [text for text in draws.split(", ") if text]
    left = [f"{line.line.key.product_id} {plain(line.rest_quantity)}" for line in drawn if line.rest_quantity]
    assert left == [text for text in rest.split(", ") if text]
    for line in drawn:
        at_list_price = [draw for draw in line.draws if draw.unit_price == line.line.key.unit_price]
        if len(at_list_price) == len(line.draws):
            assert sum((draw.amount for draw in line.draws), line.rest_amount) == line.line.amount
