"""A commit is granted, belongs to one customer, and is invoiced only where it costs something."""

from collections.abc import Iterator
from typing import Any

from meterhouse.catalogue.book import Book
from meterhouse.catalogue.errors import Fault, quoted
from meterhouse.catalogue.tables import (
    Commit,
    CommitInvoiceItem,
    CommitSegment,
    Contract,
    Product,
    RecurringCommit,
)
from meterhouse.catalogue.values import canonical


def check_commits(book: Book) -> Iterator[Fault]:
    """Faults of commits: a foreign contract, no segment, sold as the wrong thing, free and invoiced."""
    commits = book.by_key(Commit)
    yield from _foreign_contracts(book, commits)
    yield from _nothing_granted(book, commits)
    yield from _sold_wrongly(book)
    yield from _invoiced_credits(book, commits)
    yield from _never_renewed(book, commits)


def _foreign_contracts(book: Book, commits: dict[str, Commit]) -> Iterator[Fault]:
    contracts = book.by_key(Contract)
    for commit in commits.values():
        contract = contracts.get(commit.contract_id or "")
        if contract and contract.customer_id != commit.customer_id:
            found = f"contract_id {quoted(contract.contract_id)} is a contract of {quoted(contract.customer_id)}"
            remedy = "write a contract of the same customer"
            yield book.fault(commit, f"{found}, not of {quoted(commit.customer_id)}; {remedy}")


def _nothing_granted(book: Book, commits: dict[str, Commit]) -> Iterator[Fault]:
    if not book.whole(CommitSegment):
        return
    granted = {segment.commit_id for segment in book.rows(CommitSegment)}
    for commit in commits.values():
        if commit.commit_id not in granted:
            found = f"commit_id {quoted(commit.commit_id)} has no segment, so it pays for nothing"
            yield book.fault(commit, f"{found}; add a row to commit_segments")


def _sold_wrongly(book: Book) -> Iterator[Fault]:
    products = book.by_key(Product)
    commits: list[Any] = [*book.rows(Commit), *book.rows(RecurringCommit)]
    for commit in commits:
        product = products.get(commit.product_id or "")
        if product and product.type != "fixed":
            found = f"product_id {quoted(product.product_id)} is of type {product.type}"
            yield book.fault(commit, f"{found}; a commit is sold as a fixed product")


def _invoiced_credits(book: Book, commits: dict[str, Commit]) -> Iterator[Fault]:
    for item in book.rows(CommitInvoiceItem):
        commit = commits.get(item.commit_id)
        if commit and commit.type == "credit":
            found = f"commit_id {quoted(item.commit_id)} is a credit, which costs nothing"
            yield book.fault(item, f"{found}; delete the row or make the commit prepaid")


def _never_renewed(book: Book, commits: dict[str, Commit]) -> Iterator[Fault]:
    for commit in commits.values():
        if commit.rollover_fraction and not commit.contract_id:
            found = f"rollover_fraction {quoted(canonical(commit.rollover_fraction))} stands on a commit of the customer"
            yield book.fault(commit, f"{found}, which outlives every contract; leave it blank, or name the contract")
