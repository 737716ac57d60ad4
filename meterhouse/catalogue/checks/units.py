"""Prices and balances are in units that exist and meet each other."""

from collections.abc import Iterator
from typing import Any

from meterhouse.catalogue.book import Book
from meterhouse.catalogue.currencies import CURRENCIES
from meterhouse.catalogue.defaults import cards_of_commits
from meterhouse.catalogue.errors import Fault, listed, quoted, suggestion
from meterhouse.catalogue.tables import (
    BalanceThreshold,
    Budget,
    Commit,
    CommitInvoiceItem,
    Contract,
    PricingUnit,
    PricingUnitConversion,
    Rate,
    RateCard,
    RecurringCommit,
    ScheduledCharge,
)


def check_units(book: Book) -> Iterator[Fault]:
    """Faults of unknown units, prices that the rate card cannot bill, and balances that nothing can draw."""
    yield from _unknown(book)
    yield from _not_currencies(book)
    yield from _charges_without_currency(book)
    yield from _rates_off_the_card(book)
    yield from _converted_currencies(book)
    yield from _undrawable_commits(book)


def _unknown(book: Book) -> Iterator[Fault]:
    if not book.sheets["pricing_units"].complete:
        return
    known = _known(book)
    there = "write an ISO 4217 currency or add a row to pricing_units"
    for table in (Rate, Commit, RecurringCommit, BalanceThreshold, ScheduledCharge, CommitInvoiceItem, Budget):
        rows: list[Any] = book.rows(table)
        for row in rows:
            unit = row.pricing_unit
            if unit is not None and unit not in known:
                yield book.fault(row, f"pricing_unit {quoted(unit)} is unknown; {suggestion(unit, known, there)}")


def _not_currencies(book: Book) -> Iterator[Fault]:
    for unit in book.rows(PricingUnit):
        if unit.pricing_unit in CURRENCIES and not unit.is_currency:
            yield book.fault(unit, f"pricing_unit {quoted(unit.pricing_unit)} is an ISO 4217 currency; write true")
    for card in book.rows(RateCard):
        if not book.is_currency(card.currency):
            remedy = suggestion(card.currency, CURRENCIES, 'write an ISO 4217 code such as "usd"')
            yield book.fault(card, f"currency {quoted(card.currency)} is no currency; {remedy}")


def _rates_off_the_card(book: Book) -> Iterator[Fault]:
    cards = book.by_key(RateCard)
    converted = {(row.rate_card_id, row.pricing_unit) for row in book.rows(PricingUnitConversion)}
    for rate in book.rows(Rate):
        card, unit = cards.get(rate.rate_card_id), rate.pricing_unit
        if card and unit != card.currency and (card.rate_card_id, unit) not in converted:
            found = f"pricing_unit {quoted(unit)} is not the currency of rate card {quoted(card.rate_card_id)}"
            is_custom = unit in _known(book) and not book.is_currency(str(unit))
            conversion = ", or add its conversion to pricing_unit_conversions" if is_custom else ""
            yield book.fault(rate, f"{found}; write {quoted(card.currency)}{conversion}")


def _converted_currencies(book: Book) -> Iterator[Fault]:
    for row in book.rows(PricingUnitConversion):
        if book.is_currency(row.pricing_unit):
            found = f"pricing_unit {quoted(row.pricing_unit)} is a currency, and only custom units are converted"
            yield book.fault(row, f"{found}; delete the row and write a rate card in that currency")


def _charges_without_currency(book: Book) -> Iterator[Fault]:
    """What is billed at a date is due at once, so its price is in a currency."""
    units = book.values("pricing_units", "pricing_unit")
    rows: list[Any] = [*book.rows(CommitInvoiceItem), *book.rows(ScheduledCharge)]
    for row in rows:
        if row.pricing_unit in units and not book.is_currency(row.pricing_unit):
            found = f"pricing_unit {quoted(row.pricing_unit)} is no currency"
            yield book.fault(row, f"{found}; invoices are due in a currency")


def _undrawable_commits(book: Book) -> Iterator[Fault]:
    if not book.whole(RateCard, Rate, Contract):
        return
    units: dict[str, set[str]] = {card_id: set() for card_id in book.by_key(RateCard)}
    for rate in book.rows(Rate):
        units.get(rate.rate_card_id, set()).add(str(rate.pricing_unit))
    cards_of = cards_of_commits(book)
    for commit in book.rows(Commit):
        cards = cards_of[commit.commit_id]
        if cards <= set(units):
            yield from _undrawable(book, commit, cards, {unit for card in cards for unit in units[card]})
    contracts = book.by_key(Contract)
    for recurring in book.rows(RecurringCommit):
        contract = contracts.get(recurring.contract_id)
        if contract and contract.rate_card_id in units:
            yield from _undrawable(book, recurring, {contract.rate_card_id}, units[contract.rate_card_id])


def _undrawable(book: Book, commit: Commit | RecurringCommit, cards: set[str], units: set[str]) -> Iterator[Fault]:
    unit = commit.pricing_unit
    if isinstance(commit, Commit) and unit is None and not commit.contract_id:
        owner = quoted(commit.customer_id)
        found = f"pricing_unit is blank, and the contracts of {owner} have no one currency"
        yield book.fault(commit, f'{found}; write it, such as "usd"')
    elif cards and unit in _known(book) - units:
        found = f"pricing_unit {quoted(unit)} is the unit of no rate on {listed(cards)}"
        there = f"those rates are in {listed(units)}" if units else "add rates to the rate card"
        yield book.fault(commit, f"{found}, so nothing can draw it; {there}")


def _known(book: Book) -> set[str]:
    return {*CURRENCIES, *book.values("pricing_units", "pricing_unit")}
