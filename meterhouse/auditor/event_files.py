"""Event files of text, read row by row with the standard library: CSV, and one JSON object a line."""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from meterhouse.auditor.events import EventRow
from meterhouse.auditor.exact_json import plain_text, read_json

Texts = dict[str, str | None]
COLUMNS = ("transaction_id", "customer_id", "event_type", "timestamp", "properties", "ingested_at")


def read_event_file(path: Path, known_at_step: int) -> Iterator[EventRow]:
    """The rows of a .csv, .ndjson or .jsonl file, numbered from 1; a blank is no value."""
    reader: Callable[[Path], Iterator[Texts]] = _csv_rows if path.suffix == ".csv" else _json_rows
    for number, texts in enumerate(reader(path), start=1):
        yield event_row(texts, str(path), number, known_at_step)


def event_row(texts: Texts, file: str, number: int, known_at_step: int) -> EventRow:
    """A row of the columns of an event; columns that are not there have no value."""
    named = {name: texts.get(name) for name in COLUMNS}
    return EventRow(**named, file=file, number=number, known_at_step=known_at_step)


def _csv_rows(path: Path) -> Iterator[Texts]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            yield {name.lower(): value or None for name, value in row.items() if isinstance(name, str)}


def _json_rows(path: Path) -> Iterator[Texts]:
    with path.open(encoding="utf-8-sig") as file:
        for line in file:
            if line.strip():
                yield {name: plain_text(value) for name, value in _members(line).items()}


def _members(line: str) -> dict[str, Any]:
    found = read_json(line)
    return found if isinstance(found, dict) else {}
