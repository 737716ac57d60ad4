"""JSON in which numbers keep the digits with which they were written."""

import json
from collections.abc import Callable
from typing import Any


class Numeral(str):
    """A number as it is written."""


def read_json(text: str, spelled: Callable[[str], str] = str) -> Any:
    """
    The value of a JSON text; of members with one name the first counts, numbers are numerals, `spelled` as one likes.

    Raises: ValueError.
    """

    def numeral(written: str) -> Numeral:
        return Numeral(spelled(written))

    return json.loads(text, object_pairs_hook=_first_wins, parse_float=numeral, parse_int=numeral, parse_constant=_no_constant)


def json_text(value: Any) -> str:
    """The JSON of a value that was read, without blanks."""
    if isinstance(value, Numeral):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name, ensure_ascii=False)}:{json_text(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(json_text, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def plain_text(value: Any) -> str | None:
    """A text as it is, nothing for null, else JSON."""
    return None if value is None else str(value) if isinstance(value, str) else json_text(value)


def _first_wins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return dict(reversed(pairs))


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
