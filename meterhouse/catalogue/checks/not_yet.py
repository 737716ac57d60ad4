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
    """The values of a column beside `built` that nothing computes so far."""

    table: type[t.Row]
    column: str
    built: tuple[Any, ...]
    instead: str


NOT_YET = (NotYet(t.RecurringCommit, "type", ("prepaid", "credit"), "write prepaid or credit"),)


def check_not_yet(book: Book) -> Iterator[Fault]:
    """A fault for each cell that uses a rule of NOT_YET."""
    for rule in NOT_YET:
        for row in book.rows(rule.table):
            value = getattr(row, rule.column)
            if value not in rule.built:
                yield book.fault(row, f"{rule.column} {quoted(canonical(value))} is not supported yet: {rule.instead}")
