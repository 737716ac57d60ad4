"""Raw event files as plain rows of text for the auditor, which reads text files itself and knows nothing of Parquet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb

from meterhouse.auditor.event_files import COLUMNS, event_row, read_event_file
from meterhouse.auditor.events import EventRow
from meterhouse.runner.errors import EventFileError


def read_raw_events(path: Path, known_at_step: int) -> list[EventRow]:
    """
    Return the rows of an event file as they came, every value as text.

    Raises:
        EventFileError: the file is gone or cannot be read.
    """
    if not path.exists():
        raise EventFileError(f"{path}: is gone; put it back: invoices are verified from the files that they were made of")
    try:
        rows = _parquet_rows(path, known_at_step) if path.suffix == ".parquet" else read_event_file(path, known_at_step)
        return list(rows)
    except (duckdb.Error, ValueError, OSError) as error:
        raise EventFileError(f"{path}: cannot be read ({str(error).splitlines()[0]})") from error


def _parquet_rows(path: Path, known_at_step: int) -> Iterator[EventRow]:
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        kinds = {name: kind for name, kind, *_ in con.execute("describe select * from read_parquet(?)", [str(path)]).fetchall()}
        wanted = {name.lower(): name for name in kinds if name.lower() in COLUMNS}
        texts = [_as_text(f'"{wanted[name]}"', kinds[wanted[name]]) for name in wanted]
        found = con.execute(f"select {', '.join(texts)} from read_parquet(?)", [str(path)]).fetchall()
    for number, row in enumerate(found, start=1):
        yield event_row(dict(zip(wanted, row, strict=True)), str(path), number, known_at_step)


def _as_text(column: str, kind: str) -> str:
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"strftime(timezone('UTC', {column}), '%Y-%m-%dT%H:%M:%S.%fZ')"
    if kind.startswith("TIMESTAMP"):
        return f"strftime(cast({column} as timestamp), '%Y-%m-%dT%H:%M:%S.%fZ')"
    if kind.startswith(("STRUCT", "MAP")):
        return f"cast(to_json({column}) as varchar)"
    return f"cast({column} as varchar)"
