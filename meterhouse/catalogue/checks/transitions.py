"""
A contract that follows another begins where that one ends.

Circles need no check: contracts that meet and have some length lead forward in time.
"""

from collections.abc import Iterator

from meterhouse.catalogue.book import Book
from meterhouse.catalogue.errors import Fault, quoted
from meterhouse.catalogue.tables import Contract, ContractTransition
from meterhouse.catalogue.values import canonical


def check_transitions(book: Book) -> Iterator[Fault]:
    """Faults of transitions: another customer's contract, dates that do not meet, a second successor."""
    contracts = book.by_key(Contract)
    first: dict[str, ContractTransition] = {}
    for row in book.rows(ContractTransition):
        earlier = first.setdefault(row.from_contract_id, row)
        if earlier is not row and earlier.to_contract_id != row.to_contract_id:
            found = f"from_contract_id {quoted(row.from_contract_id)} is already followed by {quoted(earlier.to_contract_id)}"
            yield book.fault(row, f"{found} on line {earlier.line}; a contract has one successor")
        before, after = contracts.get(row.from_contract_id), contracts.get(row.to_contract_id)
        for message in _messages(row, before, after) if before and after else ():
            yield book.fault(row, message)


def _messages(row: ContractTransition, before: Contract, after: Contract) -> Iterator[str]:
    if before is after:
        yield f"to_contract_id {quoted(row.to_contract_id)} is the contract that ends; write the one that follows"
        return
    if before.customer_id != after.customer_id:
        found = f"to_contract_id {quoted(after.contract_id)} is a contract of {quoted(after.customer_id)}"
        yield f"{found}, not of {quoted(before.customer_id)}; write a contract of the same customer"
    at = canonical(row.transition_at)
    if before.ending_before == after.starting_at != row.transition_at:
        yield f"transition_at {quoted(at)} is not where the contracts meet; write {canonical(after.starting_at)}"
        return
    if before.ending_before != row.transition_at:
        ends = f"ends at {canonical(before.ending_before)}" if before.ending_before else "does not end"
        found = f"from_contract_id {quoted(before.contract_id)} {ends}, not at transition_at {quoted(at)}"
        yield f"{found}; write {at} as its ending_before"
    if after.starting_at != row.transition_at:
        found = f"to_contract_id {quoted(after.contract_id)} begins at {canonical(after.starting_at)}, not at transition_at {quoted(at)}"
        yield f"{found}; write {at} as its starting_at"
