"""
The main job: how fast events become invoices, beside one hand-written query over the same files.

Events are generated once and kept under `build/bench`. Each side runs in its own process on a fresh file, so
neither profits from the other's memory; the page cache is warmed by reading the files once before.
"""

from benchmarks.agreement import assert_same_hours
from benchmarks.events_cache import CACHE, cached_events, parsed_options
from benchmarks.measure import measure, print_measured, print_ratio
from benchmarks.workspace import fresh_workspace

LARGE = "100 million events to hourly states: python -m benchmarks.hundred_million (about a quarter of an hour)"


def main() -> None:
    """Measure both sides, check that they agree, and print seconds, events a second, memory and the ratio."""
    options = parsed_options(__doc__, 10_000_000, epilog=LARGE)

    events = cached_events(options.events, options.customers)
    run = fresh_workspace(CACHE / "run", customers=options.customers)

    hand = run / "hand_written.duckdb"
    yardstick = measure("benchmarks.hand_written", str(events / "*.parquet"), str(hand))
    print_measured("hand-written query, hourly aggregates only", yardstick, options.events)
    warehouse = run / "warehouse" / "warehouse.duckdb"
    warehouse.parent.mkdir()
    whole = measure("benchmarks.meterhouse_build", str(run), str(events), str(warehouse))
    print_measured("meterhouse build, events to invoices, tested and published", whole, options.events)
    rows = assert_same_hours(warehouse.parent / "published" / "meterhouse.duckdb", hand)
    print(f"{rows:,} hourly quantities are equal on both sides")
    print_ratio(whole, yardstick)
    print(LARGE)


if __name__ == "__main__":
    main()
