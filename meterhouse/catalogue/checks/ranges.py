"""Half-open ranges: each has some length, and those that exclude each other do not overlap."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from meterhouse.catalogue.book import Book, grouped
from meterhouse.catalogue.errors import Fault, quoted
from meterhouse.catalogue.tables import TABLES, CommitSegment, columns
from meterhouse.catalogue.values import canonical

_BEGINNING, _FOR_EVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def check_ranges(book: Book) -> Iterator[Fault]:
    """Faults of ranges that end before they begin, and of segments of one commit that overlap."""
    for table in TABLES:
        if {"starting_at", "ending_before"} <= set(columns(table)):
            yield from _backward(book, book.rows(table))
    for segments in grouped(book.rows(CommitSegment), "commit_id"):
        yield from overlaps(book, segments, "segment_id", blank_ends_at_next=False)


def _backward(book: Book, rows: Sequence[Any]) -> Iterator[Fault]:
    for row in rows:
        if row.ending_before is not None and row.ending_before <= row.starting_at:
            end, begin = canonical(row.ending_before), canonical(row.starting_at)
            found = f"ending_before {quoted(end)} is not after starting_at {quoted(begin)}"
            yield book.fault(row, f"{found}; the end is excluded, write a later one")


def overlaps(book: Book, rows: Sequence[Any], name: str, *, blank_ends_at_next: bool) -> Iterator[Fault]:
    """
    Faults of rows that begin inside an earlier row of the group.

    Ranges exclude their end. A blank end means "until the next row begins", or else "for ever".
    """
    last_end, last = _BEGINNING, None
    for earlier, later in pairwise(sorted(rows, key=lambda row: (row.starting_at, row.line))):
        end = earlier.ending_before or (later.starting_at if blank_ends_at_next else _FOR_EVER)
        if end > last_end:
            last_end, last = end, earlier
        begin = canonical(later.starting_at)
        if later.starting_at == earlier.starting_at:
            wrong = f"begins at {begin}, as {_place(earlier, name)} does; keep one of them"
        elif last_end > later.starting_at:
            wrong = f"begins at {begin}, inside {_place(last, name)}; end that one at {begin} or earlier"
        else:
            continue
        yield book.fault(later, f"{name} {quoted(getattr(later, name))} {wrong}")


def _place(row: Any, name: str) -> str:
    return f"{quoted(getattr(row, name))} on line {row.line}"
