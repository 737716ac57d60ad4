"""Defaults that come from elsewhere: a blank name is the id, a blank unit is the rate card's currency."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from meterhouse.catalogue.book import Book
from meterhouse.catalogue.tables import (
    Commit,
    CommitInvoiceItem,
    Contract,
    Customer,
    PricingUnit,
    Product,
    Rate,
    RateCard,
    Row,
    primary_key,
)

#: Table, column -> what a blank cell means; the constant defaults stand in the tables themselves.
DERIVED: dict[tuple[type[Row], str], str] = {
    (Customer, "name"): "the customer_id",
    (PricingUnit, "name"): "the pricing_unit",
    (RateCard, "name"): "the rate_card_id",
    (Product, "name"): "the product_id",
    (Commit, "name"): "the commit_id",
    (Product, "rounding_decimal_places"): "0 where rounding is given",
    (Rate, "pricing_unit"): "the currency of the rate card",
    (
        Commit,
        "pricing_unit",
    ): "the currency of the contract's rate card (of the customer's, where they agree)",
    (CommitInvoiceItem, "pricing_unit"): "as the commit's would be; else the commit's unit",
}


def filled(book: Book) -> Book:
    """The book with every blank cell of DERIVED filled in, where its source is known."""
    for table in (Customer, PricingUnit, RateCard, Product, Commit):
        book = _fill(book, table, "name", lambda row: getattr(row, primary_key(type(row))[0]))
    book = _fill(book, Product, "rounding_decimal_places", lambda row: 0 if row.rounding else None)
    cards = book.by_key(RateCard)
    book = _fill(book, Rate, "pricing_unit", lambda row: _currency(cards.get(row.rate_card_id)))
    commits = book.by_key(Commit)
    book = _fill(book, Commit, "pricing_unit", lambda row: _contract_currency(book, row))
    units = {row.commit_id: row.pricing_unit for row in book.rows(Commit)}
    return _fill(
        book,
        CommitInvoiceItem,
        "pricing_unit",
        lambda row: _contract_currency(book, commits.get(row.commit_id)) or units.get(row.commit_id),
    )


def contracts_of(book: Book, commit: Commit) -> list[Contract]:
    """The contracts whose usage the commit can pay for."""
    if commit.contract_id:
        return [row for row in book.rows(Contract) if row.contract_id == commit.contract_id]
    return [row for row in book.rows(Contract) if row.customer_id == commit.customer_id]


def _currency(card: RateCard | None) -> str | None:
    return card.currency if card else None


def _contract_currency(book: Book, commit: Commit | None) -> str | None:
    cards = book.by_key(RateCard)
    found = (
        {_currency(cards.get(row.rate_card_id)) for row in contracts_of(book, commit)} if commit else set()
    )
    return found.pop() if len(found) == 1 else None


def _fill(book: Book, table: type[Row], column: str, value: Callable[[Any], Any]) -> Book:
    sheet = book.sheets[table.table]
    records = tuple(
        replace(record, row=record.row.model_copy(update={column: value(record.row)}))
        if record.row and getattr(record.row, column) is None
        else record
        for record in sheet.records
    )
    return replace(book, sheets={**book.sheets, table.table: replace(sheet, records=records)})
