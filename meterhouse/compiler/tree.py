"""
The bound tree: what a metric means, free of its spelling.

A metric is a stack of blocks. The lowest block aggregates events, each next one aggregates the rows of the block below.
Expressions of a block's keys and arguments speak of its source (event columns, or keys and values of the block below);
a block's filter and everything above it speak of the block's own keys and values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum


class Kind(Enum):
    """What a value is. Every number is an exact decimal(38,12); every instant is UTC."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    INSTANT = "timestamp"


# As DuckDB names them; other engines translate these names.
SQL_TYPES = {
    Kind.TEXT: "varchar",
    Kind.NUMBER: "decimal(38, 12)",
    Kind.BOOLEAN: "boolean",
    Kind.INSTANT: "timestamp with time zone",
}


@dataclass(frozen=True)
class Literal:
    value: str | Decimal | bool | None
    kind: Kind


@dataclass(frozen=True)
class EventField:
    """`event_type` or `occurred_at`, the event's timestamp."""

    name: str
    kind: Kind


@dataclass(frozen=True)
class Property:
    """A property read as text or as number."""

    name: str
    kind: Kind


@dataclass(frozen=True)
class Key:
    """The block's group key at `index`."""

    index: int
    kind: Kind


@dataclass(frozen=True)
class Value:
    """The block's aggregate at `index`."""

    index: int
    kind: Kind


@dataclass(frozen=True)
class Call:
    """An operator or function; for `case` the arguments are condition, result, condition, result ..., else."""

    operator: str
    arguments: tuple[Expression, ...]
    kind: Kind


Expression = Literal | EventField | Property | Key | Value | Call


class Function(Enum):
    COUNT_ROWS = "count_rows"
    COUNT = "count"
    COUNT_DISTINCT = "count_distinct"
    SUM = "sum"
    MIN = "min"
    MAX = "max"
    EARLIEST = "earliest"
    LATEST = "latest"


COUNTS = (Function.COUNT_ROWS, Function.COUNT, Function.COUNT_DISTINCT)
ORDERED = (Function.EARLIEST, Function.LATEST)


@dataclass(frozen=True)
class Aggregate:
    """`at` is the instant that orders EARLIEST and LATEST; None means that nothing orders them."""

    function: Function
    argument: Expression | None
    kind: Kind
    at: Expression | None = None


@dataclass(frozen=True)
class GroupKey:
    name: str
    expression: Expression


@dataclass(frozen=True)
class Events:
    """The events that pass `filter`; a NULL condition does not pass."""

    filter: Expression | None


@dataclass(frozen=True)
class Block:
    """One GROUP BY; `filter` joins its HAVING with the WHERE of the projections above it."""

    source: Events | Block
    keys: tuple[GroupKey, ...]
    aggregates: tuple[Aggregate, ...]
    filter: Expression | None


@dataclass(frozen=True)
class Query:
    """`quantity` and the text of each output group key, over the top block's keys and values."""

    block: Block
    quantity: Expression
    group_keys: tuple[GroupKey, ...]

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The stack, lowest block first."""
        stack = [self.block]
        while isinstance(stack[0].source, Block):
            stack.insert(0, stack[0].source)
        return tuple(stack)

    @property
    def event_filter(self) -> Expression | None:
        events = self.blocks[0].source
        assert isinstance(events, Events)
        return events.filter


def walk(expression: Expression) -> Iterator[Expression]:
    """The expression and everything inside it."""
    yield expression
    if isinstance(expression, Call):
        for argument in expression.arguments:
            yield from walk(argument)


def replace(expression: Expression, change: Callable[[Expression], Expression]) -> Expression:
    """The expression with each leaf changed."""
    if not isinstance(expression, Call):
        return change(expression)
    return Call(expression.operator, tuple(replace(a, change) for a in expression.arguments), expression.kind)


def conjunction(conditions: list[Expression]) -> Expression | None:
    """The conditions joined by AND, or None when there are none."""
    joined: Expression | None = None
    for condition in conditions:
        joined = condition if joined is None else Call("and", (joined, condition), Kind.BOOLEAN)
    return joined
