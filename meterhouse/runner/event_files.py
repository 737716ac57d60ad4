"""Finding event files, and reading each of them as it stands (data-contract 2)."""

from __future__ import annotations

import glob
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import duckdb

from meterhouse.runner.errors import EventFileError
from meterhouse.runner.event_layout import ARRIVED_AT, NEEDED_COLUMNS, layout_of, projection
from meterhouse.runner.event_text import stage_csv, stage_ndjson
from meterhouse.runner.texts import quoted

TEXT_FORMATS = {".csv": stage_csv, ".ndjson": stage_ndjson, ".jsonl": stage_ndjson}
FORMATS = (".parquet", *TEXT_FORMATS)
IS_GONE = "is gone before all of it was read; put it back"
UNFINISHED = (".part", ".tmp", ".unfinished")


@dataclass(frozen=True)
class EventFile:
    """A file that can be read: `layout` is the JSON of its columns and types, arrivals are UTC."""

    path: str
    size_bytes: int
    modified_ns: int
    content_hash: str
    read_path: str
    layout: str
    row_count: int
    last_arrival_at: object


def find_event_files(events: str) -> list[Path]:
    """
    Return the event files of a folder (and the folders in it), a file or a glob, sorted by path.

    Raises:
        EventFileError: nothing is there, or a file has a format that is not read.
    """
    place = Path(events)
    if place.is_dir():
        return _supported(sorted(path for path in place.rglob("*") if path.is_file() and not _is_unfinished(path)))
    found = sorted(Path(match) for match in glob.glob(events, recursive=True) if Path(match).is_file())  # noqa: PTH207
    if not found:
        raise EventFileError(f"{events}: no event files here; give a folder, a file or a glob of {_formats()} files")
    return _supported(found)


def _supported(paths: list[Path]) -> list[Path]:
    # a file that is passed over in silence is usage that nobody bills
    for path in paths:
        if path.suffix not in FORMATS:
            kinds = f"events are read from {_formats()} files, not from {path.suffix or 'this'}"
            raise EventFileError(f"{path}: {kinds}; convert it, or move it out of the events folder")
    return paths


def _is_unfinished(path: Path) -> bool:
    """Whether a writer or a system marks the file as none of the data: hidden, _SUCCESS, events.parquet.tmp."""
    return path.name.startswith((".", "_")) or path.suffix in UNFINISHED


def open_event_file(con: duckdb.DuckDBPyConnection, path: Path, staged: Path) -> EventFile:
    """
    Check that a file can be read to its end, and return it; text files are copied to Parquet under `staged`.

    Raises:
        EventFileError: the file is broken, or it changes while it is read; the message names the line where there is one.
    """
    before = size_and_time(path)
    try:
        return _read_event_file(con, path, staged, before)
    except OSError as error:
        raise EventFileError(f"{path}: cannot be read: {error.strerror or error}") from error
    finally:
        # a file that moves under the reader's hands: what it lacks, or seems to lack, is its writer's doing
        if size_and_time(path) != before:
            raise EventFileError(
                f"{path}: was written to while it was read; name a file *.part until it is whole, then rename it and run again"
            )


def size_and_time(path: Path) -> tuple[int, int]:
    """
    Return a file's size in bytes and when it was written (nanoseconds since 1970, UTC).

    Raises:
        EventFileError: the file is gone.
    """
    try:
        found = path.stat()
    except FileNotFoundError as error:
        raise EventFileError(f"{path}: {IS_GONE}") from error
    return found.st_size, found.st_mtime_ns


def _read_event_file(con: duckdb.DuckDBPyConnection, path: Path, staged: Path, before: tuple[int, int]) -> EventFile:
    size_bytes, modified_ns = before
    content_hash = hash_file(path)
    read_path = path.resolve()
    if path.suffix in TEXT_FORMATS:
        staged.mkdir(parents=True, exist_ok=True)
        # the same bytes in two places are two deliveries
        delivery = hashlib.sha256(f"{path} {content_hash}".encode()).hexdigest()
        read_path = staged / f"{path.stem}-{delivery[:12]}.parquet"
        TEXT_FORMATS[path.suffix](con, path, read_path)
    try:
        layout = layout_of(con, read_path)
        _refuse_missing_columns(path, layout)
        row_count, last_arrival_at = con.execute(
            f"select count(*), max(arrived_at) from (select {ARRIVED_AT} as arrived_at from"
            f" (select {projection(layout)} from {parquet([str(read_path)])}))"
        ).fetchall()[0]
    except duckdb.Error as error:
        raise EventFileError(f"{path}: cannot be read as Parquet; is it cut short? ({_first_line(error)})") from error
    return EventFile(
        path=str(path),
        size_bytes=size_bytes,
        modified_ns=modified_ns,
        content_hash=content_hash,
        read_path=str(read_path),
        layout=layout,
        row_count=row_count,
        last_arrival_at=last_arrival_at,
    )


def _refuse_missing_columns(path: Path, layout: str) -> None:
    columns = json.loads(layout)
    missing = [name for name in NEEDED_COLUMNS if name not in columns]
    if missing:
        raise EventFileError(f"{path}: has no column {', '.join(missing)}; of an event's columns it has {', '.join(columns)}")


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def parquet(paths: list[str]) -> str:
    """Return the SQL that reads Parquet files of one layout with their names and row numbers."""
    return f"read_parquet([{', '.join(map(quoted, paths))}], filename = true, file_row_number = true)"


def _formats() -> str:
    return ", ".join(FORMATS[:-1]) + " and " + FORMATS[-1]


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
