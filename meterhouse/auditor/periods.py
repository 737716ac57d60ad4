"""Billing periods: weeks, or 1, 3 or 12 months, from local midnight to local midnight in the customer's zone."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from zoneinfo import ZoneInfo

from meterhouse.auditor.catalogue import Catalogue
from meterhouse.auditor.tables import Contract

MONTHS = {"monthly": 1, "quarterly": 3, "annual": 12}


@dataclass(frozen=True)
class Period:
    """[starting_at, ending_before), and the whole period of the grid that it is, or is a part of."""

    starting_at: datetime
    ending_before: datetime
    grid_starting_at: datetime
    grid_ending_before: datetime

    def holds(self, at: datetime) -> bool:
        return self.starting_at <= at < self.ending_before

    @property
    def last_hour_at(self) -> datetime:
        """Start of the UTC hour that holds the period's last instant."""
        return hour_of(self.ending_before - timedelta(microseconds=1))


def billing_periods(catalogue: Catalogue, contract: Contract, as_of: datetime) -> Iterator[Period]:
    """The periods of a contract that have begun at `as_of`, in order."""
    zone, frequency = catalogue.timezone(contract), contract.billing_frequency
    anchor = anchor_of(contract, frequency, zone)
    for period in periods(anchor, frequency, zone, contract.starting_at, contract.ending_before):
        if period.starting_at > as_of:
            return
        yield period


def usage_invoice_id(catalogue: Catalogue, contract: Contract, period: Period) -> str:
    """A usage invoice is named by its contract and the local date of its period's start."""
    return f"{contract.contract_id}/usage/{local_date(period.starting_at, catalogue.timezone(contract))}"


def anchor_of(contract: Contract, frequency: str, zone: str) -> date:
    """The local date on which the grid hangs. Weeks have no first of the month: they hang on the contract's start."""
    start = local_date(contract.starting_at, zone)
    if contract.billing_anchor == "contract_start":
        return start
    if contract.billing_anchor == "first_of_month":
        return start if frequency == "weekly" else start.replace(day=1)
    return date.fromisoformat(contract.billing_anchor)


def periods(anchor: date, frequency: str, zone: str, starting_at: datetime, ending_before: datetime | None) -> Iterator[Period]:
    """The grid's periods within [starting_at, ending_before), cut to it, in order; without an end they never stop."""
    for number in count(_number_before(anchor, local_date(starting_at, zone), frequency)):
        grid_start, grid_end = (midnight(boundary(anchor, frequency, n), zone) for n in (number, number + 1))
        start, end = max(grid_start, starting_at), min(grid_end, ending_before or grid_end)
        if ending_before is not None and grid_start >= ending_before:
            return
        if start < end:
            yield Period(start, end, grid_start, grid_end)


def boundary(anchor: date, frequency: str, number: int) -> date:
    """
    The date on which period `number` begins, counted from the anchor and never from the boundary before.

    An anchor on the 31st falls on the last day of a short month and returns to the 31st after it.
    """
    if frequency == "weekly":
        return anchor + timedelta(weeks=number)
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + number * MONTHS[frequency], 12)
    return date(year, month + 1, min(anchor.day, monthrange(year, month + 1)[1]))


def midnight(day: date, zone: str) -> datetime:
    """The instant at which a local day begins; where clocks jump over midnight, the jump."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def local_date(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()


def hour_of(at: datetime) -> datetime:
    """Start of the UTC hour that holds an instant."""
    return at.replace(minute=0, second=0, microsecond=0)


def hours(span: timedelta) -> Decimal:
    """A span in hours; borders lie on quarters of an hour, so it is exact."""
    return Decimal(span // timedelta(minutes=1)) / 60


def _number_before(anchor: date, day: date, frequency: str) -> int:
    """The number of a period that begins on the day or before it, two periods too early at most."""
    if frequency == "weekly":
        return (day - anchor).days // 7 - 1
    return ((day.year - anchor.year) * 12 + day.month - anchor.month) // MONTHS[frequency] - 1
