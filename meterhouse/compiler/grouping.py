"""Binding of a SELECT with aggregates: its group keys, its aggregates, and what is said of them."""

from typing import Protocol

from sqlglot import exp

from meterhouse.compiler.errors import (
    AmbiguousName,
    MetricError,
    MisplacedAggregate,
    UngroupedColumn,
    UnknownName,
    WrongArguments,
)
from meterhouse.compiler.expressions import AGGREGATES, RowBinder, Rows, of_kind
from meterhouse.compiler.tree import (
    Aggregate,
    Call,
    Expression,
    Function,
    GroupKey,
    Key,
    Kind,
    Literal,
    Value,
)
from meterhouse.compiler.validate import offset_of

PLAIN: dict[type[exp.Expr], Function] = {exp.Sum: Function.SUM, exp.Min: Function.MIN, exp.Max: Function.MAX}
ORDERED = {"EARLIEST": Function.EARLIEST, "LATEST": Function.LATEST}


class Below(Rows, Protocol):
    """The rows that a grouping reads."""

    def has(self, name: str) -> bool: ...

    def instant(self) -> Expression | None: ...


def has_aggregate(node: exp.Expr) -> bool:
    return node.find(*AGGREGATES) is not None


class GroupBinder(RowBinder):
    """Binds what a SELECT with aggregates says of its groups, and leaves what it says of single rows to `row_binder`."""

    def __init__(self, items: dict[str, exp.Expr], group: exp.Group | None, below: Below) -> None:
        super().__init__(below)
        self.items = items
        self.below = below
        self.row_binder = RowBinder(below)
        self.keys: list[GroupKey] = []
        self.aggregates: list[Aggregate] = []
        self.keys = self._group_keys(group.expressions if group else [])

    def bind(self, node: exp.Expr, want: Kind | None = None) -> Expression:
        key = self._key_of(node)
        if key is None:
            return super().bind(node, want)
        if want is Kind.NUMBER and key.kind is Kind.TEXT and self.natural(node) is None:
            return Call("text_to_number", (key,), Kind.NUMBER)
        return of_kind(key, want, node)

    def column(self, node: exp.Column, want: Kind | None) -> Expression:
        self.row_binder.bind(node)
        raise UngroupedColumn(
            f"{node.sql()} is neither grouped nor aggregated; add it to GROUP BY or wrap it, as in MAX({node.sql()})",
            offset_of(node),
        )

    def aggregate(self, node: exp.Expr, want: Kind | None) -> Expression:
        if isinstance(node, exp.Count):
            return self._count(node)
        if isinstance(node, exp.Avg):
            argument = self.row_binder.bind(node.this, Kind.NUMBER)
            total = self._value(Aggregate(Function.SUM, argument, Kind.NUMBER))
            return Call("/", (total, self._value(Aggregate(Function.COUNT, argument, Kind.NUMBER))), Kind.NUMBER)
        if isinstance(node, exp.Sum):
            return self._value(Aggregate(Function.SUM, self.row_binder.bind(node.this, Kind.NUMBER), Kind.NUMBER))
        argument_node = self._only_argument(node)
        kind = self.row_binder.natural(argument_node) or want or Kind.TEXT
        argument = self.row_binder.bind(argument_node, kind)
        if isinstance(node, exp.Anonymous):
            return self._value(Aggregate(ORDERED[node.name.upper()], argument, kind, self._order(node)))
        return self._value(Aggregate(PLAIN[type(node)], argument, kind))

    def _count(self, node: exp.Count) -> Value:
        if node.this is None or isinstance(node.this, exp.Star):
            return self._value(Aggregate(Function.COUNT_ROWS, None, Kind.NUMBER))
        if isinstance(node.this, exp.Distinct):
            argument = self.row_binder.bind(node.this.expressions[0])
            return self._value(Aggregate(Function.COUNT_DISTINCT, argument, Kind.NUMBER))
        argument = self.row_binder.bind(node.this)
        if isinstance(argument, Literal) and argument.value is not None:
            return self._value(Aggregate(Function.COUNT_ROWS, None, Kind.NUMBER))
        return self._value(Aggregate(Function.COUNT, argument, Kind.NUMBER))

    def _only_argument(self, node: exp.Expr) -> exp.Expr:
        arguments = [*([] if isinstance(node, exp.Anonymous) else [node.this]), *node.expressions]
        if len(arguments) != 1 or arguments[0] is None:
            name = node.name if isinstance(node, exp.Anonymous) else node.key
            raise WrongArguments(f"{name.upper()} takes one argument, found {len(arguments)}", offset_of(node))
        argument: exp.Expr = arguments[0]
        return argument

    def _order(self, node: exp.Expr) -> Expression:
        instant = self.below.instant()
        if instant is None:
            raise UnknownName(
                f"{node.name.upper()} needs an order: the sub-query below returns no column named timestamp",
                offset_of(node),
            )
        return instant

    def _value(self, aggregate: Aggregate) -> Value:
        if aggregate not in self.aggregates:
            self.aggregates.append(aggregate)
        return Value(self.aggregates.index(aggregate), aggregate.kind)

    def _key_of(self, node: exp.Expr) -> Key | None:
        if isinstance(node, (exp.Literal, exp.Paren)) or has_aggregate(node):
            return None
        try:
            expression = self.row_binder.bind(node)
        except MetricError:
            return None  # no key; the fault is raised where the node itself is bound
        for index, key in enumerate(self.keys):
            if key.expression == expression:
                return Key(index, expression.kind)
        return None

    def _group_keys(self, nodes: list[exp.Expr]) -> list[GroupKey]:
        keys: list[GroupKey] = []
        for node in nodes:
            item = self._grouped_item(node)
            if has_aggregate(item):
                raise MisplacedAggregate("GROUP BY an aggregate; group by what the rows hold", offset_of(node))
            expression = self.row_binder.bind(item)
            is_new = all(key.expression != expression for key in keys)
            if is_new and not isinstance(expression, Literal):
                keys.append(GroupKey(self._name_of(item), expression))
        return keys

    def _grouped_item(self, node: exp.Expr) -> exp.Expr:
        """GROUP BY names an output column by position or name, or gives an expression."""
        items = list(self.items.values())
        if isinstance(node, exp.Literal) and not node.is_string:
            if not node.name.isdigit() or not 1 <= int(node.name) <= len(items):
                raise UnknownName(f"GROUP BY position {node.name}; the SELECT has {len(items)} columns", offset_of(node))
            return items[int(node.name) - 1]
        if not isinstance(node, exp.Column) or node.table or not self._returns(node.name):
            return node
        item = self.items[node.name.lower()]
        if self.below.has(node.name) and self.row_binder.bind(node) != (None if has_aggregate(item) else self.row_binder.bind(item)):
            raise AmbiguousName(
                f"{node.name} is a column that is read and another that is returned; group by position or rename one",
                offset_of(node),
            )
        return item

    def _returns(self, name: str) -> bool:
        return name.lower() in self.items

    def _name_of(self, item: exp.Expr) -> str:
        named = [name for name, other in self.items.items() if other is item and not name.startswith("\0")]
        return named[0] if named else item.name if isinstance(item, exp.Column) else ""


class HavingBinder(GroupBinder):
    """HAVING may also call an output column by its name, where what is read has no column of that name."""

    def __init__(self, groups: GroupBinder) -> None:
        super().__init__(groups.items, None, groups.below)
        self.groups = groups
        self.keys = groups.keys
        self.aggregates = groups.aggregates

    def column(self, node: exp.Column, want: Kind | None) -> Expression:
        return self.groups.bind(self.items[node.name.lower()], want) if self._is_output(node) else super().column(node, want)

    def natural(self, node: exp.Expr) -> Kind | None:
        if isinstance(node, exp.Column) and self._is_output(node):
            return self.groups.natural(self.items[node.name.lower()])
        return super().natural(node)

    def _is_output(self, node: exp.Column) -> bool:
        return not node.table and self._returns(node.name) and not self.below.has(node.name)
