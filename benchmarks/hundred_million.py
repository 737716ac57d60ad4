"""
A hundred million events to the hourly states of five metrics, beside one hand-written query over the same files.

Too long for `make bench`: about a quarter of an hour on two cores, and 15 GB of disk under `build/bench`.
"""

from pathlib import Path

from benchmarks.agreement import assert_same_states
from benchmarks.events_cache import CACHE, cached_events, parsed_options
from benchmarks.measure import Measured, mean_of, measure, print_measured, print_ratio
from benchmarks.workspace import fresh_workspace

EVENTS = 100_000_000


def main() -> None:
    """Measure both sides, check that they agree, and print seconds, events a second, memory and the ratios."""
    options = parsed_options(__doc__, EVENTS, prog="python -m benchmarks.hundred_million")

    events = cached_events(options.events, options.customers)
    run = fresh_workspace(CACHE / "hundred_million", customers=options.customers)

    hand = run / "hand_written.duckdb"
    before = _yardstick(events, hand, options.events)
    warehouse = run / "warehouse.duckdb"
    whole = measure("benchmarks.hourly_states", str(run), str(events), str(warehouse))
    print_measured("meterhouse, events checked, stored and typed, then hourly states", whole, options.events)
    hand.unlink()
    after = _yardstick(events, hand, options.events)
    rows = assert_same_states(warehouse, hand)
    print(f"{rows:,} hourly states are equal on both sides")
    stored, states = whole.parts
    # timed before and after: the pace of a shared machine changes within minutes
    yardstick = mean_of(before, after)
    print_ratio(whole, yardstick)
    print(f"  of which files to stored events: {stored:.1f} s, {stored / yardstick.seconds:.2f} of the hand-written query")
    print(f"  and stored events to states:     {states:.1f} s, {states / yardstick.seconds:.2f}")


def _yardstick(events: Path, target: Path, count: int) -> Measured:
    measured = measure("benchmarks.hand_written", str(events / "*.parquet"), str(target))
    print_measured("hand-written query, hourly aggregates only", measured, count)
    return measured


if __name__ == "__main__":
    main()
