"""
What the operators of the metric language do to values: exact decimals, texts, truth values, instants, and None for NULL.

Numbers have 12 decimals: products and quotients round half away from zero there, and text is a number only if it is one.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from meterhouse.auditor.exact import EXACT, divide, multiply, rounded

NUMBER, TEXT, BOOLEAN, INSTANT = "number", "text", "boolean", "instant"
NUMERAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
TOO_LARGE = Decimal(10) ** 18
BLANKS = " \t\n\v\f\r"
TRUTHS = {"true": True, "1": True, "false": False, "0": False}
MOMENT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"([T ](([01][0-9]|2[0-3]):[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?)(Z|[+-](0[0-9]|1[0-7])(:?[0-5][0-9])?)?)?"
)


def to_number(value: Any) -> Decimal | None:
    """A text as the number that it is, rounded at 12 decimals; None where it is no number below 10^18."""
    if value is None or isinstance(value, Decimal):
        return value
    if isinstance(value, bool):
        return Decimal(int(value))
    text = value.strip(BLANKS)
    if not NUMERAL.fullmatch(text):
        return None
    number = Decimal(text)
    # huge exponents: what is as large is no number here, what is as small is 0
    if number.adjusted() > 20:
        return None if number else Decimal(0)
    found = rounded(number) if number.adjusted() > -20 else Decimal(0)
    return found if abs(found) < TOO_LARGE else None


def to_text(value: Any) -> str | None:
    """Canonical text: plain decimals without zeros at the end, RFC 3339 instants in UTC."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S") + (f".{value.microsecond:06}" if value.microsecond else "") + "Z"
    plain = f"{rounded(value):f}"
    plain = plain.rstrip("0").rstrip(".")
    return "0" if plain in ("-0", "") else plain


def to_boolean(value: Any) -> bool | None:
    return value if value is None or isinstance(value, bool) else TRUTHS.get(value.strip(" ").lower())


def to_instant(value: Any) -> datetime | None:
    """An RFC 3339 text, in UTC where it names no offset; None where it is no instant."""
    if value is None or isinstance(value, datetime):
        return value
    if not MOMENT.fullmatch(value):
        return None
    try:
        found = datetime.fromisoformat(value)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except ValueError:
        return None


CASTS: dict[str, Callable[[Any], Any]] = {NUMBER: to_number, TEXT: to_text, BOOLEAN: to_boolean, INSTANT: to_instant}


def strict(operation: Callable[..., Any]) -> Callable[..., Any]:
    """NULL in, NULL out."""
    return lambda *values: None if None in values else operation(*values)


def both(left: Any, right: Any) -> Any:
    return False if left is False or right is False else None if left is None or right is None else True


def negated(value: Any) -> Any:
    return None if value is None else not value


def either(left: Any, right: Any) -> Any:
    return negated(both(negated(left), negated(right)))


def is_in(value: Any, *others: Any) -> Any:
    """Three-valued: with a NULL among the others, what is not found is unknown."""
    if value is None:
        return None
    return True if value in [other for other in others if other is not None] else None if None in others else False


def between(value: Any, low: Any, high: Any) -> Any:
    return both(OPERATORS[">="](value, low), OPERATORS["<="](value, high))


def case(*parts: Any) -> Any:
    """Conditions and values in turn, then what else holds."""
    return next((parts[i + 1] for i in range(0, len(parts) - 1, 2) if parts[i] is True), parts[-1])


def present(values: tuple[Any, ...]) -> list[Any]:
    return [value for value in values if value is not None]


OPERATORS: dict[str, Callable[..., Any]] = {
    "+": strict(EXACT.add),
    "-": strict(EXACT.subtract),
    "*": strict(multiply),
    "/": strict(lambda a, b: divide(a, b) if b else None),
    "negate": strict(lambda a: EXACT.minus(a)),
    "=": strict(lambda a, b: a == b),
    "!=": strict(lambda a, b: a != b),
    "<": strict(lambda a, b: a < b),
    "<=": strict(lambda a, b: a <= b),
    ">": strict(lambda a, b: a > b),
    ">=": strict(lambda a, b: a >= b),
    "and": both,
    "or": either,
    "not": negated,
    "in": is_in,
    "between": between,
    "is null": lambda a: a is None,
    "case": case,
    "ABS": strict(lambda a: EXACT.abs(a)),
    "CEIL": strict(lambda a: a.quantize(Decimal(1), ROUND_CEILING, EXACT)),
    "FLOOR": strict(lambda a: a.quantize(Decimal(1), ROUND_FLOOR, EXACT)),
    "ROUND": strict(lambda a, digits=0: a.quantize(Decimal(1).scaleb(-int(digits)), ROUND_HALF_UP, EXACT)),
    "COALESCE": lambda *values: next(iter(present(values)), None),
    "NULLIF": lambda a, b: None if a is not None and a == b else a,
    "LEAST": lambda *values: min(present(values), default=None),
    "GREATEST": lambda *values: max(present(values), default=None),
}
TRUNCATIONS: dict[str, Callable[[Any], Any]] = {
    "hour": strict(lambda at: at.replace(minute=0, second=0, microsecond=0)),
    "day": strict(lambda at: at.replace(hour=0, minute=0, second=0, microsecond=0)),
}
