"""
The metric language, a second time: a query is read from its text and evaluated row by row in plain Python.

A property is text until a number is needed. Whether one is needed may be said by a query further out, so a column of a
sub-query is computed for each reader in the kind that the reader wants.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from meterhouse.auditor.aggregates import AGGREGATES, Aggregate
from meterhouse.auditor.catalogue import canonical
from meterhouse.auditor.exact import ZERO, exactly
from meterhouse.auditor.query_expressions import Events, Expressions, Meaning, Rows, UsageEvent
from meterhouse.auditor.query_text import CannotRead, Column, Item, Literal, Node, Select, read_query
from meterhouse.auditor.query_values import BOOLEAN, CASTS, INSTANT, NUMBER, TEXT, to_text


class Selected:
    """The rows that a SELECT returns."""

    expressions: Expressions

    def __init__(self, select: Select, below: Rows) -> None:
        self.below = below
        self.items: dict[str, Node] = {(name.lower() if name is not None else f"\0{place}"): node for place, (name, node) in _named(select)}
        self.where = Expressions(below).meaning(select.where, BOOLEAN) if select.where is not None else None

    def kind(self, column: Column) -> str | None:
        return self.expressions.kind(self._item(column))

    def meaning(self, column: Column, want: str | None) -> Meaning:
        return self.expressions.meaning(self._item(column), want)

    def has(self, name: str) -> bool:
        return name.lower() in self.items

    def order(self) -> Meaning | None:
        """Rows of a sub-query stand in the order of their column named timestamp."""
        if not self.has("timestamp"):
            return None
        at = self.expressions.meaning(self.items["timestamp"], INSTANT)

        def place(row: Any) -> Any:
            instant = at(row)
            return None if instant is None else (instant,)

        return place

    def passing(self, rows: Iterable[Any]) -> Iterable[Any]:
        where = self.where
        return rows if where is None else (row for row in rows if where(row) is True)

    def _item(self, column: Column) -> Node:
        if column.is_property or not self.has(column.name):
            raise CannotRead(f"the auditor knows no column {column.name} of the sub-query")
        return self.items[column.name.lower()]


def _named(select: Select) -> Iterable[tuple[int, Item]]:
    return enumerate(select.items)


class Projection(Selected):
    """A SELECT without aggregates: its rows are rows of what it reads, under other names."""

    def __init__(self, select: Select, below: Rows) -> None:
        super().__init__(select, below)
        self.is_grouped = below.is_grouped
        self.expressions = Expressions(below)

    def order(self) -> Meaning | None:
        """Projected events keep the order of events."""
        return super().order() if self.is_grouped else self.below.order()

    def rows(self, below: Iterable[Any]) -> Iterable[Any]:
        return self.passing(below)


@dataclass(slots=True)
class Group:
    """The first row of a group, which tells what all have in common, and its aggregates so far."""

    first: Any
    aggregates: list[Aggregate]


class Grouping(Selected):
    """A SELECT with aggregates: its rows are groups of the rows below."""

    is_grouped = True

    def __init__(self, select: Select, below: Rows) -> None:
        super().__init__(select, below)
        self.arguments: list[tuple[str, Meaning, Meaning | None]] = []
        nodes = [self._grouped_by(node) for node in select.group]
        self.keys = [Expressions(below).meaning(node) for node in nodes]
        self.expressions = GroupExpressions(self, nodes)
        having = HavingExpressions(self, nodes)
        self.having = having.meaning(select.having, BOOLEAN) if select.having is not None else None

    def rows(self, below: Iterable[Any]) -> Iterable[Any]:
        groups: dict[Any, Group] = {}
        self.collect(groups, below)
        return self.kept(groups)

    def collect(self, groups: dict[Any, Group], below: Iterable[Any]) -> None:
        """Add rows to groups; the first row of a group opens it."""
        for row in self.passing(below):
            key = tuple([meaning(row) for meaning in self.keys])
            group = groups.get(key)
            if group is None:
                group = groups[key] = Group(row, [AGGREGATES[name]() for name, _, _ in self.arguments])
            for aggregate, (_, argument, order) in zip(group.aggregates, self.arguments, strict=True):
                aggregate.add(argument(row), None if order is None else order(row))

    def kept(self, groups: Mapping[Any, Group]) -> list[Group]:
        """The groups that HAVING lets through."""
        having = self.having
        return [group for group in groups.values() if having is None or having(group) is True]

    def _grouped_by(self, node: Node) -> Node:
        """GROUP BY names an output column by its position or name, or is an expression."""
        if isinstance(node, Literal) and isinstance(node.value, Decimal):
            return list(self.items.values())[int(node.value) - 1]
        if isinstance(node, Column) and not node.is_qualified and self.has(node.name):
            return self.items[node.name.lower()]
        return node


class GroupExpressions(Expressions):
    """Expressions over groups: aggregates, and what the rows of a group have in common."""

    def __init__(self, grouping: Grouping, keys: list[Node]) -> None:
        super().__init__(grouping.below)
        self.grouping = grouping
        self.keys = keys

    def meaning(self, node: Node, want: str | None = None) -> Meaning:
        if node in self.keys and not isinstance(node, Literal):
            # a key that is still open is grouped as text; it is one text that then becomes a number
            is_open = want == NUMBER and self.kind(node) is None
            key = Expressions(self.below).meaning(node, None if is_open else want)
            return (lambda group: CASTS[NUMBER](key(group.first))) if is_open else (lambda group: key(group.first))
        return super().meaning(node, want)

    def column(self, column: Column, want: str | None) -> Meaning:
        common = super().column(column, want)
        return lambda group: common(group.first)

    def aggregate(self, name: str, argument: Node | None, want: str | None) -> Meaning:
        inner = Expressions(self.below)
        kind: str | None = None
        if name in ("SUM", "AVG"):
            kind = NUMBER
        elif argument is not None and not name.startswith("COUNT"):
            kind = inner.kind(argument) or want or TEXT
        value = inner.meaning(argument, kind) if argument is not None else lambda row: True
        order = self.below.order() if name in ("EARLIEST", "LATEST") else None
        if name in ("EARLIEST", "LATEST") and order is None:
            raise CannotRead(f"the auditor found {name} over rows without a timestamp")
        self.grouping.arguments.append((name, value, order))
        place = len(self.grouping.arguments) - 1
        return lambda group: group.aggregates[place].result()


class HavingExpressions(GroupExpressions):
    """HAVING may also call an output column by its name, where what is read has none of that name."""

    def column_kind(self, column: Column) -> str | None:
        return self.grouping.kind(column) if self._is_output(column) else super().column_kind(column)

    def column(self, column: Column, want: str | None) -> Meaning:
        return self.grouping.meaning(column, want) if self._is_output(column) else super().column(column, want)

    def _is_output(self, column: Column) -> bool:
        return not column.is_qualified and self.grouping.has(column.name) and not self.below.has(column.name)


class Metric:
    """A metric query, ready to be run."""

    def __init__(self, query: str | Select) -> None:
        """Read the query, of its text or as basic_filter makes it. Raises: CannotRead."""
        select = read_query(query) if isinstance(query, str) else query
        self._stack = _stacked(select)
        top = self._stack[-1]
        if not top.is_grouped or not isinstance(top, Selected):
            raise CannotRead("the auditor found a query that aggregates nothing")
        names = [name.lower() if name is not None else "" for name, _ in select.items]
        quantity = names.index("value") if "value" in names else 0
        self._quantity = top.expressions.meaning(select.items[quantity][1], NUMBER)
        self._keys = {name or "": top.expressions.meaning(node) for place, (name, node) in enumerate(select.items) if place != quantity}

    def running(self) -> "Running":
        """The metric over no events so far."""
        return Running(self._stack, self._quantity, self._keys)

    def reads(self, event: UsageEvent) -> bool:
        """Whether an event passes the filters that stand before the first aggregate."""
        return self.running().passes(event)

    @exactly
    def over(self, events: Iterable[UsageEvent]) -> dict[str, Decimal]:
        """The quantity of each group over some events; groups as canonical JSON, a NULL quantity is 0."""
        running = self.running()
        running.add(events)
        return running.quantities()


class Running:
    """A metric over the events so far. The lowest groups keep their aggregates, all that lies above is made anew each time."""

    def __init__(self, stack: list[Rows], quantity: Meaning, keys: dict[str, Meaning]) -> None:
        lowest = next(place for place, rows in enumerate(stack) if isinstance(rows, Grouping))
        self._below, self._above = stack[:lowest], stack[lowest + 1 :]
        grouping = stack[lowest]
        assert isinstance(grouping, Grouping)
        self._grouping = grouping
        self._groups: dict[Any, Group] = {}
        self._quantity, self._keys = quantity, keys

    @exactly
    def add(self, events: Iterable[UsageEvent]) -> None:
        rows: Iterable[Any] = events
        for below in self._below:
            rows = below.rows(rows)
        self._grouping.collect(self._groups, rows)

    @exactly
    def passes(self, event: UsageEvent) -> bool:
        rows: Iterable[Any] = [event]
        for below in self._below:
            rows = below.rows(rows)
        return any(True for _ in self._grouping.passing(rows))

    @exactly
    def quantities(self) -> dict[str, Decimal]:
        rows: Iterable[Any] = self._grouping.kept(self._groups)
        for above in self._above:
            rows = above.rows(rows)
        found: dict[str, Decimal] = {}
        for row in rows:
            group = canonical({name: to_text(meaning(row)) for name, meaning in self._keys.items()})
            found[group] = found.get(group, ZERO) + (self._quantity(row) or ZERO)
        return found


def _stacked(select: Select) -> list[Rows]:
    """Events and the SELECTs over them, the outermost last."""
    stack: list[Rows] = [Events()] if select.source is None else _stacked(select.source)
    is_grouped = bool(select.group) or select.having is not None or any(_aggregates(node) for _, node in select.items)
    rows: Rows = Grouping(select, stack[-1]) if is_grouped else Projection(select, stack[-1])
    return [*stack, rows]


def _aggregates(node: Node) -> bool:
    if isinstance(node, (Literal, Column)):
        return False
    return node.name in AGGREGATES or any(map(_aggregates, node.arguments))
