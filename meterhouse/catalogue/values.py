"""
The types of cells: how each is read, and how its canonical text looks.

A type is `Annotated[python type, Kind(...), BeforeValidator(parse)]`. A parser takes the trimmed text of a
cell and raises ValueError with what is wrong and what would be right; the reader adds file, line and column.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import cache
from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import BeforeValidator

from meterhouse.catalogue.errors import suggestion


@dataclass(frozen=True)
class Kind:
    """What a column of this type is in the warehouse, and what a person should write."""

    sql: str
    shape: str


@dataclass(frozen=True)
class RefersTo:
    """The value, or each value of the list, is the `column` of a row of `table`."""

    table: str
    column: str


_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]"
    r"([0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?)"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})?"
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)
_SCALE = 12
#: Part of a specifier -> its JSON type, and an example.
_SPECIFIER_PARTS: dict[str, tuple[type[Any], str]] = {
    "product_id": (str, '"chat"'),
    "product_tags": (list, '["llm"]'),
    "pricing_group_values": (dict, '{"region":"eu"}'),
    "presentation_group_values": (dict, '{"user":"ann"}'),
}


def text(value: str) -> str:
    """Text without control characters, which no exporter shows and every engine escapes differently."""
    found = _CONTROL.search(value)
    if found:
        raise ValueError(f"has the control character U+{ord(found.group()):04X}; remove it")
    return value


def _decimal(value: str, limit: int) -> Decimal:
    if not _NUMBER.fullmatch(value):
        raise ValueError(f"is no number; {_number_remedy(value)}")
    number = Decimal(value, _EXACT)
    if abs(number) >= Decimal(10) ** limit:
        raise ValueError(f"is too large; a number here has at most {limit} digits before the point")
    rounded = number.quantize(Decimal(1).scaleb(-_SCALE), context=_EXACT)
    if rounded != number:
        raise ValueError(f"has more than {_SCALE} decimals; round it, for example to {plain(rounded)}")
    return number


def _number_remedy(value: str) -> str:
    if _THOUSANDS.fullmatch(value):
        whole = value.replace(",", "")
        return f"write {whole}" if value.count(",") > 1 or "." in value else f"write {whole} or {value.replace(',', '.')}"
    if _DECIMAL_COMMA.fullmatch(value):
        return f"write {value.replace(',', '.')}"
    if value.endswith("%") and _NUMBER.fullmatch(value[:-1].strip()):
        return f"write {plain(Decimal(value[:-1].strip()).scaleb(-2))}"
    return "write a plain decimal such as 1.5"


def quantity(value: str) -> Decimal:
    """A decimal of at most 12 decimals, smaller than 10^18."""
    return _decimal(value, 18)


def money(value: str) -> Decimal:
    """A decimal of at most 12 decimals, smaller than 10^14, so that amounts of 24 decimals fit 38 digits."""
    return _decimal(value, 14)


def whole(value: str) -> int:
    """A whole number of 32 bits."""
    if not re.fullmatch(r"[+-]?[0-9]+", value):
        raise ValueError("is no whole number; write digits only")
    number = int(value[:12])
    if len(value) > 11 or abs(number) >= 2**31:
        raise ValueError("is too large; a whole number here is smaller than 2147483648")
    return number


def boolean(value: str) -> bool:
    """true or false, in any case."""
    if value.lower() not in ("true", "false"):
        raise ValueError("is neither true nor false; write true or false")
    return value.lower() == "true"


def instant(value: str) -> datetime:
    """An RFC 3339 instant with zone, or a date, which is its midnight in UTC; returned in UTC."""
    parts = _INSTANT.fullmatch(value)
    if not parts and not _DATE.fullmatch(value):
        raise ValueError("is no instant; write it as 2026-01-31T09:00:00Z")
    if parts and not parts.group(4):
        raise ValueError(f"has no zone; write {parts.group(1)}T{parts.group(2)}Z if it is UTC")
    try:
        found = datetime.fromisoformat(value.upper())
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise ValueError("is not on the calendar; write an existing day and time of day") from None


def hour(value: str) -> datetime:
    """An instant on a full UTC hour."""
    found = instant(value)
    if found.minute or found.second or found.microsecond:
        start = canonical(found.replace(minute=0, second=0, microsecond=0))
        raise ValueError(f"is not on a full hour (UTC); write {start} or another full hour")
    return found


def timezone(value: str) -> str:
    """A time zone of the IANA database."""
    if value not in _zones():
        offset = re.search(r"[0-9+]", value)
        place = "write the name of a place, such as Europe/Berlin"
        raise ValueError(f"is no IANA time zone; {place if offset else suggestion(value, _zones(), place)}")
    return value


@cache
def _zones() -> frozenset[str]:
    """All zones but the names that mean something else on each machine."""
    return frozenset(available_timezones() - {"localtime", "posixrules", "Factory"})


def unit(value: str) -> str:
    """A currency or custom pricing unit; units are compared without case and kept in lower case."""
    return text(value).lower()


def anchor(value: str) -> str:
    """first_of_month, contract_start or a date."""
    words = ("first_of_month", "contract_start")
    if value in words:
        return value
    if not _DATE.fullmatch(value):
        remedy = suggestion(value, words, "write first_of_month, contract_start or a date such as 2026-01-15")
        raise ValueError(f"is no billing anchor; {remedy}")
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise ValueError("is not on the calendar; write an existing day") from None


def _json(value: str, example: str) -> Any:
    def no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in pairs}) < len(pairs):
            raise ValueError("names a key twice; keep one of them")
        return dict(pairs)

    try:
        return json.loads(value, object_pairs_hook=no_twins, parse_float=Decimal)
    except (json.JSONDecodeError, RecursionError):
        raise ValueError(f"is no JSON; write it like {example}") from None


def _strings(values: list[Any]) -> list[str]:
    for value in values:
        if not isinstance(value, str):
            shown = json.dumps(value, default=str)
            raise ValueError(f"holds {shown}, which is no text; {_text_remedy(value, shown)}")
        text(value)
    return values


def _text_remedy(value: Any, shown: str) -> str:
    simple = isinstance(value, int | Decimal)
    return f'write "{shown}"'.replace('""', '"') if simple else "write every value in double quotes"


def names(value: str) -> list[str]:
    """A JSON array of texts, each once; returned sorted."""
    example = '["a","b"]'
    if not value.startswith(("[", "{", '"')):
        guess = [part.strip() for part in value.split(",")]
        raise ValueError(f"is no JSON array; write {canonical(guess)}")
    found = _json(value, example)
    if not isinstance(found, list):
        raise ValueError(f"is no JSON array; write it like {example}")
    twin = next((name for name in _strings(found) if found.count(name) > 1), None)
    if twin is not None:
        raise ValueError(f'holds "{twin}" twice; keep one')
    return sorted(found)


def group_values(value: str) -> dict[str, str]:
    """A JSON object of texts."""
    example = '{"region":"eu"}'
    found = _json(value, example)
    if not isinstance(found, dict):
        raise ValueError(f"is no JSON object; write it like {example}")
    _strings([*found, *found.values()])
    return found


def percents(value: str) -> list[Decimal]:
    """A JSON array of growing percents above 0."""
    found = _json(value, "[75,90,100]")
    if not isinstance(found, list) or not all(type(part) in (int, Decimal) for part in found):
        raise ValueError("is no JSON array of numbers; write it like [75,90,100]")
    numbers = [Decimal(part) for part in found]
    if not all(0 < number < 10**6 for number in numbers) or sorted(set(numbers)) != numbers:
        raise ValueError("is not a growing list of percents above 0; write it like [75,90,100]")
    return numbers


def specifiers(value: str) -> list[dict[str, Any]]:
    """A JSON array of objects, each once: any of them must fit, all parts of one together. Lists in them are sorted."""
    example = '[{"product_id":"chat","pricing_group_values":{"region":"eu"}}]'
    found = _json(value, example)
    if not isinstance(found, list) or not all(isinstance(part, dict) for part in found):
        raise ValueError(f"is no JSON array of objects; write it like {example}")
    unknown = next((key for part in found for key in part if key not in _SPECIFIER_PARTS), None)
    if unknown is not None:
        remedy = suggestion(unknown, _SPECIFIER_PARTS, f"use {', '.join(sorted(_SPECIFIER_PARTS))}")
        raise ValueError(f'names "{unknown}", which no specifier has; {remedy}')
    parsed = [{key: _specifier_part(key, part) for key, part in specifier.items()} for specifier in found]
    if {} in parsed:
        raise ValueError("holds {}, which names nothing; name a part, or leave the cell blank to pay for everything")
    twin = next((part for part in parsed if parsed.count(part) > 1), None)
    if twin is not None:
        raise ValueError(f"holds {canonical(twin)} twice; keep one")
    return parsed


def _specifier_part(key: str, part: Any) -> Any:
    kind, example = _SPECIFIER_PARTS[key]
    if not isinstance(part, kind) or not part:
        raise ValueError(f"has {key} {json.dumps(part, default=str)}; write it like {example}")
    if isinstance(part, str):
        return text(part)
    if isinstance(part, dict):
        _strings([*part, *part.values()])
        return part
    return sorted(set(_strings(part)))


def plain(number: Decimal) -> str:
    """The number without exponent and without trailing zeros."""
    written = format(number, "f")
    shortened = written.rstrip("0").rstrip(".") if "." in written else written
    return "0" if shortened in ("-0", "+0") else shortened


def canonical(value: Any) -> str | None:
    """The one text of a parsed value that the warehouse loads; None stays None (a blank cell)."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
    if isinstance(value, int):
        return str(value)
    return _canonical_json(value)


def _canonical_json(value: Any) -> str:
    if isinstance(value, dict):
        pairs = (f"{_canonical_json(key)}:{_canonical_json(part)}" for key, part in sorted(value.items()))
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_canonical_json, value)) + "]"
    return plain(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)


def _parsed(parse: Callable[[str], Any]) -> BeforeValidator:
    return BeforeValidator(lambda value: parse(value) if isinstance(value, str) else value)


Text = Annotated[str, Kind("varchar", "text"), _parsed(text)]
Quantity = Annotated[Decimal, Kind("decimal(38,12)", "number"), _parsed(quantity)]
Money = Annotated[Decimal, Kind("decimal(38,12)", "number"), _parsed(money)]
Whole = Annotated[int, Kind("integer", "whole number"), _parsed(whole)]
Boolean = Annotated[bool, Kind("boolean", "true or false"), _parsed(boolean)]
Instant = Annotated[datetime, Kind("timestamptz", "instant"), _parsed(instant)]
Hour = Annotated[datetime, Kind("timestamptz", "instant on a full UTC hour"), _parsed(hour)]
Timezone = Annotated[str, Kind("varchar", "IANA time zone"), _parsed(timezone)]
Unit = Annotated[str, Kind("varchar", "pricing unit"), _parsed(unit)]
Anchor = Annotated[str, Kind("varchar", "first_of_month, contract_start or a date"), _parsed(anchor)]
Names = Annotated[list[str], Kind("varchar", "JSON array of texts"), _parsed(names)]
GroupValues = Annotated[dict[str, str], Kind("varchar", "JSON object of texts"), _parsed(group_values)]
Percents = Annotated[list[Decimal], Kind("varchar", "JSON array of percents"), _parsed(percents)]
Specifiers = Annotated[list[dict[str, Any]], Kind("varchar", "JSON array of objects"), _parsed(specifiers)]
