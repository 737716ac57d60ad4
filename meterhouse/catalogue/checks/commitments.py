"""A period has at most one minimum and one maximum, and the minimum is not above the maximum."""

from collections.abc import Iterator

from meterhouse.catalogue.book import Book, grouped
from meterhouse.catalogue.checks.in_force import overlap
from meterhouse.catalogue.checks.ranges import overlaps
from meterhouse.catalogue.errors import Fault, quoted
from meterhouse.catalogue.tables import Commitment, Contract
from meterhouse.catalogue.values import canonical


def check_commitments(book: Book) -> Iterator[Fault]:
    """Faults of commitments of one contract: two of a type at once, a minimum above the maximum, a maximum beside late usage."""
    late_usage = {contract.contract_id: contract.late_usage for contract in book.rows(Contract)}
    for row in book.rows(Commitment):
        if row.type == "maximum" and late_usage.get(row.contract_id) == "next_invoice":
            yield book.fault(
                row,
                f"type {quoted('maximum')} on contract {quoted(row.contract_id)}, which bills late_usage on the next invoice: that"
                " would go beyond the maximum of its period; write late_usage ignore",
            )
    for rows in grouped(book.rows(Commitment), "contract_id", "type"):
        yield from overlaps(book, rows, "commitment_id", blank_ends_at_next=False)
    for rows in grouped(book.rows(Commitment), "contract_id"):
        for least in (row for row in rows if row.type == "minimum"):
            for most in (row for row in rows if row.type == "maximum"):
                if least.amount > most.amount and overlap(least.starting_at, least.ending_before, most.starting_at, most.ending_before):
                    found = f"amount {quoted(canonical(least.amount))} is above the maximum {canonical(most.amount)}"
                    yield book.fault(least, f"{found} of {quoted(most.commitment_id)} on line {most.line}; write that or less")
