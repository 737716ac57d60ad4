"""A recurring commit grants some quantity inside its contract, and its grants have names that nothing else has."""

import re
from collections.abc import Iterator

from meterhouse.catalogue.book import Book
from meterhouse.catalogue.checks.subscriptions import check_inside_contract
from meterhouse.catalogue.errors import Fault, quoted
from meterhouse.catalogue.tables import Commit, CommitSegment, Contract, RecurringCommit, Row, Subscription
from meterhouse.catalogue.values import canonical

GRANT = re.compile(r"(.+)/(\d{4}-\d{2}-\d{2})")


def check_recurring_commits(book: Book) -> Iterator[Fault]:
    """Faults of recurring commits: outside the contract, no quantity or two, priced credits, useless rounding, taken names."""
    contracts, subscriptions = book.by_key(Contract), book.by_key(Subscription)
    for row in book.rows(RecurringCommit):
        contract = contracts.get(row.contract_id)
        if contract:
            yield from check_inside_contract(book, row, contract)
        for message in (*_quantity(row, subscriptions), *_price(row), *_rounding(row)):
            yield book.fault(row, message)
    yield from _taken_names(book)


def _quantity(row: RecurringCommit, subscriptions: dict[str, Subscription]) -> Iterator[str]:
    subscription = subscriptions.get(row.subscription_id or "")
    if row.access_quantity is None and row.subscription_id is None:
        yield "access_quantity is blank; write it, or a subscription_id whose quantity it follows"
    elif row.access_quantity is not None and row.subscription_id is not None:
        found = f"access_quantity {quoted(canonical(row.access_quantity))} stands beside subscription_id {quoted(row.subscription_id)}"
        yield f"{found}; keep one of them"
    if subscription and subscription.contract_id != row.contract_id:
        found = f"subscription_id {quoted(row.subscription_id)} is a subscription of contract {quoted(subscription.contract_id)}"
        yield f"{found}; write one of {quoted(row.contract_id)}"


def _price(row: RecurringCommit) -> Iterator[str]:
    if row.invoice_unit_price is not None and row.type == "credit":
        found = f"invoice_unit_price {quoted(canonical(row.invoice_unit_price))} is the price of a credit, which costs nothing"
        yield f"{found}; leave it blank or make the commit prepaid"
    if row.invoice_quantity is not None and row.invoice_unit_price is None:
        found = f"invoice_quantity {quoted(canonical(row.invoice_quantity))} has no invoice_unit_price"
        yield f"{found}; write the price, or leave both blank"


def _rounding(row: RecurringCommit) -> Iterator[str]:
    if row.proration_rounding and row.proration == "none":
        yield f"proration_rounding {quoted(row.proration_rounding)} rounds nothing where proration is none; leave it blank"
    if row.proration_decimal_places is not None and row.proration_rounding is None:
        found = f"proration_decimal_places {quoted(row.proration_decimal_places)} has no proration_rounding"
        yield f"{found}; write up, down or half_up"


def _taken_names(book: Book) -> Iterator[Fault]:
    """A grant is a commit and a segment, named by the recurring commit and a date."""
    recurring = book.by_key(RecurringCommit)
    named: list[tuple[Row, str, str]] = [(row, "commit_id", row.commit_id) for row in book.rows(Commit)]
    named += [(row, "segment_id", row.segment_id) for row in book.rows(CommitSegment)]
    for row, column, name in named:
        found = GRANT.fullmatch(name)
        if found and found.group(1) in recurring:
            owner = quoted(found.group(1))
            yield book.fault(row, f"{column} {quoted(name)} is how a grant of recurring commit {owner} is named; choose another name")
