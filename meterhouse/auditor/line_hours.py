"""A drawn line hour by hour: what balances cover goes to its hours in the order of time, the rest stays where it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from meterhouse.auditor.drawdown import Draw, DrawnLine
from meterhouse.auditor.exact import ZERO, exactly


@dataclass(frozen=True)
class LineHour:
    """The part of an hour that one balance covers of a line, or none."""

    segment_id: str | None
    hour_start_at: datetime
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal


@dataclass(frozen=True)
class _Part:
    """A draw with its place on the line's quantity."""

    draw: Draw
    start: Decimal
    end: Decimal

    def worth(self, position: Decimal, unit_price: Decimal, whole: Decimal) -> Decimal:
        """What the part is worth up to a position; at its end the whole, so that pieces add up to it whatever was rounded."""
        if position <= self.start:
            return ZERO
        return whole if position >= self.end else (position - self.start) * unit_price


@exactly
def line_hours(drawn: DrawnLine) -> list[LineHour]:
    """The hours of a line and of its covered parts; hours that give back are covered by nothing."""
    return list(_hours(drawn))


def _hours(drawn: DrawnLine) -> Iterator[LineHour]:
    parts = list(_parts(drawn.draws))
    own_price = drawn.line.key.unit_price
    after = ZERO
    for hour, (quantity, amount) in sorted(_summed(drawn).items()):
        covered = []
        if quantity > 0:
            before, after = after, after + quantity
            covered = list(_covered(parts, own_price, hour, before, after))
        yield from (found for found, _ in covered)
        rest = quantity - sum((found.quantity for found, _ in covered), ZERO)
        rest_amount = amount - sum((list_amount for _, list_amount in covered), ZERO)
        if not covered or rest or rest_amount:
            yield LineHour(None, hour, rest, own_price, rest_amount)


def _covered(parts: list[_Part], own_price: Decimal, hour: datetime, before: Decimal, after: Decimal) -> Iterator[tuple[LineHour, Decimal]]:
    """What each part covers of the hour that lies at [before, after) on the line, with its worth at the line's own price."""
    for part in parts:
        draw = part.draw
        # a part that is so small that its quantity is 0 belongs to the hour in which it lies
        if after > part.start and (before < part.end or before == part.start):
            quantity = max(ZERO, min(after, part.end) - max(before, part.start))
            amount, list_amount = (
                part.worth(after, price, whole) - part.worth(before, price, whole)
                for price, whole in ((draw.unit_price, draw.amount), (own_price, draw.list_amount))
            )
            yield LineHour(draw.segment_id, hour, quantity, draw.unit_price, amount), list_amount


def _parts(draws: tuple[Draw, ...]) -> Iterator[_Part]:
    start = ZERO
    for draw in draws:
        yield _Part(draw, start, start + draw.quantity)
        start += draw.quantity


def _summed(drawn: DrawnLine) -> dict[datetime, tuple[Decimal, Decimal]]:
    sums: dict[datetime, tuple[Decimal, Decimal]] = {}
    for row in drawn.line.rows:
        quantity, amount = sums.get(row.hour_start_at, (ZERO, ZERO))
        sums[row.hour_start_at] = (quantity + row.quantity, amount + row.amount)
    return sums
