"""
Marts that a publication holds in parts: Parquet files of some hours each, which the next publication shares if they are as they were.

A part holds all rows of a half-open range of whole UTC hours; ranges do not overlap. A part that no written hour falls in is
linked, not written again, so publishing costs what a run changed and not what the warehouse holds.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb

from meterhouse.runner.texts import quoted, written

# The marts that grow with every hour of usage. All others follow from catalogue, days or invoices, and are small beside them.
TABLES_IN_PARTS = ("credit_drawdowns", "events", "line_items_hourly", "unbilled_events", "usage_hourly")
# Rows at which a part is full. A part that is written anew takes seconds; a year of a hundred million events a month is a
# thousand files. A part has at most half as many more, or one hour, however large.
ROWS_PER_PART = 1_000_000
EMPTY_FILE = "no_rows.parquet"
HOUR = timedelta(hours=1)

Range = tuple[datetime, datetime]


@dataclass(frozen=True)
class Part:
    """A file and the range of hours (UTC) whose rows it holds."""

    file: str
    start: datetime
    end: datetime
    rows: int

    def as_json(self) -> dict[str, Any]:
        """Return the part as a manifest tells it."""
        return {"file": self.file, "from": written(self.start), "to": written(self.end), "rows": self.rows}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Part:
        """Return the part of which a manifest tells."""
        start, end = (datetime.fromisoformat(told[name]) for name in ("from", "to"))
        return cls(told["file"], start, end, told["rows"])


@dataclass(frozen=True)
class Base:
    """The publication whose parts are shared, the parts of each table in order of time, and what was written since (UTC)."""

    parquet: Path
    parts: Mapping[str, Sequence[Part]]
    written: Mapping[str, set[datetime]]

    def share(self, table: str, folder: Path) -> tuple[list[Part], list[Range] | None]:
        """Link a mart's parts without written hours into `folder`; return them, and the ranges to write: None if it has no parts."""
        known = self.parts.get(table)
        if not known:
            return [], None
        stale = stale_ranges(known, self.written.get(table, set()), ROWS_PER_PART)
        shared = [part for part in known if not any(part.start < end and start < part.end for start, end in stale)]
        for part in shared:
            _link(self.parquet / table / part.file, folder / part.file)
        return shared, stale


def write_parts(con: duckdb.DuckDBPyConnection, table: str, folder: Path, base: Base | None) -> list[Part]:
    """
    Put the rows of mart `table` into the new folder `folder`; return its parts in order of time.

    Parts of `base` without written hours are shared, all else is written; without `base` everything is.
    """
    folder.mkdir()
    shared, stale = base.share(table, folder) if base else ([], None)
    written = [_write(con, table, folder, within) for within in _new_ranges(con, table, stale)]
    if not (shared or written):
        # readers of the folder see the columns
        _copy(con, f"select * from marts.{table} limit 0", folder / EMPTY_FILE)
    return sorted((*shared, *written), key=lambda part: part.start)


def stale_ranges(parts: Sequence[Part], hours: Iterable[datetime], most_rows: int) -> list[Range]:
    """
    Return the ranges to write for `parts` (ascending) to hold the written `hours` (UTC), ascending and without touching another.

    An hour that no part holds fills the gap in which it lies; the part beside the gap is written with it until that is full.
    """
    ranges: list[Range] = []
    for hour in sorted(hours):
        ranges += _around(hour, parts, most_rows)
    joined: list[Range] = []
    for start, end in sorted(ranges):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((start, end))
    return joined


def packed(hours: Sequence[tuple[datetime, int]], within: Range, most_rows: int) -> list[Range]:
    """Cut a range into parts of at most `most_rows` rows; `hours` (UTC, ascending) say how many rows there are in each hour with any."""
    starts: list[datetime] = []
    sizes: list[int] = []
    for hour, rows in hours:
        if sizes and sizes[-1] + rows <= most_rows:
            sizes[-1] += rows
        else:
            starts.append(hour)
            sizes.append(rows)
    if len(sizes) > 1 and sizes[-1] < most_rows / 2:
        # else a full part that gets a late row would leave a small one behind, again and again
        starts.pop()
    if not starts:
        return []
    borders = [within[0], *starts[1:], within[1]]
    return list(pairwise(borders))


def _around(hour: datetime, parts: Sequence[Part], most_rows: int) -> Iterator[Range]:
    before = next((part for part in reversed(parts) if part.start <= hour), None)
    if before and hour < before.end:
        yield before.start, before.end
        return
    after = next((part for part in parts if part.start > hour), None)
    yield before.end if before else hour, after.start if after else hour + HOUR
    beside = before or after
    if beside and beside.rows < most_rows:
        yield beside.start, beside.end


def _new_ranges(con: duckdb.DuckDBPyConnection, table: str, stale: Sequence[Range] | None) -> list[Range]:
    """The ranges of the parts to write: all that the table holds, or what is stale, cut to size."""
    if stale == []:
        return []
    condition = " or ".join(map(_is_within, stale)) if stale else "true"
    counted = con.execute(f"select hour_start_at, count(*) from marts.{table} where {condition} group by 1 order by 1").fetchall()
    hours = [(hour.astimezone(UTC), rows) for hour, rows in counted]
    if stale is None:
        stale = [(hours[0][0], hours[-1][0] + HOUR)] if hours else []
    return [
        new
        for start, end in stale
        for new in packed([(hour, rows) for hour, rows in hours if start <= hour < end], (start, end), ROWS_PER_PART)
    ]


def _write(con: duckdb.DuckDBPyConnection, table: str, folder: Path, within: Range) -> Part:
    file = "_".join(f"{instant:%Y-%m-%dT%H}" for instant in within) + ".parquet"
    return Part(file, *within, _copy(con, f"select * from marts.{table} where {_is_within(within)}", folder / file))


def _copy(con: duckdb.DuckDBPyConnection, query: str, target: Path) -> int:
    """Write the rows of a query as Parquet; return how many there are."""
    rows: int = con.execute(f"copy ({query}) to {quoted(target)} (format parquet, compression zstd)").fetchall()[0][0]
    return rows


def _link(source: Path, target: Path) -> None:
    """Let two publications share a file; a file system without hard links gets a copy."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _is_within(within: Range) -> str:
    start, end = (f"timestamptz '{instant:%Y-%m-%d %H:%M:%S}+00'" for instant in within)
    return f"(hour_start_at >= {start} and hour_start_at < {end})"
