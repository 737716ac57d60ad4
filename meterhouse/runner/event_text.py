"""Event files that come as text are copied to Parquet once, exactly as they stand."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import duckdb

from meterhouse.runner.errors import EventFileError
from meterhouse.runner.event_layout import NEEDED_COLUMNS
from meterhouse.runner.texts import quoted

EVENT_COLUMNS = (*NEEDED_COLUMNS, "properties", "ingested_at")
LONG_NUMBER = "[0-9][0-9.]{15}"


def stage_csv(con: duckdb.DuckDBPyConnection, path: Path, target: Path) -> None:
    """
    Copy a CSV of events (UTF-8, comma, header) to Parquet, every value as text, with its row number from 1.

    Raises:
        EventFileError: a line that does not fit the header, with its number.
    """
    header = _csv_header(path)
    columns = "{" + ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in header) + "}"
    _copy(
        con,
        path,
        target,
        f"select row_number() over () as source_row, * from read_csv({quoted(path)}, header = true,"
        f" auto_detect = false, delim = ',', quote = '\"', escape = '\"', columns = {columns})",
    )


def stage_ndjson(con: duckdb.DuckDBPyConnection, path: Path, target: Path) -> None:
    """
    Copy a file of one JSON object per line to Parquet; numbers keep every digit they came with.

    Raises:
        EventFileError: a line that is no JSON object, with its number.
    """
    lines = (
        f"select row_number() over () as source_row, line from read_csv({quoted(path)}, header = false,"
        " auto_detect = false, delim = '\\x01', quote = '', escape = '', columns = {'line': 'VARCHAR'})"
    )
    _refuse_broken_lines(con, path, lines)
    con.create_function("quote_long_numbers", quote_long_numbers, ["VARCHAR"], "VARCHAR")
    try:
        fields = ", ".join(f"json_extract_string(line, '/{name}') as \"{name}\"" for name in EVENT_COLUMNS)
        _copy(
            con,
            path,
            target,
            f"select source_row, {fields} from (select source_row, case when regexp_matches(line, '{LONG_NUMBER}')"
            f" then quote_long_numbers(line) else line end as line from ({lines}) where trim(line) <> '')",
        )
    finally:
        con.remove_function("quote_long_numbers")


def quote_long_numbers(line: str) -> str:
    """Return a JSON line in which numbers of more than 15 digits are texts: JSON readers use floats."""

    def exact(text: str) -> Any:
        return text if len(re.sub(r"\D", "", text)) > 15 else json.loads(text)

    return json.dumps(json.loads(line, parse_float=exact, parse_int=exact))


def _csv_header(path: Path) -> list[str]:
    with path.open("rb") as file:
        line = file.readline()
    try:
        header = next(csv.reader([line.decode("utf-8-sig")]), [])
    except UnicodeDecodeError as error:
        raise EventFileError(f"{path}:1: is not UTF-8 text") from error
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise EventFileError(f"{path}:1: the header has {', '.join(twice)} twice")
    missing = [name for name in NEEDED_COLUMNS if name not in header]
    if missing:
        raise EventFileError(f"{path}:1: the header lacks {', '.join(missing)}; it has {', '.join(header) or 'nothing'}")
    return header


def _refuse_broken_lines(con: duckdb.DuckDBPyConnection, path: Path, lines: str) -> None:
    try:
        broken = con.execute(
            f"select source_row, line from ({lines}) where trim(line) <> ''"
            " and not (json_valid(line) and starts_with(ltrim(line), '{')) order by source_row limit 1"
        ).fetchall()
    except duckdb.Error as error:
        raise EventFileError(f"{path}: cannot be read: {str(error).splitlines()[0]}") from error
    for row, line in broken:
        raise EventFileError(f"{path}:{row}: is no JSON object: {line[:60]}; write one event per line")


def _copy(con: duckdb.DuckDBPyConnection, path: Path, target: Path, query: str) -> None:
    part = target.with_suffix(".part")
    con.execute("set preserve_insertion_order = true")
    try:
        con.execute(f"copy ({query}) to {quoted(part)} (format parquet)")
    except duckdb.Error as error:
        raise EventFileError(_csv_message(path, str(error))) from error
    part.replace(target)


def _csv_message(path: Path, message: str) -> str:
    line = re.search(r"Line:? (\d+)", message)
    found = re.search(r"Original Line:? ?(.*)", message)
    reason = re.search(r"(Expected Number of Columns.*|Value with unterminated quote.*|.*quote.*)", message)
    place = f"{path}:{line.group(1)}" if line else str(path)
    what = reason.group(1).strip() if reason else message.splitlines()[0]
    return f"{place}: broken line: {what}" + (f" in: {found.group(1)[:80]}" if found else "")
