"""Aggregates: each takes in the rows of a group one by one, skips NULLs, and tells what they come to so far."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Protocol

from meterhouse.auditor.exact import EXACT, ZERO, divide


class Aggregate(Protocol):
    """`order` is where the row stands among the others: for EARLIEST and LATEST."""

    def add(self, value: Any, order: Any) -> None: ...

    def result(self) -> Any: ...


class Sum:
    def __init__(self) -> None:
        self.total: Decimal | None = None

    def add(self, value: Any, order: Any) -> None:
        if value is not None:
            self.total = value if self.total is None else EXACT.add(self.total, value)

    def result(self) -> Decimal | None:
        return self.total


class Count:
    def __init__(self) -> None:
        self.number = 0

    def add(self, value: Any, order: Any) -> None:
        self.number += value is not None

    def result(self) -> Decimal:
        return Decimal(self.number)


class CountDistinct:
    def __init__(self) -> None:
        self.values: set[Any] = set()

    def add(self, value: Any, order: Any) -> None:
        if value is not None:
            self.values.add(value)

    def result(self) -> Decimal:
        return Decimal(len(self.values))


class Average:
    """The sum divided by the count, at 12 decimals."""

    def __init__(self) -> None:
        self.total, self.number = ZERO, 0

    def add(self, value: Any, order: Any) -> None:
        if value is not None:
            self.total, self.number = EXACT.add(self.total, value), self.number + 1

    def result(self) -> Decimal | None:
        return divide(self.total, Decimal(self.number)) if self.number else None


class Extreme:
    """The least or the greatest value, or that of the first or the last row."""

    def __init__(self, is_later: Callable[[Any, Any], bool], *, is_by_order: bool) -> None:
        self.is_later, self.is_by_order = is_later, is_by_order
        self.value: Any = None
        self.order: Any = None

    def add(self, value: Any, order: Any) -> None:
        # a row without an instant has no place among the others
        if value is None or (self.is_by_order and order is None):
            return
        place = (*order, value) if self.is_by_order else value
        if self.value is None or self.is_later(place, self.order):
            self.value, self.order = value, place

    def result(self) -> Any:
        return self.value


AGGREGATES: dict[str, Callable[[], Aggregate]] = {
    "SUM": Sum,
    "COUNT": Count,
    "COUNT DISTINCT": CountDistinct,
    "AVG": Average,
    "MIN": lambda: Extreme(lambda new, old: new < old, is_by_order=False),
    "MAX": lambda: Extreme(lambda new, old: new > old, is_by_order=False),
    "EARLIEST": lambda: Extreme(lambda new, old: new < old, is_by_order=True),
    "LATEST": lambda: Extreme(lambda new, old: new > old, is_by_order=True),
}
