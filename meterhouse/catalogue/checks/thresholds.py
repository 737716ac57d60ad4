"""A threshold of a balance lies inside its contract, and a top-up leads above it."""

from collections.abc import Iterator

from meterhouse.catalogue.book import Book
from meterhouse.catalogue.checks.subscriptions import check_inside_contract
from meterhouse.catalogue.errors import Fault, quoted
from meterhouse.catalogue.tables import BalanceThreshold, Contract
from meterhouse.catalogue.values import canonical


def check_thresholds(book: Book) -> Iterator[Fault]:
    """Faults of thresholds: outside the contract, or a top-up that does not lead above them."""
    contracts = book.by_key(Contract)
    for row in book.rows(BalanceThreshold):
        contract = contracts.get(row.contract_id)
        if contract:
            yield from check_inside_contract(book, row, contract)
        if row.recharge_to_amount <= row.threshold_amount:
            found = f"recharge_to_amount {quoted(canonical(row.recharge_to_amount))} is not above threshold_amount"
            yield book.fault(row, f"{found} {quoted(canonical(row.threshold_amount))}; write a greater amount")
