"""What the expressions of a query mean over the rows that it reads: events, or what another query returns."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from meterhouse.auditor.aggregates import AGGREGATES
from meterhouse.auditor.query_text import CannotRead, Column, Literal, Node
from meterhouse.auditor.query_values import BOOLEAN, CASTS, INSTANT, NUMBER, OPERATORS, TEXT, TRUNCATIONS

Meaning = Callable[[Any], Any]
ARITHMETIC = {"+", "-", "*", "/", "negate", "ABS", "CEIL", "FLOOR", "ROUND"}
ORDERED = {"<", "<=", ">", ">=", "between"}
COMPARISONS = ORDERED | {"=", "!=", "in"}
LOGIC = {"and", "or", "not"}
CHOICES = {"COALESCE", "NULLIF", "LEAST", "GREATEST"}
ALWAYS_NUMBERS = ARITHMETIC | {"COUNT", "COUNT DISTINCT", "SUM", "AVG", "LEAST", "GREATEST"}


@dataclass(frozen=True, slots=True)
class UsageEvent:
    """An event as a metric sees it."""

    transaction_id: str
    event_type: str
    timestamp: datetime
    properties: Mapping[str, str | None]


class Rows(Protocol):
    """What a SELECT reads: events, or what another SELECT returns."""

    is_grouped: bool

    def kind(self, column: Column) -> str | None:
        """The kind of a column, None while it is a property that may become a number."""
        ...

    def meaning(self, column: Column, want: str | None) -> Meaning: ...

    def has(self, name: str) -> bool: ...

    def order(self) -> Meaning | None:
        """Where a row stands in time; None where rows have no instant."""
        ...

    def rows(self, below: Iterable[Any]) -> Iterable[Any]:
        """The rows, made of those below."""
        ...


class Events:
    """event_type, timestamp and the properties, in the order of timestamp and transaction_id."""

    is_grouped = False

    def kind(self, column: Column) -> str | None:
        return None if column.is_property else {"event_type": TEXT, "timestamp": INSTANT}.get(column.name)

    def meaning(self, column: Column, want: str | None) -> Meaning:
        name = column.name
        if column.is_property and want == NUMBER:
            return lambda event: CASTS[NUMBER](event.properties.get(name))
        if column.is_property:
            return lambda event: event.properties.get(name)
        if not self.has(name):
            raise CannotRead(f"the auditor knows no column {name} of events")
        return (lambda event: event.event_type) if name == "event_type" else (lambda event: event.timestamp)

    def has(self, name: str) -> bool:
        return name in ("event_type", "timestamp")

    def order(self) -> Meaning | None:
        return lambda event: (event.timestamp, event.transaction_id)

    def rows(self, below: Iterable[Any]) -> Iterable[Any]:
        return below


class Expressions:
    """Gives expressions over some rows their meaning: a function of one row."""

    def __init__(self, below: Rows) -> None:
        self.below = below

    def kind(self, node: Node) -> str | None:
        """The kind that an expression has of itself, None while it is open."""
        if isinstance(node, Column):
            return self.column_kind(node)
        if isinstance(node, Literal):
            value = node.value
            return None if value is None else BOOLEAN if isinstance(value, bool) else TEXT if isinstance(value, str) else NUMBER
        if node.name in ALWAYS_NUMBERS:
            return NUMBER
        if node.name in COMPARISONS | LOGIC | {"is null"}:
            return BOOLEAN
        if node.name == "DATE_TRUNC":
            return INSTANT
        if node.name == "cast":
            return node.detail
        parts = (*node.arguments[1:-1:2], node.arguments[-1]) if node.name == "case" else node.arguments
        return self.common_kind(parts)

    def common_kind(self, nodes: Iterable[Node]) -> str | None:
        return next((kind for kind in map(self.kind, nodes) if kind), None)

    def column_kind(self, column: Column) -> str | None:
        return self.below.kind(column)

    def column(self, column: Column, want: str | None) -> Meaning:
        return self.below.meaning(column, want)

    def aggregate(self, name: str, argument: Node | None, want: str | None) -> Meaning:
        raise CannotRead(f"the auditor found {name} where single rows are read")

    def meaning(self, node: Node, want: str | None = None) -> Meaning:
        """The function of a row that an expression is, in the kind that its place wants (None: its own, text while open)."""
        if isinstance(node, Column):
            return self.column(node, want)
        if isinstance(node, Literal):
            value = node.value
            return lambda row: value
        if node.name in AGGREGATES:
            return self.aggregate(node.name, node.arguments[0] if node.arguments else None, want)
        if node.name == "cast":
            source = self.kind(node.arguments[0]) or (NUMBER if node.detail == NUMBER else TEXT)
            return _applied(CASTS[node.detail], [self.meaning(node.arguments[0], source)])
        if node.name == "DATE_TRUNC":
            return _applied(TRUNCATIONS[node.detail], [self.meaning(node.arguments[0], INSTANT)])
        if node.name == "case":
            return self._case(node.arguments, want)
        wanted = self._wanted(node.name, node.arguments, want)
        return _applied(OPERATORS[node.name], [self.meaning(argument, wanted) for argument in node.arguments])

    def _wanted(self, name: str, arguments: tuple[Node, ...], want: str | None) -> str | None:
        """The kind that an operator wants of what it works on."""
        if name in ARITHMETIC:
            return NUMBER
        if name in LOGIC:
            return BOOLEAN
        if name in COMPARISONS:
            return self.common_kind(arguments) or (NUMBER if name in ORDERED else TEXT)
        if name in ("LEAST", "GREATEST"):
            return INSTANT if want == INSTANT else NUMBER
        return (self.common_kind(arguments) or want or TEXT) if name in CHOICES else None

    def _case(self, parts: tuple[Node, ...], want: str | None) -> Meaning:
        kind = self.common_kind((*parts[1:-1:2], parts[-1])) or want or TEXT
        kinds = [BOOLEAN if place % 2 == 0 and place < len(parts) - 1 else kind for place in range(len(parts))]
        return _applied(OPERATORS["case"], [self.meaning(part, wanted) for part, wanted in zip(parts, kinds, strict=True)])


def _applied(operation: Callable[..., Any], arguments: list[Meaning]) -> Meaning:
    if len(arguments) == 1:
        (only,) = arguments
        return lambda row: operation(only(row))
    if len(arguments) == 2:
        left, right = arguments
        return lambda row: operation(left(row), right(row))
    return lambda row: operation(*[argument(row) for argument in arguments])
