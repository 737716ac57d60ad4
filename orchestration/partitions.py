"""Hours and months, and the clock that each is built up to."""

import os
from datetime import UTC, datetime, timedelta

import dagster as dg

from meterhouse.runner import Workspace
from meterhouse.runner.control import last_clock_of

# what happened before has no partition of its own: whichever hour is built next takes it in
FIRST_HOUR = os.environ.get("METERHOUSE_FIRST_HOUR", "2026-01-01-00:00")
hours = dg.HourlyPartitionsDefinition(start_date=FIRST_HOUR, timezone="UTC")
# the grid of runs, not of contracts: a month's run closes every period that ends in it, whatever its anchor
months = dg.MonthlyPartitionsDefinition(start_date=f"{FIRST_HOUR[:7]}-01", timezone="UTC")

# from the end of a month until its invoices are final everywhere: the westernmost midnight, and a day of grace
CLOSE_AFTER = timedelta(hours=int(os.environ.get("METERHOUSE_CLOSE_AFTER_HOURS", "48")))


def clock_of_hours(workspace: Workspace, end: datetime) -> datetime:
    """
    Return the clock (UTC) at which hours up to `end` (UTC, excluded) are built.

    It is `end`, or the warehouse's clock if that is later: a clock never goes back, and a run at it takes in all that has
    come for earlier hours and rebuilds just those.
    """
    last = last_clock_of(workspace.warehouse)
    return max(end.astimezone(UTC), last) if last else end.astimezone(UTC)


def clock_of_months(workspace: Workspace, end: datetime, now: datetime) -> datetime:
    """Return the clock (UTC) at which the periods of months up to `end` (UTC, excluded) are closed; never later than `now`."""
    return clock_of_hours(workspace, max(end, min(end + CLOSE_AFTER, now)))
