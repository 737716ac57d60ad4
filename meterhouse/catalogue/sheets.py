"""One CSV file as typed rows, and everything that is wrong with its form."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from meterhouse.catalogue.errors import Fault, listed, quoted, suggestion
from meterhouse.catalogue.tables import Row, choices, columns

_BOUNDS = {
    "greater_than": ("gt", "greater than"),
    "greater_than_equal": ("ge", "of at least"),
    "less_than_equal": ("le", "of at most"),
}


@dataclass(frozen=True)
class Record:
    """A row as it stands in the file: its non-blank cells, and the typed row unless a cell is wrong."""

    line: int
    cells: dict[str, str]
    row: Row | None


@dataclass(frozen=True)
class Sheet:
    """A table's file; `complete` is false when some of its rows could not be read as cells at all."""

    table: type[Row]
    path: Path
    records: tuple[Record, ...] = ()
    faults: tuple[Fault, ...] = ()
    complete: bool = True


def read_sheet(table: type[Row], path: Path) -> Sheet:
    """The file as a sheet; a missing file is a table without rows."""
    if not path.exists():
        return Sheet(table, path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        return _unreadable(table, path, 0, f"cannot be read: {error.strerror}")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        return _unreadable(
            table,
            path,
            line,
            f"the byte 0x{error.object[error.start]:02X} is not UTF-8; save the file as UTF-8",
        )
    return _sheet(table, path, text)


def _unreadable(table: type[Row], path: Path, line: int, message: str) -> Sheet:
    return Sheet(table, path, faults=(Fault(path, line, message),), complete=False)


def _sheet(table: type[Row], path: Path, text: str) -> Sheet:
    lines = _lines(text, path)
    head = next(lines, None)
    if head is None:
        names = ",".join(columns(table))
        return _unreadable(table, path, 1, f"the file is empty; write the header {names}, or delete the file")
    if isinstance(head, Fault):
        return Sheet(table, path, faults=(head,), complete=False)
    header = [cell.strip() for cell in head[1]]
    header_faults = [Fault(path, head[0], message) for message in _header_messages(table, header)]
    records, faults = _records(table, path, header, lines)
    return Sheet(
        table,
        path,
        records,
        (*header_faults, *faults),
        complete=not header_faults and not _lost_rows(faults, records),
    )


def _lost_rows(faults: list[Fault], records: tuple[Record, ...]) -> bool:
    return not {fault.line for fault in faults} <= {record.line for record in records}


def _lines(text: str, path: Path) -> Iterator[tuple[int, list[str]] | Fault]:
    """(first line, cells) of each row that has any text; ends with a fault where quoting is broken."""
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    while True:
        start = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Fault(path, start, _quoting_message(str(error)))
            return
        if any(cell.strip() for cell in cells):
            yield start, cells


def _quoting_message(error: str) -> str:
    whole = "put the whole cell in double quotes, and double the quotes inside it"
    if "unexpected end" in error:
        return f"a quote that opens here is never closed; {whole}"
    if "expected after" in error:
        return f"text follows a closing quote; {whole}"
    return f"is no CSV: {error}"


def _header_messages(table: type[Row], header: list[str]) -> Iterator[str]:
    known = columns(table)
    if len(header) == 1 and any(mark in header[0] for mark in ";\t|"):
        yield "the columns are not separated by commas; write the file with , between cells"
        return
    for name in dict.fromkeys(header):
        if not name:
            yield f"column {header.index(name) + 1} has no name; name it, or remove it and its cells"
        elif name not in known:
            yield _unknown_column(table, name)
        elif header.count(name) > 1:
            yield f"the header names {quoted(name)} {header.count(name)} times; keep one"
    missing = [name for name, field in known.items() if field.is_required() and name not in header]
    if missing:
        yield f"the header lacks {listed(missing)}; every row of {table.table} needs a value there"


def _unknown_column(table: type[Row], name: str) -> str:
    if table.table == "product_versions" and name in ("type", "name"):
        found = f"product_versions has no column {quoted(name)}"
        return f"{found}; a product's {name} never changes, write a new product"
    remedy = suggestion(name, columns(table), f"its columns are {', '.join(columns(table))}")
    return f"{table.table} has no column {quoted(name)}; {remedy}"


def _records(
    table: type[Row], path: Path, header: list[str], lines: Iterator[tuple[int, list[str]] | Fault]
) -> tuple[tuple[Record, ...], list[Fault]]:
    records: list[Record] = []
    faults: list[Fault] = []
    for found in lines:
        if isinstance(found, Fault):
            faults.append(found)
            break
        line, cells = found
        if len(cells) != len(header):
            faults.append(Fault(path, line, _width_message(len(cells), len(header))))
            continue
        record, messages = _record(table, header, line, cells)
        records.append(record)
        faults += [Fault(path, line, message) for message in messages]
    return tuple(records), faults


def _width_message(found: int, expected: int) -> str:
    quotes = "put a cell that holds a comma in double quotes, and double the quotes inside it"
    remedy = quotes if found > expected else "write a comma for each blank cell"
    return f"the row has {found} cells, the header {expected}; {remedy}"


def _record(table: type[Row], header: list[str], line: int, texts: list[str]) -> tuple[Record, list[str]]:
    known = columns(table)
    trimmed = zip(header, (text.strip() for text in texts), strict=True)
    cells = {name: text for name, text in trimmed if text and name in known}
    try:
        return Record(line, cells, table.read(cells, line)), []
    except ValidationError as errors:
        messages = [_cell_message(table, error, cells) for error in errors.errors() if error["loc"][0] in header]
        return Record(line, cells, None), messages


def _cell_message(table: type[Row], error: Any, cells: dict[str, str]) -> str:
    name = str(error["loc"][0])
    if error["type"] == "missing":
        return f"{name} is blank; every row of {table.table} needs one"
    found = f"{name} {quoted(cells[name])}"
    if error["type"] == "value_error":
        return f"{found} {error['ctx']['error']}"
    if error["type"] == "literal_error":
        words = choices(columns(table)[name])
        return f"{found} is not allowed; {suggestion(cells[name], words, f'write {_either(words)}')}"
    bound, words_of_bound = _BOUNDS[error["type"]]
    return f"{found} is not allowed; write a number {words_of_bound} {error['ctx'][bound]}"


def _either(words: tuple[str, ...]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"
