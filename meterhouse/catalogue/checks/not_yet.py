"""
Rules that are declared and not built.

A catalogue that uses one is refused by name, never ignored. Building a rule means deleting its line here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from meterhouse.catalogue import tables as t
from meterhouse.catalogue.book import Book
from meterhouse.catalogue.errors import Fault, quoted
from meterhouse.catalogue.values import canonical


@dataclass(frozen=True)
class NotYet:
    """A table (no column), or the values of a column beside `built`, that nothing computes so far."""

    table: type[t.Row]
    instead: str
    column: str = ""
    built: tuple[Any, ...] = ()


NOT_YET = (
    NotYet(t.RecurringCommit, "write prepaid or credit", "type", ("prepaid", "credit")),
    NotYet(t.RecurringCommit, "write 0 or leave it blank", "rollover_fraction", (0,)),
    NotYet(t.InvoiceAction, "finalized invoices stay as they are; leave the file empty"),
    NotYet(t.Commit, "write 0 or leave it blank", "rollover_fraction", (0,)),
)


def check_not_yet(book: Book) -> Iterator[Fault]:
    """A fault for each table (at its first row) and each cell that uses a rule of NOT_YET."""
    for rule in NOT_YET:
        yield from _cells(book, rule) if rule.column else _table(book, rule)


def _table(book: Book, rule: NotYet) -> Iterator[Fault]:
    sheet = book.sheets[rule.table.table]
    for record in sheet.records[:1]:
        yield Fault(sheet.path, record.line, f"{rule.table.table} are not supported yet: {rule.instead}")


def _cells(book: Book, rule: NotYet) -> Iterator[Fault]:
    for row in book.rows(rule.table):
        value = getattr(row, rule.column)
        if value not in rule.built:
            yield book.fault(row, f"{rule.column} {quoted(canonical(value))} is not supported yet: {rule.instead}")
