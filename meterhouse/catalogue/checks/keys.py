"""No two rows of a table have the same key."""

from collections.abc import Iterator

from meterhouse.catalogue.book import Book, cell
from meterhouse.catalogue.errors import Fault, quoted
from meterhouse.catalogue.sheets import Sheet
from meterhouse.catalogue.tables import CustomerAlias, primary_key


def check_keys(book: Book) -> Iterator[Fault]:
    """Faults of rows whose key an earlier row has; aliases have their own family."""
    for sheet in book.sheets.values():
        if sheet.table is not CustomerAlias:
            yield from _twins(sheet)


def _twins(sheet: Sheet) -> Iterator[Fault]:
    names = primary_key(sheet.table)
    first: dict[tuple[str | None, ...], int] = {}
    for record in sheet.records:
        values = tuple(cell(record, name) for name in names)
        if None in values:
            continue
        line = first.setdefault(values, record.line)
        if line != record.line:
            yield Fault(sheet.path, record.line, _message(sheet, names, values, line))


def _message(sheet: Sheet, names: tuple[str, ...], values: tuple[str | None, ...], line: int) -> str:
    shown = " with ".join(f"{name} {quoted(value)}" for name, value in zip(names, values, strict=True))
    remedy = "give each row its own" if len(names) == 1 else "keep one of them"
    return f"{shown} is already on line {line}; {remedy}"
