"""
An invoice is voided before it is made anew, and each only once.

That it was final by then, a test of every run tells: only the marts know when.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby, pairwise

from meterhouse.catalogue.book import Book
from meterhouse.catalogue.errors import Fault, quoted
from meterhouse.catalogue.tables import Contract, InvoiceAction
from meterhouse.catalogue.values import canonical


def check_invoice_actions(book: Book) -> Iterator[Fault]:
    """Faults of actions: before the period begins or outside the contract, out of turn, two at one instant."""
    contracts = book.by_key(Contract)
    rows = sorted(book.rows(InvoiceAction), key=_order)
    for row in rows:
        contract = contracts.get(row.contract_id)
        if contract and row.invoice_type == "usage":
            yield from _outside(book, row, contract)
        if row.action == "regenerate" and row.invoice_type != "usage":
            found = f'action "regenerate" stands beside invoice_type {quoted(row.invoice_type)}'
            yield book.fault(row, f"{found}, and only usage invoices are made anew; add the charge to scheduled_charges instead")
    for _, of_one_invoice in groupby(rows, key=_invoice):
        actions = list(of_one_invoice)
        if actions[0].action == "regenerate":
            yield book.fault(actions[0], 'action "regenerate" comes before the invoice is voided; write a row with void before it')
        for before, row in pairwise(actions):
            yield from _out_of_turn(book, before, row)


def _invoice(row: InvoiceAction) -> tuple[str, str, datetime]:
    return row.contract_id, row.invoice_type, row.period_start_at


def _order(row: InvoiceAction) -> tuple[tuple[str, str, datetime], datetime, bool]:
    return _invoice(row), row.acted_at, row.action == "regenerate"


def _outside(book: Book, row: InvoiceAction, contract: Contract) -> Iterator[Fault]:
    at = quoted(canonical(row.period_start_at))
    if row.period_start_at < contract.starting_at:
        remedy = f"write {canonical(contract.starting_at)} or the start of a later period"
        yield book.fault(row, f"period_start_at {at} is before contract {quoted(contract.contract_id)} begins; {remedy}")
    elif contract.ending_before and row.period_start_at >= contract.ending_before:
        found = f"period_start_at {at} is not before contract {quoted(contract.contract_id)} ends at {canonical(contract.ending_before)}"
        yield book.fault(row, f"{found}; write the start of an earlier period")
    if row.acted_at <= row.period_start_at:
        found = f"acted_at {quoted(canonical(row.acted_at))} is not after period_start_at {at}"
        yield book.fault(row, f"{found}; write when it was decided, after the invoice became final")


def _out_of_turn(book: Book, before: InvoiceAction, row: InvoiceAction) -> Iterator[Fault]:
    if row.action == before.action:
        other = "regenerate" if row.action == "void" else "void"
        found = f"action {quoted(row.action)} follows another one of the same invoice on line {before.line}"
        yield book.fault(row, f"{found}; write {other} between them, or delete the row")
