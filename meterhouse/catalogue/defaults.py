"""Defaults that come from elsewhere: a blank name is the id, a blank unit is the rate card's currency."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from meterhouse.catalogue.book import Book
from meterhouse.catalogue.currencies import CURRENCIES
from meterhouse.catalogue.tables import (
    Commit,
    CommitInvoiceItem,
    Contract,
    Customer,
    PricingUnit,
    Product,
    Rate,
    RateCard,
    RecurringCommit,
    Row,
    ScheduledCharge,
    primary_key,
)


def filled(book: Book) -> Book:
    """The book with the blank cells filled in whose meaning (see the tables) comes from another cell."""
    for table in (Customer, PricingUnit, RateCard, Product, Commit, RecurringCommit):
        book = _fill(book, table, "name", lambda row: getattr(row, primary_key(type(row))[0]))
    book = _fill(book, PricingUnit, "is_currency", lambda row: row.pricing_unit in CURRENCIES)
    book = _fill(book, PricingUnit, "decimal_places", lambda row: CURRENCIES.get(row.pricing_unit, 2))
    book = _fill(book, Product, "rounding_decimal_places", lambda row: 0 if row.rounding else None)
    book = _fill(book, RecurringCommit, "proration_decimal_places", lambda row: 0 if row.proration_rounding else None)
    names = {row.product_id: row.name for row in book.rows(Product)}
    book = _fill(book, ScheduledCharge, "name", lambda row: names.get(row.product_id))
    return _with_units(book)


def cards_of_commits(book: Book) -> dict[str, set[str]]:
    """Each commit's rate cards: those of the contracts whose usage it can pay for."""
    by_contract: dict[str, set[str]] = defaultdict(set)
    by_customer: dict[str, set[str]] = defaultdict(set)
    for row in book.rows(Contract):
        by_contract[row.contract_id].add(row.rate_card_id)
        by_customer[row.customer_id].add(row.rate_card_id)
    return {row.commit_id: by_contract[row.contract_id] if row.contract_id else by_customer[row.customer_id] for row in book.rows(Commit)}


def _with_units(book: Book) -> Book:
    currencies = {row.rate_card_id: row.currency for row in book.rows(RateCard)}
    agreed = {commit_id: _only({currencies.get(card) for card in cards}) for commit_id, cards in cards_of_commits(book).items()}
    book = _fill(book, Rate, "pricing_unit", lambda row: currencies.get(row.rate_card_id))
    book = _fill(book, Commit, "pricing_unit", lambda row: agreed[row.commit_id])
    due_in = {row.contract_id: currencies.get(row.rate_card_id) for row in book.rows(Contract)}
    book = _fill(book, RecurringCommit, "pricing_unit", lambda row: due_in.get(row.contract_id))
    book = _fill(book, ScheduledCharge, "pricing_unit", lambda row: due_in.get(row.contract_id))
    granted_in = {row.commit_id: row.pricing_unit for row in book.rows(Commit)}
    paid_in = {commit_id: agreed[commit_id] or unit for commit_id, unit in granted_in.items()}
    return _fill(book, CommitInvoiceItem, "pricing_unit", lambda row: paid_in.get(row.commit_id))


def _only(values: set[str | None]) -> str | None:
    return next(iter(values)) if len(values) == 1 else None


def _fill(book: Book, table: type[Row], column: str, value: Callable[[Any], Any]) -> Book:
    sheet = book.sheets[table.table]
    records = tuple(
        replace(record, row=record.row.model_copy(update={column: value(record.row)}))
        if record.row and getattr(record.row, column) is None
        else record
        for record in sheet.records
    )
    return replace(book, sheets={**book.sheets, table.table: replace(sheet, records=records)})
