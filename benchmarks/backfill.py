"""
A month of hours back-filled in one run, against the same hours closed one at a time.

One run takes in the whole month at once, as a backfill does. One at a time, every hour is a run of its own, tests and publication
included; a few hours in the middle of the month are run, and their mean counts for each of the month's hours.
"""

from datetime import timedelta

from benchmarks.closing_hour import HOUR, START, built_to
from benchmarks.events_cache import CACHE, cached_events, parsed_options
from benchmarks.workspace import fresh_workspace

EVENTS = 10_000_000
HOURS_OF_MONTH = 744
MIDDLE = START + timedelta(days=15)
SAMPLED_HOURS = 4


def main() -> None:
    """Print the seconds of both ways and how many times the slower one took."""
    options = parsed_options(__doc__, EVENTS, prog="python -m benchmarks.backfill")
    events = cached_events(options.events, options.customers)

    place = CACHE / "backfill"
    month = built_to(fresh_workspace(place, customers=options.customers), events, START + HOURS_OF_MONTH * HOUR)
    print(f"a month of {options.events:,} events in one run: {month.seconds:.0f} s", flush=True)
    built_to(fresh_workspace(place, customers=options.customers), events, MIDDLE)
    hours = [built_to(place, events, MIDDLE + number * HOUR) for number in range(1, SAMPLED_HOURS + 1)]
    mean = sum(hour.seconds for hour in hours) / SAMPLED_HOURS
    print(f"one of its hours at a time: {mean:.1f} s, {mean * HOURS_OF_MONTH:.0f} s for all {HOURS_OF_MONTH} (extrapolated)")
    print(f"ratio one at a time / one run: {mean * HOURS_OF_MONTH / month.seconds:.0f}")


if __name__ == "__main__":
    main()
