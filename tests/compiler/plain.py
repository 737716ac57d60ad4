"""
The plain evaluator: each piece of a query is its text and a Python function that says what it means.

It shares nothing with the compiler. Numbers are decimals, rounded half away from zero at 12 decimals after * and /.
NULL is None, and every function says itself what it does with it.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal
from typing import Any

Row = dict[str, Any]
EXACT = Context(prec=90)
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True)
class Term:
    """`meaning` takes a row, or for a term over groups the list of rows of the group."""

    text: str
    meaning: Callable[[Any], Any]
    is_open: bool = False  # text that is read as a number only where a number belongs


@dataclass(frozen=True)
class Source:
    """What FROM names: `run` makes its rows of the events; the terms are the columns to choose from."""

    text: str
    run: Callable[[Sequence[Row]], list[Row]]
    numbers: tuple[Term, ...]
    texts: tuple[Term, ...]
    instants: tuple[Term, ...]
    order: Callable[[Row, Any], Any] | None
    prelude: str = ""  # the WITH that names it
    is_simple: bool = False  # queries over it stay simple, so that values often move one way only


def rounded(value: Decimal, digits: int = 12, rounding: str = ROUND_HALF_UP) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-digits), rounding, EXACT)


def number(text: str | None) -> Decimal | None:
    """The number that a property's text is, or None."""
    if text is None or not NUMBER.fullmatch(text.strip(" ")):
        return None
    value = rounded(Decimal(text.strip(" ")))
    return value if abs(value) < Decimal(10) ** 18 else None


def strict(operation: Callable[..., Any]) -> Callable[..., Any]:
    """NULL in, NULL out."""
    return lambda *values: None if None in values else operation(*values)


def divide(left: Decimal, right: Decimal) -> Decimal | None:
    return rounded(EXACT.divide(left, right)) if right else None


ARITHMETIC: dict[str, Callable[..., Any]] = {
    "+": strict(lambda a, b: EXACT.add(a, b)),
    "-": strict(lambda a, b: EXACT.subtract(a, b)),
    "*": strict(lambda a, b: rounded(EXACT.multiply(a, b))),
    "/": strict(divide),
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "ABS({})": strict(abs),
    "CEIL({})": strict(lambda a: rounded(a, 0, ROUND_CEILING)),
    "FLOOR({})": strict(lambda a: rounded(a, 0, ROUND_FLOOR)),
    "ROUND({}, 1)": strict(lambda a: rounded(a, 1)),
    "CAST({} AS INT)": strict(lambda a: rounded(a, 0)),
    "-({})": strict(lambda a: -a),
}
PAIRS: dict[str, Callable[..., Any]] = {
    "COALESCE({}, {})": lambda a, b: b if a is None else a,
    "NULLIF({}, {})": lambda a, b: None if a is not None and a == b else a,
    "LEAST({}, {})": lambda a, b: min((v for v in (a, b) if v is not None), default=None),
    "GREATEST({}, {})": lambda a, b: max((v for v in (a, b) if v is not None), default=None),
}
COMPARISONS: dict[str, Callable[..., Any]] = {
    "=": strict(lambda a, b: a == b),
    "!=": strict(lambda a, b: a != b),
    ">": strict(lambda a, b: a > b),
    "≤": strict(lambda a, b: a <= b),
}


def both(a: Any, b: Any) -> Any:
    return False if a is False or b is False else None if a is None or b is None else True


def negated(a: Any) -> Any:
    return None if a is None else not a


def present(rows: Sequence[Row], argument: Term) -> list[Any]:
    values = [argument.meaning(row) for row in rows]
    return [value for value in values if value is not None]


AGGREGATES: dict[str, Callable[[list[Any]], Any]] = {
    "SUM({})": lambda values: sum(values) if values else None,
    "AVG({})": lambda values: divide(sum(values), Decimal(len(values))) if values else None,
    "MIN({})": lambda values: min(values, default=None),
    "MAX({})": lambda values: max(values, default=None),
    "COUNT({})": lambda values: Decimal(len(values)),
    "COUNT(DISTINCT {})": lambda values: Decimal(len(set(values))),
}


def aggregate(pattern: str, argument: Term) -> Term:
    if argument.is_open and pattern.startswith("COUNT"):
        argument = Term(f"{argument.text} + 0", argument.meaning)
    is_open = argument.is_open and pattern[:3] in ("MIN", "MAX")
    return Term(pattern.format(argument.text), lambda rows: AGGREGATES[pattern](present(rows, argument)), is_open)


def ordered_aggregate(name: str, argument: Term, order: Callable[[Row, Any], Any]) -> Term:
    def meaning(rows: Sequence[Row]) -> Any:
        found = [(order(row, argument.meaning(row)), argument.meaning(row)) for row in rows]
        known = sorted((o for o in found if o[1] is not None and o[0][0] is not None), key=lambda o: o[0])
        return None if not known else known[-1][1] if name == "LATEST" else known[0][1]

    return Term(f"{name}({argument.text})", meaning, argument.is_open)


def grouped(rows: Sequence[Row], keys: Sequence[Term]) -> list[list[Row]]:
    """The rows by their keys; without keys all rows are one group, and no rows are none."""
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(key.meaning(row) for key in keys), []).append(row)
    return list(groups.values())


def instant_text(value: datetime | None) -> str | None:
    return None if value is None else value.strftime("%Y-%m-%dT%H:%M:%SZ")
