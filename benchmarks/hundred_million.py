"""
A hundred million events to the hourly states of five metrics, beside one hand-written query over the same files.

Too long for `make bench`: about a quarter of an hour on two cores, and 15 GB of disk under `build/bench`.
"""

import argparse
import shutil

from benchmarks.agreement import assert_same_states
from benchmarks.events_cache import CACHE, CUSTOMERS, cached_events
from benchmarks.measure import measure, print_measured, print_ratio
from benchmarks.workspace import write_workspace

EVENTS = 100_000_000


def main() -> None:
    """Measure both sides, check that they agree, and print seconds, events a second, memory and the ratios."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hundred_million", description=__doc__.strip().splitlines()[0])
    parser.add_argument("--events", type=int, default=EVENTS, help=f"how many events (default: {EVENTS:,})")
    parser.add_argument("--customers", type=int, default=CUSTOMERS, help=f"how many customers (default: {CUSTOMERS:,})")
    options = parser.parse_args()

    events = cached_events(options.events, options.customers)
    run = CACHE / "hundred_million"
    shutil.rmtree(run, ignore_errors=True)
    write_workspace(run, customers=options.customers)

    hand = run / "hand_written.duckdb"
    yardstick = measure("benchmarks.hand_written", str(events / "*.parquet"), str(hand))
    print_measured("hand-written query, hourly aggregates only", yardstick, options.events)
    warehouse = run / "warehouse.duckdb"
    whole = measure("benchmarks.hourly_states", str(run), str(events), str(warehouse))
    print_measured("meterhouse, events checked, stored and typed, then hourly states", whole, options.events)
    rows = assert_same_states(warehouse, hand)
    print(f"{rows:,} hourly states are equal on both sides")
    stored, states = whole.parts
    print_ratio(whole, yardstick)
    print(f"  of which files to stored events: {stored:.1f} s, {stored / yardstick.seconds:.2f} of the hand-written query")
    print(f"  and stored events to states:     {states:.1f} s, {states / yardstick.seconds:.2f}")


if __name__ == "__main__":
    main()
