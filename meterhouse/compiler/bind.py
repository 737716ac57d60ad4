"""bind: the syntax tree -> the bound tree (tree.Query), a stack of blocks over events."""

from abc import ABC, abstractmethod

from sqlglot import exp

from meterhouse.compiler.errors import BadOutput, NotInLanguage, TooLarge, UnknownName, nearest
from meterhouse.compiler.expressions import RowBinder
from meterhouse.compiler.grouping import GroupBinder, HavingBinder, has_aggregate
from meterhouse.compiler.outputs import find_item, key_name, output_items, quantity_and_keys
from meterhouse.compiler.tree import (
    Block,
    Call,
    EventField,
    Events,
    Expression,
    GroupKey,
    Kind,
    Property,
    Query,
    conjunction,
)
from meterhouse.compiler.validate import offset_of

DEEPEST_STACK = 12

CommonTables = dict[str, tuple[exp.Select, "CommonTables"]]


class EventRows:
    """The table events: event_type, timestamp and the properties."""

    is_grouped = False

    def __init__(self, alias: str) -> None:
        self.names = {alias.lower(), "events"}
        self.filters: list[Expression] = []

    def column(self, node: exp.Column, want: Kind | None) -> Expression:
        name, table, outer = node.name, node.table.lower(), node.text("db").lower()
        if table == "properties" and (not outer or outer in self.names):
            return Property(name, Kind.NUMBER if want is Kind.NUMBER else Kind.TEXT)
        if not outer and (not table or table in self.names) and name.lower() in ("event_type", "timestamp"):
            return EventField("event_type", Kind.TEXT) if name.lower() == "event_type" else EventField("occurred_at", Kind.INSTANT)
        raise UnknownName(
            f"unknown column {node.sql()} of events; columns are event_type, timestamp and properties.<name>"
            + (f"; did you mean properties.{node.this.sql()}?" if not table else ""),
            offset_of(node),
        )

    def natural(self, node: exp.Column) -> Kind | None:
        return None if node.table.lower() == "properties" else self.column(node, None).kind

    def has(self, name: str) -> bool:
        return name.lower() in ("event_type", "timestamp")

    def instant(self) -> Expression:
        return EventField("occurred_at", Kind.INSTANT)

    def freeze(self) -> Events:
        return Events(conjunction(self.filters))

    def check(self) -> None:
        """Nothing to check: events have no expressions of their own."""


class Selected(ABC):
    """The rows that a SELECT returns; an expression is bound when it is read, in the kind that its reader wants."""

    is_grouped: bool
    filters: list[Expression]
    binder: RowBinder

    def __init__(self, select: exp.Select, below: "EventRows | Selected", alias: str) -> None:
        self.below = below
        self.alias = alias
        self.items = output_items(select)

    def column(self, node: exp.Column, want: Kind | None) -> Expression:
        return self.binder.bind(find_item(self.items, node, self.alias), want)

    def natural(self, node: exp.Column) -> Kind | None:
        return self.binder.natural(find_item(self.items, node, self.alias))

    def has(self, name: str) -> bool:
        return name.lower() in self.items

    def instant(self) -> Expression | None:
        """What orders EARLIEST and LATEST over these rows: their column named timestamp."""
        return self.binder.bind(self.items["timestamp"], Kind.INSTANT) if self.has("timestamp") else None

    @abstractmethod
    def freeze(self) -> Events | Block:
        """The bound source of whoever reads these rows."""

    def check(self) -> None:
        """Bind the columns that nobody reads too, only for their faults."""
        for item in self.items.values():
            self.binder.bind(item)
        self.below.check()


class Projection(Selected):
    """A SELECT without aggregates: other names for the expressions of what it reads, and a filter on it."""

    def __init__(self, select: exp.Select, below: "EventRows | Selected", alias: str) -> None:
        super().__init__(select, below, alias)
        self.is_grouped = below.is_grouped
        self.filters = below.filters
        self.binder = RowBinder(below)
        if select.args.get("where"):
            self.filters.append(self.binder.bind(select.args["where"].this, Kind.BOOLEAN))

    def instant(self) -> Expression | None:
        """Projected events keep the timestamp of their own."""
        return super().instant() if self.is_grouped else self.below.instant()

    def freeze(self) -> Events | Block:
        return self.below.freeze()


class Grouping(Selected):
    """A SELECT with aggregates: one block of the stack."""

    binder: GroupBinder

    def __init__(self, select: exp.Select, below: "EventRows | Selected", alias: str) -> None:
        super().__init__(select, below, alias)
        self.is_grouped = True
        if select.args.get("where"):
            below.filters.append(RowBinder(below).bind(select.args["where"].this, Kind.BOOLEAN))
        self.binder = GroupBinder(self.items, select.args.get("group"), below)
        having = select.args.get("having")
        self.filters = [HavingBinder(self.binder).bind(having.this, Kind.BOOLEAN)] if having else []

    def freeze(self) -> Block:
        return Block(
            self.below.freeze(),
            tuple(self.binder.keys),
            tuple(self.binder.aggregates),
            conjunction(self.filters),
        )


def bind(tree: exp.Select) -> Query:
    """
    Give every name its meaning and every value its kind.

    Raises: MetricError of the kind of fault.
    """
    rows = _select_rows(tree, {}, "", DEEPEST_STACK)
    if not rows.is_grouped:
        raise BadOutput(
            "the query aggregates nothing; the quantity is an aggregate, such as SUM(properties.x)",
            offset_of(tree),
        )
    quantity, others = quantity_and_keys(tree)
    bound_quantity = rows.binder.bind(quantity, Kind.NUMBER)
    keys = tuple(GroupKey(key_name(item), _as_text(rows.binder.bind(item.unalias()))) for item in others)
    block = rows.freeze()
    assert isinstance(block, Block)
    rows.check()
    return Query(block, bound_quantity, keys)


def _select_rows(select: exp.Select, outer: CommonTables, alias: str, depth: int) -> Selected:
    if depth == 0:
        raise TooLarge(f"more than {DEEPEST_STACK} queries are stacked; use fewer", offset_of(select))
    tables = _common_tables(select, outer)
    below = _source_rows(select, tables, depth)
    unread = [name for name in tables if name not in outer and not _is_read(select, name)]
    if unread:
        raise UnknownName(f"the query {unread[0]} in WITH is never read; leave it out", offset_of(select))
    grouped = select.args.get("group") or select.args.get("having") or any(map(has_aggregate, select.expressions))
    return Grouping(select, below, alias) if grouped else Projection(select, below, alias)


def _common_tables(select: exp.Select, outer: CommonTables) -> CommonTables:
    tables = dict(outer)
    for common in select.args["with_"].expressions if select.args.get("with_") else []:
        name = common.alias.lower()
        if name == "events":
            raise NotInLanguage("a query in WITH cannot be named events; give it another name", offset_of(common))
        tables[name] = (_inner_select(common.this), dict(tables))
    return tables


def _source_rows(select: exp.Select, tables: CommonTables, depth: int) -> "EventRows | Selected":
    if not select.args.get("from_"):
        raise UnknownName("the SELECT reads nothing; write FROM events", offset_of(select) or 0)
    source = select.args["from_"].this
    alias = source.alias.lower()
    if isinstance(source, exp.Subquery):
        return _select_rows(_inner_select(source.this), tables, alias, depth - 1)
    name = source.name.lower()
    if name == "events":
        return EventRows(alias or "events")
    if name not in tables:
        raise UnknownName(
            f"unknown table {source.name}; a metric reads the one table events{nearest(name, ['events', *tables])}",
            offset_of(source),
        )
    inner, visible = tables[name]
    return _select_rows(inner, visible, alias or name, depth - 1)


def _inner_select(node: exp.Expr) -> exp.Select:
    while isinstance(node, exp.Subquery):
        node = node.this
    if not isinstance(node, exp.Select):
        raise NotInLanguage(
            f"{node.key.upper()} is no sub-query of the metric language; write (SELECT ... FROM ...)",
            offset_of(node),
        )
    return node


def _is_read(select: exp.Select, name: str) -> bool:
    return any(table.name.lower() == name for table in select.find_all(exp.Table))


def _as_text(value: Expression) -> Expression:
    return value if value.kind is Kind.TEXT else Call(f"{value.kind.value}_to_text", (value,), Kind.TEXT)
