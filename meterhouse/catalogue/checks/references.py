"""Everything a row names exists."""

from collections.abc import Iterator
from typing import Any

from meterhouse.catalogue.book import Book
from meterhouse.catalogue.errors import Fault, listed, quoted, suggestion
from meterhouse.catalogue.sheets import Record, Sheet
from meterhouse.catalogue.tables import CustomerAlias, Product, ProductVersion, columns, kind, reference
from meterhouse.catalogue.values import RefersTo

_TAG_COLUMNS = ("applicable_product_tags", "product_tags", "composite_tags")


def check_references(book: Book) -> Iterator[Fault]:
    """Faults of ids and product tags that no row of their table has."""
    for sheet in book.sheets.values():
        for name, field in columns(sheet.table).items():
            target = reference(field)
            if target and book.sheets[target.table].complete:
                yield from _unknown_ids(book, sheet, name, target)
        yield from _unknown_tags(book, sheet)


def _unknown_ids(book: Book, sheet: Sheet, name: str, target: RefersTo) -> Iterator[Fault]:
    known = book.values(target.table, target.column)
    for record, value in _named(sheet, name):
        if value not in known:
            remedy = _alias_remedy(book, target, value) or _remedy(target.table, value, known)
            yield Fault(sheet.path, record.line, f"{name} {quoted(value)} is not in {target.table}; {remedy}")


def _named(sheet: Sheet, name: str) -> Iterator[tuple[Record, str]]:
    """The ids in the column; of a row with a wrong cell the text as it stands, unless the column holds lists."""
    is_list = kind(columns(sheet.table)[name]).shape.startswith("JSON")
    for record in sheet.records:
        value: Any = getattr(record.row, name) if record.row else record.cells.get(name)
        if isinstance(value, list):
            yield from ((record, part) for part in value)
        elif value is not None and not is_list:
            yield record, value


def _alias_remedy(book: Book, target: RefersTo, value: str) -> str | None:
    if target.table != "customers":
        return None
    owner = next((row.customer_id for row in book.rows(CustomerAlias) if row.alias == value), None)
    return f"it is an alias, write its customer_id {quoted(owner)}" if owner else None


def _remedy(table: str, value: str, known: set[str]) -> str:
    there = f"{table} has {listed(known)}" if known else f"{table} has no rows"
    return suggestion(value, known, there)


def _unknown_tags(book: Book, sheet: Sheet) -> Iterator[Fault]:
    if not book.whole(Product, ProductVersion):
        return
    rows: list[Any] = [*book.rows(Product), *book.rows(ProductVersion)]
    known = {tag for row in rows for tag in row.tags or []}
    there = f"the tags are {listed(known)}" if known else "no product has tags"
    for name in _TAG_COLUMNS:
        for record, tag in _named(sheet, name) if name in columns(sheet.table) else ():
            if tag not in known:
                found = f"{name} {quoted(tag)} is the tag of no product"
                yield Fault(sheet.path, record.line, f"{found}; {suggestion(tag, known, there)}")
