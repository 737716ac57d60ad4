"""
The text of a metric, read by hand: words and signs, then a tree of what was written.

Nothing is judged here but what cannot be read: whether a query is allowed is the compiler's business. The tree keeps no
parentheses, and names of WITH are put in their place.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

WORDS = re.compile(
    r"""
    (?P<blank>\s+|--[^\n]*|/\*.*?\*/)
    |(?P<number>([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?)
    |(?P<text>'(?:[^']|'')*')
    |(?P<quoted>"(?:[^"]|"")*")
    |(?P<word>[^\W0-9]\w*)
    |(?P<sign><>|!=|<=|>=|==|::|[-+*/=<>≥≤≠(),.;])
    """,
    re.VERBOSE | re.DOTALL,
)
SPELLINGS = {"<>": "!=", "≠": "!=", "==": "=", "≥": ">=", "≤": "<=", "CEILING": "CEIL"}
RESERVED = {"FROM", "WHERE", "GROUP", "HAVING", "AS", "ON", "AND", "OR", "NOT", "WHEN", "THEN", "ELSE", "END"}
AGGREGATES = {"COUNT", "SUM", "MIN", "MAX", "AVG", "EARLIEST", "LATEST"}
FUNCTIONS = AGGREGATES | {"LEAST", "GREATEST", "ROUND", "CEIL", "FLOOR", "ABS", "COALESCE", "NULLIF", "DATE_TRUNC"}
INTEGERS = {"INT", "INTEGER", "BIGINT", "SMALLINT", "TINYINT", "HUGEINT", "INT128", "UINT", "UBIGINT"}
TYPES = {
    **dict.fromkeys((*INTEGERS, "DECIMAL", "NUMERIC", "DOUBLE", "FLOAT", "REAL"), "number"),
    **dict.fromkeys(("VARCHAR", "TEXT", "CHAR", "STRING", "NVARCHAR", "NCHAR"), "text"),
    **dict.fromkeys(("BOOLEAN", "BOOL"), "boolean"),
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMPTZ", "DATETIME"), "instant"),
}


class CannotRead(Exception):
    """The auditor does not understand a metric, so it cannot say whether it was billed rightly."""


@dataclass(frozen=True)
class Literal:
    """A number, text, truth value, or None for NULL."""

    value: Decimal | str | bool | None


@dataclass(frozen=True)
class Column:
    """A column of what is read; of a property the name as it is written, else in lower case."""

    name: str
    is_property: bool
    is_qualified: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Call:
    """An operator or function with its arguments; `detail` is the type of a cast, or the unit of DATE_TRUNC."""

    name: str
    arguments: tuple["Node", ...]
    detail: str = ""


Node = Literal | Column | Call
Item = tuple[str | None, Node]


@dataclass(frozen=True)
class Select:
    """One SELECT; `source` is the query that it reads, None for events."""

    items: tuple[Item, ...]
    source: "Select | None"
    where: Node | None
    group: tuple[Node, ...]
    having: Node | None


def read_query(text: str) -> Select:
    """
    Read the text of a metric.

    Raises: CannotRead, with the character where reading ended.
    """
    reader = _Reader(text)
    query = reader.query({})
    reader.take(";")
    if reader.kind != "end":
        raise reader.cannot()
    return query


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text.removeprefix("\ufeff")))
        self._at = 0

    @property
    def kind(self) -> str:
        return self._tokens[self._at][0]

    @property
    def found(self) -> str:
        return self._tokens[self._at][1]

    def cannot(self) -> CannotRead:
        return CannotRead(f"the auditor cannot read the metric from {self.found or 'its end'!r} on (character {self._tokens[self._at][2]})")

    def ahead(self, *words: str) -> bool:
        kinds = [kind for kind, _, _ in self._tokens[self._at : self._at + len(words)]]
        upper = [found.upper() for _, found, _ in self._tokens[self._at : self._at + len(words)]]
        return upper == list(words) and not {"text", "quoted"} & {*kinds}

    def take(self, *words: str) -> bool:
        """Pass over the words if they come next."""
        if self.ahead(*words):
            self._at += len(words)
            return True
        return False

    def expect(self, word: str) -> None:
        if not self.take(word):
            raise self.cannot()

    def next(self) -> str:
        found = self.found
        self._at += 1
        return found

    def query(self, named: dict[str, Select]) -> Select:
        named = dict(named)
        if self.take("WITH"):
            while True:
                name = self.identifier().lower()
                self.expect("AS")
                self.expect("(")
                named[name] = self.query(named)
                self.expect(")")
                if not self.take(","):
                    break
        if self.take("("):
            inner = self.query(named)
            self.expect(")")
            return inner
        return self.select(named)

    def select(self, named: dict[str, Select]) -> Select:
        self.expect("SELECT")
        items = [self.item()]
        while self.take(","):
            items.append(self.item())
        self.expect("FROM")
        source = self.source(named)
        where = self.condition() if self.take("WHERE") else None
        group = []
        if self.take("GROUP", "BY"):
            group.append(self.condition())
            while self.take(","):
                group.append(self.condition())
        having = self.condition() if self.take("HAVING") else None
        return Select(tuple(items), source, where, tuple(group), having)

    def item(self) -> Item:
        node = self.condition()
        if self.take("AS") or (self.kind in ("word", "quoted") and self.found.upper() not in RESERVED):
            return self.identifier(), node
        return (node.name if isinstance(node, Column) else None), node

    def source(self, named: dict[str, Select]) -> Select | None:
        source: Select | None
        if self.take("("):
            source = self.query(named)
            self.expect(")")
        else:
            name = self.identifier().lower()
            if name != "events" and name not in named:
                raise CannotRead(f"the auditor knows no table {name}")
            source = None if name == "events" else named[name]
        if self.take("AS") or (self.kind in ("word", "quoted") and self.found.upper() not in RESERVED):
            self.identifier()  # one table is read, so its other name tells nothing
        return source

    def identifier(self) -> str:
        if self.kind == "quoted":
            return self.next()[1:-1].replace('""', '"')
        if self.kind != "word":
            raise self.cannot()
        return self.next()

    def condition(self) -> Node:
        left = self.conjunction()
        while self.take("OR"):
            left = Call("or", (left, self.conjunction()))
        return left

    def conjunction(self) -> Node:
        left = self.negation()
        while self.take("AND"):
            left = Call("and", (left, self.negation()))
        return left

    def negation(self) -> Node:
        return Call("not", (self.negation(),)) if self.take("NOT") else self.equality()

    def equality(self) -> Node:
        return self.infix(self.comparison, "=", "!=")

    def comparison(self) -> Node:
        return self.infix(self.membership, "<=", ">=", "<", ">")

    def membership(self) -> Node:
        left = self.sum()
        while True:
            is_negated = self.ahead("NOT", "IN") or self.ahead("NOT", "BETWEEN")
            if is_negated:
                self.next()
            if self.take("IN"):
                left = Call("in", (left, *self.arguments()))
            elif self.take("BETWEEN"):
                low = self.sum()
                self.expect("AND")
                left = Call("between", (left, low, self.sum()))
            elif self.take("IS", "NOT", "NULL"):
                left = Call("not", (Call("is null", (left,)),))
            elif self.take("IS", "NULL"):
                left = Call("is null", (left,))
            else:
                return left
            left = Call("not", (left,)) if is_negated else left

    def sum(self) -> Node:
        return self.infix(self.product, "+", "-")

    def product(self) -> Node:
        return self.infix(self.unary, "*", "/")

    def infix(self, operand: Callable[[], Node], *signs: str) -> Node:
        left = operand()
        while self.kind == "sign" and SPELLINGS.get(self.found, self.found) in signs:
            sign = self.next()
            left = Call(SPELLINGS.get(sign, sign), (left, operand()))
        return left

    def unary(self) -> Node:
        if self.take("-"):
            return Call("negate", (self.unary(),))
        node = self.unary() if self.take("+") else self.primary()
        while self.take("::"):
            node = self.cast_of(node)
        return node

    def primary(self) -> Node:
        if self.take("("):
            node = self.condition()
            self.expect(")")
            return node
        if self.kind == "number":
            return Literal(Decimal(self.next()))
        if self.kind == "text":
            return Literal(self.next()[1:-1].replace("''", "'"))
        for word, value in (("NULL", None), ("TRUE", True), ("FALSE", False)):
            if self.take(word):
                return Literal(value)
        if self.take("CASE"):
            return self.case()
        if self.kind == "word" and self._tokens[self._at + 1][1] == "(":
            return self.function()
        return self.column()

    def column(self) -> Node:
        parts = [self.identifier()]
        while self.take("."):
            parts.append(self.identifier())
        is_property = len(parts) > 1 and parts[-2].lower() == "properties"
        if len(parts) > (3 if is_property else 2):
            raise self.cannot()
        return Column(parts[-1] if is_property else parts[-1].lower(), is_property, len(parts) > 1)

    def case(self) -> Node:
        subject = None if self.ahead("WHEN") else self.condition()
        parts: list[Node] = []
        while self.take("WHEN"):
            found = self.condition()
            self.expect("THEN")
            parts += [found if subject is None else Call("=", (subject, found)), self.condition()]
        parts.append(self.condition() if self.take("ELSE") else Literal(None))
        self.expect("END")
        return Call("case", tuple(parts))

    def function(self) -> Node:
        if self.take("CAST"):
            self.expect("(")
            node = self.condition()
            self.expect("AS")
            cast = self.cast_of(node)
            self.expect(")")
            return cast
        name = self.found.upper()
        name = SPELLINGS.get(name, name)
        if name not in FUNCTIONS:
            raise self.cannot()
        self.next()
        if name == "COUNT":
            return self.count()
        arguments = self.arguments()
        if name == "DATE_TRUNC":
            unit, instant = arguments
            written = unit.value if isinstance(unit, Literal) else unit.name if isinstance(unit, Column) else ""
            return Call("DATE_TRUNC", (instant,), str(written).lower())
        return Call(name, arguments)

    def count(self) -> Node:
        self.expect("(")
        if self.take(")") or self.take("*", ")"):
            return Call("COUNT", ())
        name = "COUNT DISTINCT" if self.take("DISTINCT") else "COUNT"
        node = self.condition()
        self.expect(")")
        return Call(name, (node,))

    def arguments(self) -> tuple[Node, ...]:
        self.expect("(")
        found = [self.condition()]
        while self.take(","):
            found.append(self.condition())
        self.expect(")")
        return tuple(found)

    def cast_of(self, node: Node) -> Node:
        """The cast of a value to the type that comes next: its kind, and the decimals to which it rounds."""
        name = self.identifier().upper()
        if name not in TYPES:
            raise self.cannot()
        if name == "DOUBLE":
            self.take("PRECISION")
        if name == "TIMESTAMP":
            self.take("WITH", "TIME", "ZONE")
        parameters = [str(part.value) for part in self.arguments() if isinstance(part, Literal)] if self.ahead("(") else []
        cast = Call("cast", (node,), TYPES[name])
        if name in INTEGERS:
            return Call("ROUND", (cast, Literal(Decimal(0))))
        if name in ("DECIMAL", "NUMERIC") and parameters:
            return Call("ROUND", (cast, Literal(min(Decimal(parameters[1] if len(parameters) > 1 else 0), Decimal(12)))))
        return cast


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    at = 0
    while at < len(text):
        match = WORDS.match(text, at)
        if match is None:
            raise CannotRead(f"the auditor cannot read the metric from {text[at : at + 20]!r} on (character {at})")
        if match.group("blank") is None:
            kind = next(name for name in ("number", "text", "quoted", "word", "sign") if match.group(name) is not None)
            yield kind, match.group(), at
        at = match.end()
    yield "end", "", at
    yield "end", "", at
