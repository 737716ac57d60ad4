"""
What it costs to close one hour, with a day, ten days and thirty days of history behind it.

The events are those of the hundred million: 134,409 an hour, of a thousand customers who are all active. The history is
built in one run each, then the hour that follows is one run of its own, in a process of its own.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.events_cache import CACHE, cached_events, parsed_options
from benchmarks.measure import Measured, measure
from benchmarks.workspace import fresh_workspace

EVENTS = 100_000_000
DAYS = (1, 10, 30)
START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def built_to(run: Path, events: Path, clock: datetime) -> Measured:
    """Build the workspace in `run` up to a clock (UTC), in a process of its own."""
    return measure("benchmarks.meterhouse_build", str(run), str(events), str(run / "warehouse.duckdb"), clock.isoformat())


def main() -> None:
    """Print the seconds of each hour, and how many times the first one's the last one took."""
    options = parsed_options(__doc__, EVENTS, prog="python -m benchmarks.closing_hour")

    events = cached_events(options.events, options.customers)
    run = fresh_workspace(CACHE / "closing_hour", customers=options.customers)

    closed = []
    for days in DAYS:
        end = START + timedelta(days=days)
        history = built_to(run, events, end)
        closed.append(built_to(run, events, end + HOUR))
        print(
            f"an hour of {options.events // 744:,} events behind {days:2} days of history: {closed[-1].seconds:5.1f} s"
            f" ({closed[-1].processor_seconds:.1f} s of processors); the history took {history.seconds:.0f} s",
            flush=True,
        )
    first, last = closed[0], closed[-1]
    print(f"ratio {DAYS[-1]} days / {DAYS[0]} day: {last.seconds / first.seconds:.2f}"
          f" ({last.processor_seconds / first.processor_seconds:.2f} in processor time)")  # fmt: skip


if __name__ == "__main__":
    main()
