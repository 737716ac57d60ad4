"""A correction of a balance changes a segment that exists, while it lasts."""

from collections.abc import Iterator
from datetime import datetime

from meterhouse.catalogue.book import Book
from meterhouse.catalogue.checks.recurring_commits import GRANT
from meterhouse.catalogue.errors import Fault, listed, quoted, suggestion
from meterhouse.catalogue.tables import Commit, CommitSegment, LedgerEntry, RecurringCommit
from meterhouse.catalogue.tables.commits import CommitType
from meterhouse.catalogue.values import canonical


def check_ledger_entries(book: Book) -> Iterator[Fault]:
    """Faults of corrections: of no segment, of nothing, outside the segment, of what is only promised."""
    segments, commits, recurring = book.by_key(CommitSegment), book.by_key(Commit), book.by_key(RecurringCommit)
    known = book.values("commit_segments", "segment_id")
    for row in book.rows(LedgerEntry):
        segment = segments.get(row.segment_id)
        if row.amount == 0:
            yield book.fault(row, f"amount {quoted(canonical(row.amount))} changes nothing; delete the row")
        if segment:
            yield from _outside(book, row, segment)
            commit = commits.get(segment.commit_id)
            if commit and commit.type == "postpaid":
                yield _of_a_promise(book, row, "commit_segments")
        elif _grants(row.segment_id, recurring) == "postpaid":
            yield _of_a_promise(book, row, "recurring_commits")
        elif row.segment_id not in known and book.whole(RecurringCommit) and not _grants(row.segment_id, recurring):
            there = f"commit_segments has {listed(known)}" if known else "commit_segments has no rows"
            found = f"segment_id {quoted(row.segment_id)} is not in commit_segments, and no grant of a recurring commit"
            yield book.fault(row, f"{found}; {suggestion(row.segment_id, known, there)}")


def _of_a_promise(book: Book, row: LedgerEntry, table: str) -> Fault:
    found = f"segment_id {quoted(row.segment_id)} is of a postpaid commit, whose amount is promised and not held"
    return book.fault(row, f"{found}; delete the row and write another amount in {table}")


def _grants(segment_id: str, recurring: dict[str, RecurringCommit]) -> CommitType | None:
    """The type of the grant that it may name; whether one begins on that day, a test of every run tells."""
    found = GRANT.fullmatch(segment_id)
    named = recurring.get(found.group(1)) if found and _is_date(found.group(2)) else None
    return named.type if named else None


def _is_date(text: str) -> bool:
    try:
        datetime.strptime(text, "%Y-%m-%d")
    except ValueError:
        return False
    return True


def _outside(book: Book, row: LedgerEntry, segment: CommitSegment) -> Iterator[Fault]:
    if row.entry_at is None:
        return
    at, name = quoted(canonical(row.entry_at)), quoted(segment.segment_id)
    if row.entry_at < segment.starting_at:
        remedy = f"write {canonical(segment.starting_at)} or later"
        yield book.fault(row, f"entry_at {at} is before segment {name} begins; {remedy}")
    elif segment.ending_before and row.entry_at >= segment.ending_before:
        found = f"entry_at {at} is not before segment {name} ends at {canonical(segment.ending_before)}"
        yield book.fault(row, f"{found}; write an earlier instant")
