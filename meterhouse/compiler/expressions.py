"""
Binding of expressions: every name gets its meaning, every value its kind.

A property is text that may be read as a number: its kind is open until the place where it stands asks for one.
`natural` answers the kind of an expression, or None while it is open; `bind` settles it.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Protocol

from sqlglot import exp

from meterhouse.compiler.errors import MisplacedAggregate, TooLarge, WrongArguments, WrongKind
from meterhouse.compiler.tree import Call, Expression, Kind, Literal
from meterhouse.compiler.validate import offset_of

DIGITS_AFTER_POINT = 12
DIGITS_BEFORE_POINT = 18
LARGEST_EXPRESSION = 5_000

ARITHMETIC: dict[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/"}
COMPARISONS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "!=",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
LOGIC: dict[type[exp.Expr], str] = {exp.And: "and", exp.Or: "or"}
ROUNDING: dict[type[exp.Expr], str] = {exp.Abs: "abs", exp.Ceil: "ceil", exp.Floor: "floor"}
CHOICES: dict[type[exp.Expr], str] = {exp.Coalesce: "coalesce", exp.Least: "least", exp.Greatest: "greatest"}
AGGREGATES = (exp.Count, exp.Sum, exp.Min, exp.Max, exp.Avg, exp.Anonymous)

CAST_KINDS = {
    Kind.NUMBER: ("DECIMAL", "DOUBLE", "FLOAT", "UDECIMAL", "BIGDECIMAL"),
    Kind.TEXT: ("VARCHAR", "TEXT", "CHAR", "NVARCHAR", "NCHAR"),
    Kind.BOOLEAN: ("BOOLEAN",),
    Kind.INSTANT: ("TIMESTAMP", "TIMESTAMPTZ", "TIMESTAMPLTZ", "DATETIME"),
}
INTEGERS = ("INT", "BIGINT", "SMALLINT", "TINYINT", "INT128", "UINT", "UBIGINT", "HUGEINT")
SENSELESS_CASTS = {
    (Kind.INSTANT, Kind.NUMBER),
    (Kind.INSTANT, Kind.BOOLEAN),
    (Kind.NUMBER, Kind.INSTANT),
    (Kind.NUMBER, Kind.BOOLEAN),
    (Kind.BOOLEAN, Kind.INSTANT),
}


class Rows(Protocol):
    """What a SELECT reads: events, or the rows of another SELECT."""

    def column(self, node: exp.Column, want: Kind | None) -> Expression: ...

    def natural(self, node: exp.Column) -> Kind | None: ...


class RowBinder:
    """Binds expressions that speak of single rows: WHERE, GROUP BY and the arguments of aggregates."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self._bound: dict[tuple[int, Kind | None], Expression] = {}

    def bind(self, node: exp.Expr, want: Kind | None = None) -> Expression:
        """Give the expression its meaning, of the kind that its place wants (None: its own, text while open)."""
        memo = (id(node), want)
        if memo not in self._bound:
            self._bound[memo] = _small(of_kind(self._bind(node, want), want, node), node)
        return self._bound[memo]

    def natural(self, node: exp.Expr) -> Kind | None:
        if isinstance(node, exp.Column):
            return self.rows.natural(node)
        return _natural(node, self.natural)

    def aggregate(self, node: exp.Expr, want: Kind | None) -> Expression:
        raise MisplacedAggregate(
            f"{node.sql()} stands where single rows are read; aggregates belong in SELECT and HAVING, not inside each other",
            offset_of(node),
        )

    def column(self, node: exp.Column, want: Kind | None) -> Expression:
        return self.rows.column(node, want)

    def _bind(self, node: exp.Expr, want: Kind | None) -> Expression:
        if isinstance(node, exp.Paren):
            return self.bind(node.this, want)
        if isinstance(node, exp.Column):
            return self.column(node, want)
        if isinstance(node, AGGREGATES):
            return self.aggregate(node, want)
        if isinstance(node, (exp.Literal, exp.Boolean, exp.Null)):
            return _literal(node, want)
        if isinstance(node, tuple(ARITHMETIC)):
            return self._call(ARITHMETIC[type(node)], [node.this, node.expression], Kind.NUMBER, Kind.NUMBER)
        if isinstance(node, tuple(COMPARISONS)):
            return self._compare(COMPARISONS[type(node)], [node.this, node.expression])
        if isinstance(node, tuple(LOGIC)):
            return self._call(LOGIC[type(node)], [node.this, node.expression], Kind.BOOLEAN, Kind.BOOLEAN)
        if isinstance(node, tuple(ROUNDING)):
            return self._call(ROUNDING[type(node)], [node.this], Kind.NUMBER, Kind.NUMBER)
        return self._bind_rest(node, want)

    def _bind_rest(self, node: exp.Expr, want: Kind | None) -> Expression:
        if isinstance(node, exp.Not):
            return self._call("not", [node.this], Kind.BOOLEAN, Kind.BOOLEAN)
        if isinstance(node, exp.Neg):
            return self._call("negate", [node.this], Kind.NUMBER, Kind.NUMBER)
        if isinstance(node, exp.Is):
            return self._call("is null", [node.this], None, Kind.BOOLEAN)
        if isinstance(node, exp.In):
            return self._compare("in", [node.this, *node.expressions])
        if isinstance(node, exp.Between):
            return self._compare("between", [node.this, node.args["low"], node.args["high"]])
        if isinstance(node, tuple(CHOICES)):
            return self._choice(CHOICES[type(node)], [node.this, *node.expressions], want)
        if isinstance(node, exp.Nullif):
            return self._choice("nullif", [node.this, node.expression], want)
        if isinstance(node, exp.Case):
            return self._case(node, want)
        if isinstance(node, exp.Round):
            return Call("round", (self.bind(node.this, Kind.NUMBER), _digits(node)), Kind.NUMBER)
        if isinstance(node, exp.DateTrunc):
            return self._date_trunc(node)
        assert isinstance(node, exp.Cast), node.key
        return self._cast(node)

    def _call(self, operator: str, nodes: Sequence[exp.Expr], want: Kind | None, kind: Kind) -> Call:
        return Call(operator, tuple(self.bind(node, want) for node in nodes), kind)

    def _common_kind(self, nodes: Sequence[exp.Expr]) -> Kind | None:
        return next((kind for kind in map(self.natural, nodes) if kind), None)

    def _compare(self, operator: str, nodes: Sequence[exp.Expr]) -> Call:
        ordered = operator not in ("=", "!=", "in")
        kind = self._common_kind(nodes) or (Kind.NUMBER if ordered else Kind.TEXT)
        if ordered and kind in (Kind.TEXT, Kind.BOOLEAN):
            raise WrongKind(
                f"{kind.value} has no order to compare with {operator.upper()}; use = or IN, or write numbers without quotes",
                offset_of(nodes[0]),
            )
        return self._call(operator, nodes, kind, Kind.BOOLEAN)

    def _choice(self, operator: str, nodes: Sequence[exp.Expr], want: Kind | None) -> Call:
        ordered = operator in ("least", "greatest")
        kind = Kind.NUMBER if ordered and want is not Kind.INSTANT else self._common_kind(nodes) or want or Kind.TEXT
        if len(nodes) < 2 or any(node is None for node in nodes):
            raise WrongArguments(f"{operator.upper()} takes two or more values", offset_of(nodes[0]))
        return self._call(operator, nodes, kind, kind)

    def _case(self, node: exp.Case, want: Kind | None) -> Call:
        results = [branch.args["true"] for branch in node.args["ifs"]]
        default = node.args.get("default")
        kind = self._common_kind([*results, default] if default else results) or want or Kind.TEXT
        arguments: list[Expression] = []
        for branch, result in zip(node.args["ifs"], results, strict=True):
            condition = self._compare("=", [node.this, branch.this]) if node.this else self.bind(branch.this, Kind.BOOLEAN)
            arguments += [condition, self.bind(result, kind)]
        arguments.append(self.bind(default, kind) if default else Literal(None, kind))
        return Call("case", tuple(arguments), kind)

    def _date_trunc(self, node: exp.DateTrunc) -> Call:
        unit = str(node.args["unit"].name).lower()
        if unit not in ("hour", "day"):
            raise WrongArguments(f"DATE_TRUNC to '{unit}'; allowed are 'hour' and 'day'", offset_of(node))
        return self._call(f"trunc_{unit}", [node.this], Kind.INSTANT, Kind.INSTANT)

    def _cast(self, node: exp.Cast) -> Expression:
        target = _cast_kind(node)
        source = self.natural(node.this) or (Kind.NUMBER if target is Kind.NUMBER else Kind.TEXT)
        value = self.bind(node.this, source)
        if (source, target) in SENSELESS_CASTS:
            raise WrongKind(f"a {source.value} cannot be cast to {target.value}", offset_of(node))
        cast = value if source is target else Call(f"{source.value}_to_{target.value}", (value,), target)
        digits = _cast_digits(node)
        if target is Kind.NUMBER and digits is not None:
            return Call("round", (cast, Literal(Decimal(digits), Kind.NUMBER)), Kind.NUMBER)
        return cast


def _natural(node: exp.Expr, natural: Callable[[exp.Expr], Kind | None]) -> Kind | None:
    """The kind of an expression that is no column, from the kinds of its parts."""
    parts: list[exp.Expr]
    if isinstance(node, exp.Literal):
        return Kind.TEXT if node.is_string else Kind.NUMBER
    if isinstance(
        node,
        (exp.Count, exp.Sum, exp.Avg, exp.Round, exp.Neg, *ARITHMETIC, *ROUNDING, exp.Least, exp.Greatest),
    ):
        return Kind.NUMBER
    if isinstance(node, (exp.Boolean, exp.Not, exp.Is, exp.In, exp.Between, *COMPARISONS, *LOGIC)):
        return Kind.BOOLEAN
    if isinstance(node, exp.DateTrunc):
        return Kind.INSTANT
    if isinstance(node, exp.Cast):
        return _cast_kind(node)
    if isinstance(node, exp.Case):
        parts = [branch.args["true"] for branch in node.args["ifs"]] + [p for p in [node.args.get("default")] if p]
    elif isinstance(node, exp.Anonymous):
        parts = node.expressions
    else:
        parts = [part for part in [node.args.get("this"), node.args.get("expression"), *node.expressions] if isinstance(part, exp.Expr)]
    return next((kind for kind in map(natural, parts) if kind), None)


def of_kind(bound: Expression, want: Kind | None, node: exp.Expr) -> Expression:
    if want is None or bound.kind is want:
        return bound
    if isinstance(bound, Literal) and bound.value is None:
        return Literal(None, want)
    remedies = {
        Kind.NUMBER: "write a number, or CAST(... AS DECIMAL)",
        Kind.TEXT: "write a text in quotes, or CAST(... AS TEXT)",
        Kind.BOOLEAN: "write a comparison, as in properties.flag = 'true'",
        Kind.INSTANT: "use timestamp, or CAST(... AS TIMESTAMP)",
    }
    raise WrongKind(
        f"{_excerpt(node)} is a {bound.kind.value} where a {want.value} belongs; {remedies[want]}",
        offset_of(node),
    )


def _excerpt(node: exp.Expr) -> str:
    text = node.sql()
    return text if len(text) <= 60 else text[:57] + "..."


def _small(bound: Expression, node: exp.Expr) -> Expression:
    """Sub-queries that use a column twice, stacked, double an expression each time: refuse before it explodes."""
    sizes: dict[int, int] = {}

    def size(part: Expression) -> int:
        if id(part) not in sizes:
            sizes[id(part)] = 1 + (sum(map(size, part.arguments)) if isinstance(part, Call) else 0)
        return sizes[id(part)]

    if size(bound) > LARGEST_EXPRESSION:
        raise TooLarge(
            f"an expression grows to more than {LARGEST_EXPRESSION} parts; simplify the sub-queries",
            offset_of(node),
        )
    return bound


def _literal(node: exp.Expr, want: Kind | None) -> Literal:
    if isinstance(node, exp.Null):
        return Literal(None, want or Kind.TEXT)
    if isinstance(node, exp.Boolean):
        return Literal(bool(node.this), Kind.BOOLEAN)
    if node.is_string:
        return Literal(str(node.this), Kind.TEXT)
    number = Decimal(node.this)
    exponent = number.normalize().as_tuple().exponent
    if abs(number) >= Decimal(10) ** DIGITS_BEFORE_POINT or (isinstance(exponent, int) and exponent < -DIGITS_AFTER_POINT):
        raise WrongArguments(
            f"the number {node.this} does not fit; a number has at most {DIGITS_BEFORE_POINT} digits before the point and "
            f"{DIGITS_AFTER_POINT} after it",
            offset_of(node),
        )
    return Literal(number, Kind.NUMBER)


def _digits(node: exp.Round) -> Literal:
    decimals = node.args.get("decimals")
    if decimals is None:
        return Literal(Decimal(0), Kind.NUMBER)
    if not (isinstance(decimals, exp.Literal) and decimals.name.isdigit() and int(decimals.name) <= DIGITS_AFTER_POINT):
        raise WrongArguments(f"ROUND takes a whole number of decimals from 0 to {DIGITS_AFTER_POINT}", offset_of(decimals))
    return Literal(Decimal(decimals.name), Kind.NUMBER)


def _cast_kind(node: exp.Cast) -> Kind:
    name = node.to.this.name
    for kind, names in CAST_KINDS.items():
        if name in names or (kind is Kind.NUMBER and name in INTEGERS):
            return kind
    raise WrongArguments(
        f"CAST to {node.to.sql()}; allowed are INT, DECIMAL(p, s), TEXT, BOOLEAN and TIMESTAMP",
        offset_of(node),
    )


def _cast_digits(node: exp.Cast) -> int | None:
    """The decimals a number is rounded to; plain DECIMAL and the float types keep all twelve, exactly."""
    if node.to.this.name in INTEGERS:
        return 0
    parameters = [int(p.name) for p in node.to.expressions if p.name.isdigit()]
    if not parameters or node.to.this.name != "DECIMAL":
        return None
    return min(parameters[1] if len(parameters) > 1 else 0, DIGITS_AFTER_POINT)
