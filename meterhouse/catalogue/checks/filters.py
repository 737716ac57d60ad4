"""A usage filter keeps some usage: by a key that a metric of the contract returns, in some values."""

from collections import defaultdict
from collections.abc import Iterator

from meterhouse.catalogue.book import Book
from meterhouse.catalogue.errors import Fault, listed, quoted, suggestion
from meterhouse.catalogue.tables import Contract, Product, ProductVersion, Rate, UsageFilter


def check_filters(book: Book) -> Iterator[Fault]:
    """Faults of usage filters: no values, or a key that no metric of the contract's products returns."""
    keys_are_known = book.whole(Contract, Rate, Product, ProductVersion)
    keys_of = _keys_of_cards(book)
    contracts = book.by_key(Contract)
    for row in book.rows(UsageFilter):
        if not row.group_values:
            yield book.fault(row, 'group_values "[]" names no value, so nothing would be billed; name one or more')
        contract = contracts.get(row.contract_id)
        known = keys_of[contract.rate_card_id] if contract else set()
        if contract and keys_are_known and row.group_key not in known:
            there = f"they return {listed(known)}" if known else "they return no group keys"
            found = f"group_key {quoted(row.group_key)} is returned by no metric of contract {quoted(row.contract_id)}"
            yield book.fault(row, f"{found}; {suggestion(row.group_key, known, there)}")


def _keys_of_cards(book: Book) -> dict[str, set[str]]:
    """The group keys of the metrics of all products that a rate card prices."""
    versions = book.versions()
    found: dict[str, set[str]] = defaultdict(set)
    for card, product_id in {(rate.rate_card_id, rate.product_id) for rate in book.rows(Rate)}:
        for _, product in versions.get(product_id, []):
            found[card] |= set(book.metrics.get(product.metric or "", ()))
    return found
