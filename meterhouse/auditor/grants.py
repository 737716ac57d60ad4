"""
Recurring commits: in each period they grant a commit of its own, the whole amount or a share of it by hours.

Without a frequency the periods are the contract's billing periods; with one they hang on the recurring commit's own start.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import islice

from meterhouse.auditor.catalogue import Catalogue, in_force
from meterhouse.auditor.exact import ZERO, divide, exactly, multiply, rounded
from meterhouse.auditor.periods import Period, anchor_of, hours, local_date, periods
from meterhouse.auditor.tables import Commit, CommitInvoiceItem, CommitSegment, Contract, RecurringCommit


@exactly
def with_grants(catalogue: Catalogue, as_of: datetime) -> Catalogue:
    """The catalogue with every grant, up to the customer's local day of `as_of`, as a commit beside the others."""
    commits, segments, items = [*catalogue.commits], [*catalogue.commit_segments], [*catalogue.commit_invoice_items]
    for recurring in catalogue.recurring_commits:
        contract = catalogue.contracts_by_id[recurring.contract_id]
        for period in _periods(catalogue, recurring, contract, as_of):
            name = f"{recurring.recurring_commit_id}/{local_date(period.starting_at, catalogue.timezone(contract))}"
            commits.append(_commit(recurring, contract, name))
            end = _end(catalogue, recurring, contract, period)
            granted = _share(recurring, period, recurring.access_unit_price, _units(catalogue, recurring, period))
            segments.append(CommitSegment(name, name, granted, period.starting_at, end))
            items += _purchase(catalogue, recurring, period, name)
    return replace(
        catalogue, commits=tuple(commits), commit_segments=tuple(segments), commit_invoice_items=tuple(items), recurring_commits=()
    )


def corrections(catalogue: Catalogue, segment: CommitSegment, as_of: datetime) -> Decimal:
    """What manual entries up to and including `as_of` add to a segment; a blank instant is the segment's start."""
    return sum(
        (
            entry.amount
            for entry in catalogue.ledger_entries
            if entry.segment_id == segment.segment_id and (entry.entry_at or segment.starting_at) <= as_of
        ),
        ZERO,
    )


def _calendar(catalogue: Catalogue, recurring: RecurringCommit, contract: Contract) -> tuple[date, str, str]:
    """The anchor, the frequency and the zone of its periods."""
    zone = catalogue.timezone(contract)
    if recurring.recurrence_frequency:
        return local_date(recurring.starting_at, zone), recurring.recurrence_frequency, zone
    return anchor_of(contract, contract.billing_frequency, zone), contract.billing_frequency, zone


def _periods(catalogue: Catalogue, recurring: RecurringCommit, contract: Contract, as_of: datetime) -> Iterator[Period]:
    anchor, frequency, zone = _calendar(catalogue, recurring, contract)
    end = min((at for at in (contract.ending_before, recurring.ending_before) if at), default=None)
    for period in periods(anchor, frequency, zone, recurring.starting_at, end):
        if local_date(period.starting_at, zone) > local_date(as_of, zone):
            return
        # the first period of a calendar of its own is whole
        yield replace(period, grid_starting_at=period.starting_at) if recurring.recurrence_frequency else period


def _end(catalogue: Catalogue, recurring: RecurringCommit, contract: Contract, period: Period) -> datetime:
    """The end of its period; or of a later one, whole unless the contract ends before."""
    if recurring.commit_duration_periods == 1:
        return period.ending_before
    endless = periods(*_calendar(catalogue, recurring, contract), period.starting_at, None)
    last = next(islice(endless, recurring.commit_duration_periods - 1, None))
    return min(last.grid_ending_before, contract.ending_before or last.grid_ending_before)


def _commit(recurring: RecurringCommit, contract: Contract, name: str) -> Commit:
    return Commit(
        commit_id=name,
        customer_id=contract.customer_id,
        type=recurring.type,
        contract_id=contract.contract_id,
        name=recurring.name or recurring.recurring_commit_id,
        product_id=recurring.product_id,
        pricing_unit=recurring.pricing_unit,
        priority=recurring.priority,
        rate_target=recurring.rate_target,
        applicable_product_ids=recurring.applicable_product_ids,
        applicable_product_tags=recurring.applicable_product_tags,
        specifiers=recurring.specifiers,
        rollover_fraction=recurring.rollover_fraction,
    )


def _purchase(catalogue: Catalogue, recurring: RecurringCommit, period: Period, name: str) -> Iterator[CommitInvoiceItem]:
    """What is invoiced as a grant begins; a share is one unit of it."""
    units = recurring.invoice_quantity or _units(catalogue, recurring, period)
    if recurring.invoice_unit_price is None or units == 0:
        return
    if _part(recurring, period) == _whole(period):
        yield CommitInvoiceItem(name, period.starting_at, recurring.invoice_unit_price, units)
    else:
        yield CommitInvoiceItem(name, period.starting_at, _share(recurring, period, recurring.invoice_unit_price, units))


def _units(catalogue: Catalogue, recurring: RecurringCommit, period: Period) -> Decimal:
    """The quantity that is written, or that of the subscription at the period's start: none before it begins and after it ends."""
    if recurring.access_quantity is not None:
        return recurring.access_quantity
    subscription = next(row for row in catalogue.subscriptions if row.subscription_id == recurring.subscription_id)
    if not in_force(subscription.starting_at, subscription.ending_before, period.starting_at):
        return ZERO
    rows = [row for row in catalogue.subscription_quantities if row.subscription_id == recurring.subscription_id]
    begun = [row for row in rows if row.starting_at <= period.starting_at]
    return max(begun, key=lambda row: row.starting_at).quantity if begun else ZERO


def _share(recurring: RecurringCommit, period: Period, unit_price: Decimal, units: Decimal) -> Decimal:
    """The amount for the whole period, exact, or its share by hours, rounded as the recurring commit says."""
    part, whole = _part(recurring, period), _whole(period)
    if part == whole:
        return unit_price * units
    share = divide(multiply(unit_price, units) * hours(part), hours(whole))
    if recurring.proration_rounding is None:
        return share
    return rounded(share, recurring.proration_rounding, recurring.proration_decimal_places or 0)


def _part(recurring: RecurringCommit, period: Period) -> timedelta:
    """What is left of the whole period by those of its cuts that count."""
    cuts_first = recurring.proration in ("first", "first_and_last")
    cuts_last = recurring.proration in ("last", "first_and_last")
    start = period.starting_at if cuts_first else period.grid_starting_at
    end = period.ending_before if cuts_last else period.grid_ending_before
    return end - start


def _whole(period: Period) -> timedelta:
    return period.grid_ending_before - period.grid_starting_at
