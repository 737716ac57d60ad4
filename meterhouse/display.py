"""How rows look to a person: aligned tables, money with its unit, instants in UTC; or CSV and JSON for programs."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from rich.table import Table
from rich.text import Text

CENT = Decimal("0.01")


def as_table(columns: Sequence[str], rows: Sequence[Sequence[Any]], title: str = "") -> Table:
    """Return a table with numbers, and texts that begin with one and end with its unit, on the right."""
    table = Table(title=title or None, title_justify="left", header_style="bold", pad_edge=False, box=None)
    for index, name in enumerate(columns):
        on_the_right = bool(rows) and all(_is_number(row[index]) for row in rows)
        table.add_column(name, justify="right" if on_the_right else "left", overflow="fold")
    for row in rows:
        # a value like [red] is text, not markup
        table.add_row(*(Text(as_text(value)) for value in row))
    return table


def _is_number(value: Any) -> bool:
    if isinstance(value, str):
        return re.fullmatch(r"-?[0-9,]+\.[0-9]+ [A-Z]+", value) is not None
    return value is None or (isinstance(value, (int, Decimal)) and not isinstance(value, bool))


def as_csv(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return CSV with a header; NULL is blank."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([as_text(value) for value in row] for row in rows)
    return buffer.getvalue()


def as_json(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return a JSON array of objects; decimals are texts, so that no reader makes floats of them."""
    objects = [
        {
            name: None if value is None else value if isinstance(value, (bool, int)) else as_text(value)
            for name, value in zip(columns, row, strict=True)
        }
        for row in rows
    ]
    return json.dumps(objects, indent=2, ensure_ascii=False)


def as_text(value: Any) -> str:
    """Return a value as text: plain decimals without trailing zeros, RFC 3339 instants, blank for NULL."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def plain(value: Decimal) -> str:
    """Return a decimal without exponent and without zeros at its end."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def money(value: Decimal, currency: str) -> str:
    """Return an amount for people, rounded to cents half away from zero: 1,234.50 USD. The marts hold every digit."""
    return f"{value.quantize(CENT, ROUND_HALF_UP):,f} {currency.upper()}"
