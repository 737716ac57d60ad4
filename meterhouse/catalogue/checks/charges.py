"""A scheduled charge is of a fixed product, at a date of its contract."""

from collections.abc import Iterator

from meterhouse.catalogue.book import Book
from meterhouse.catalogue.errors import Fault, quoted
from meterhouse.catalogue.tables import Contract, Product, ScheduledCharge
from meterhouse.catalogue.values import canonical


def check_charges(book: Book) -> Iterator[Fault]:
    """Faults of scheduled charges: of a product that is not fixed, or outside the contract."""
    products, contracts = book.by_key(Product), book.by_key(Contract)
    for row in book.rows(ScheduledCharge):
        product, contract = products.get(row.product_id), contracts.get(row.contract_id)
        if product and product.type != "fixed":
            found = f"product_id {quoted(row.product_id)} is of type {product.type}"
            yield book.fault(row, f"{found}; what is charged once is a fixed product")
        if contract:
            yield from _outside(book, row, contract)


def _outside(book: Book, row: ScheduledCharge, contract: Contract) -> Iterator[Fault]:
    """The contract's end counts as inside: what is due at the end of a period is dated there."""
    found = f"invoice_at {quoted(canonical(row.invoice_at))} is"
    if row.invoice_at < contract.starting_at:
        begin = canonical(contract.starting_at)
        yield book.fault(row, f"{found} before contract {quoted(contract.contract_id)} begins; write {begin} or later")
    elif contract.ending_before and row.invoice_at > contract.ending_before:
        end = canonical(contract.ending_before)
        yield book.fault(row, f"{found} after contract {quoted(contract.contract_id)} ends; write {end} or earlier")
