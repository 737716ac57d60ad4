"""Drawing balances: cases as a table, and all balances over all lines compared with line by line in plain Python."""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal, localcontext
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.credits.models import Balance, Drawdown, Line

CASES = Path(__file__).with_name("cases.txt")
NAMES = "abcdefgh"
DRAWDOWN = Drawdown()


def cases() -> Iterator[tuple[str, str, str, str, str]]:
    rows = [line for line in CASES.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    for line in rows[1:]:
        title, lines, balances, most, after = (cell.strip() for cell in line.split("|"))
        yield title, lines, balances, most, after


@pytest.mark.parametrize("title, lines, balances, most, after", list(cases()), ids=[case[0] for case in cases()])
def test_a_case(title: str, lines: str, balances: str, most: str, after: str) -> None:
    used = [_line(text) for text in lines.split(", ")]
    held = [_balance(name, text, [line.name for line in used]) for name, text in zip(NAMES, balances.split(", "), strict=False)]

    found = DRAWDOWN.lines_after(used, held, Decimal(most) if most else None)

    covered_or_rest = {row[1:6] for row in found if row[0] == "usage"}
    assert covered_or_rest == {_row(text) for text in after.split(", ")}
    # what is covered is taken off again
    assert {(p, s, q, -u, -a) for kind, p, s, q, u, a, _ in found if kind != "usage"} == {row for row in covered_or_rest if row[1]}


def _line(text: str) -> Line:
    name, quantity, _, price = text.split()
    return Line(name, Decimal(price), (Decimal(quantity),))


def _balance(name: str, text: str, products: list[str]) -> Balance:
    amount, *price = text.split(" at ")
    return Balance(name, Decimal(amount), tuple(products), tuple((product, Decimal(price[0])) for product in products if price))


def _row(text: str) -> tuple[str, str | None, Decimal, Decimal, Decimal]:
    product, quantity, _, price, _, amount, *by = text.split()
    return product, by[1] if by else None, Decimal(quantity), Decimal(price), Decimal(amount)


numbers = st.decimals(0, 50, places=2)
small = st.decimals(0, 5, places=3)
prices = st.sampled_from([Decimal(p) for p in ("0", "0.000003", "0.7", "1", "3", "7.2")])


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[Line], list[Balance], Decimal | None]:
    names = "pqrst"[: draw(st.integers(1, 5))]
    hour = st.one_of(numbers, st.just(Decimal(-3)))
    lines = [Line(name, draw(prices), tuple(draw(st.lists(hour, min_size=1, max_size=3)))) for name in names]
    balances = []
    for name in NAMES[: draw(st.integers(1, 4))]:
        products = draw(st.lists(st.sampled_from(names), unique=True, min_size=1))
        own = draw(st.lists(st.sampled_from(products), unique=True))
        listed = {line.name: line.unit_price for line in lines}
        priced = [(product, draw(prices)) for product in own]
        priced = [(product, price) for product, price in priced if price != listed[product]]
        balances.append(Balance(name, draw(small) * 7, tuple(products), tuple(priced)))
    return lines, balances, draw(st.one_of(st.none(), numbers))


@settings(deadline=None, max_examples=60)
@given(world=worlds())
def test_balance_by_balance_is_line_by_line(world: tuple[list[Line], list[Balance], Decimal | None]) -> None:
    found = DRAWDOWN.lines_after(*world)

    usage = [row for row in found if row[0] == "usage"]
    covered = {(product, segment): (quantity, amount) for _, product, segment, quantity, _, amount, _ in usage if segment}
    rest = {product: (quantity, amount) for _, product, segment, quantity, _, amount, _ in usage if not segment}
    expected_covered, expected_rest = line_by_line(*world)
    assert covered == expected_covered
    assert rest == expected_rest


@settings(deadline=None, max_examples=60)
@given(world=worlds())
def test_hours_add_up_to_their_lines(world: tuple[list[Line], list[Balance], Decimal | None]) -> None:
    found = DRAWDOWN.lines_after(*world)

    lines = {line_item_id: (quantity, amount) for kind, _, _, quantity, _, amount, line_item_id in found if kind == "usage"}
    hours = {line_item_id: (quantity, amount) for line_item_id, quantity, amount in DRAWDOWN.hourly}
    assert {key: sums for key, sums in hours.items() if any(sums)} == {key: sums for key, sums in lines.items() if any(sums)}


def line_by_line(
    lines: list[Line], balances: list[Balance], maximum: Decimal | None
) -> tuple[dict[tuple[str, str], tuple[Decimal, Decimal]], dict[str, tuple[Decimal, Decimal]]]:
    """Each line in its order draws from each balance in its order: quantities and amounts covered, and what is left."""
    left = {balance.name: balance.available for balance in balances}
    covered: dict[tuple[str, str], tuple[Decimal, Decimal]] = {}
    rest: dict[str, tuple[Decimal, Decimal]] = {}
    spent = Decimal(0)
    with localcontext(prec=100):
        for line in sorted(lines, key=lambda line: (-line.unit_price, line.name)):
            quantity = sum(line.hours, Decimal(0))
            amount = quantity * line.unit_price
            open_amount = amount if maximum is None else min(max(maximum - spent, Decimal(0)), amount)
            open_quantity = quantity if open_amount == amount else _quantity(open_amount, line.unit_price)
            rest_quantity, rest_amount = quantity, amount
            spent += amount
            for balance in balances:
                own = dict(balance.prices).get(line.name)
                price = line.unit_price if own is None else own
                unpaid = line.name not in balance.products or left[balance.name] <= 0 or open_quantity <= 0
                if unpaid or (price == 0 and line.unit_price == 0):
                    continue
                needed = open_amount if own is None else open_quantity * own
                paid = min(needed, left[balance.name])
                whole = paid == needed
                part = open_quantity if whole else min(open_quantity, _quantity(paid, price))
                worth = open_amount if whole else paid if own is None else min(open_amount, part * line.unit_price)
                covered[line.name, balance.name] = part, paid
                left[balance.name] -= paid
                open_quantity, open_amount = open_quantity - part, open_amount - worth
                rest_quantity, rest_amount = rest_quantity - part, rest_amount - worth
            if rest_quantity or rest_amount or not any(name == line.name for name, _ in covered):
                rest[line.name] = rest_quantity, rest_amount
    return covered, rest


def _quantity(amount: Decimal, price: Decimal) -> Decimal:
    with localcontext(prec=100):
        return (amount / price).quantize(Decimal("1e-12"), ROUND_HALF_UP)
