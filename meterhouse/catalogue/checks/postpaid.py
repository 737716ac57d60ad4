"""A postpaid commit is one promise: one amount with an end, billed in a currency by its true-up alone."""

from collections.abc import Iterator

from meterhouse.catalogue.book import Book, grouped
from meterhouse.catalogue.errors import Fault, quoted
from meterhouse.catalogue.tables import Commit, CommitInvoiceItem, CommitSegment, RecurringCommit
from meterhouse.catalogue.values import canonical


def check_postpaid(book: Book) -> Iterator[Fault]:
    """Faults of postpaid commits: several segments, no end, bought like prepaid ones, in a custom unit, rolled over."""
    promised = {commit.commit_id: commit for commit in book.rows(Commit) if commit.type == "postpaid"}
    for segments in grouped(book.rows(CommitSegment), "commit_id"):
        if segments[0].commit_id in promised:
            yield from _segments(book, segments)
    for item in book.rows(CommitInvoiceItem):
        if item.commit_id in promised:
            found = f"commit_id {quoted(item.commit_id)} is postpaid, which is billed as it is used and at its end"
            yield book.fault(item, f"{found}; delete the row or make the commit prepaid")
    for commit in promised.values():
        yield from _commit(book, commit)
    for recurring in book.rows(RecurringCommit):
        if recurring.type == "postpaid":
            yield from _commit(book, recurring)
            yield from _bought(book, recurring)


def _segments(book: Book, segments: list[CommitSegment]) -> Iterator[Fault]:
    first, *others = segments
    if first.ending_before is None:
        found = f"ending_before is blank, and commit {quoted(first.commit_id)} is postpaid"
        yield book.fault(first, f"{found}; write when what is left of it is billed")
    for segment in others:
        found = f"segment_id {quoted(segment.segment_id)} is another segment of the postpaid commit {quoted(segment.commit_id)}"
        yield book.fault(segment, f"{found}, which has {quoted(first.segment_id)} on line {first.line}; write a commit for each promise")


def _bought(book: Book, recurring: RecurringCommit) -> Iterator[Fault]:
    if recurring.invoice_unit_price is not None:
        found = f"invoice_unit_price {quoted(canonical(recurring.invoice_unit_price))} stands on a postpaid commit, which is not bought"
        yield book.fault(recurring, f"{found}; leave it blank or make the commit prepaid")


def _commit(book: Book, commit: Commit | RecurringCommit) -> Iterator[Fault]:
    units = book.values("pricing_units", "pricing_unit")
    if commit.pricing_unit in units and not book.is_currency(str(commit.pricing_unit)):
        found = f"pricing_unit {quoted(commit.pricing_unit)} is no currency, and the commit is postpaid"
        yield book.fault(commit, f"{found}; what is left of it is billed in a currency")
    if commit.rollover_fraction:
        found = f"rollover_fraction {quoted(commit.rollover_fraction)} stands on a postpaid commit"
        yield book.fault(commit, f"{found}, of which nothing is left after its true-up; leave it blank")
