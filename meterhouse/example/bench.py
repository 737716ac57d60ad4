"""
A stream of any length for the benchmarks: many customers, skewed as real ones are, in order of time.

Rows come from `range()` and `hash()`: the same for one version of DuckDB, which is all that a ratio needs.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

MONTH_START = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 31
MODELS = ("model-a", "model-b", "model-c", "model-d", "model-e", "model-f")
REGIONS = ("us-east", "eu-west", "ap-south")
USERS_PER_CUSTOMER = 10

# A customer's number is the cube of an even draw in [0, 1): the first of a thousand sends a tenth of all.
EVENTS = """
copy (
    with drawn as (
        select
            range as n,
            (hash(range) >> 8)::bigint & 1048575 as place,
            (hash(range, 1) >> 8)::bigint & 1048575 as mix,
            $start::timestamptz + to_microseconds(range * $step) as happened_at
        from range($first, $last)
    ),

    sent as (
        select
            *,
            (((place * place) >> 20) * place >> 20) * $customers >> 20 as customer
        from drawn
    )

    select
        'evt-' || n as transaction_id,
        'customer-' || customer as customer_id,
        case when mix % 10 = 0 then 'storage_snapshot' else 'llm_request' end as event_type,
        happened_at as "timestamp",
        case
            when mix % 10 = 0 then '{"gigabytes":' || 40 + mix % 977 || '.' || mix % 7 || '}'
            else '{"input_tokens":' || 100 + mix % 7919
                || ',"model":"' || $models[1 + (customer + mix % 2) % len($models)]
                || '","output_tokens":' || 20 + mix % 1201
                || ',"region":"' || $regions[1 + (customer + (mix % 8 = 1)::bigint) % len($regions)]
                || '","user_id":"u' || mix // 16 % $users || '"}'
        end as properties,
        happened_at + to_milliseconds(200 + mix % 30000) as ingested_at
    from sent
) to '{path}' (format parquet, compression zstd)
"""


def generate_bench_events(folder: Path, *, events: int = 10_000_000, customers: int = 1_000) -> None:
    """
    Write `events` events of January 2026 (UTC) as one Parquet file a day into `folder`.

    Customers are `customer-0` .. `customer-<customers - 1>`. Nothing is later than half a minute, repeated or
    broken. Files get their names when they are whole.
    """
    folder.mkdir(parents=True, exist_ok=True)
    step = timedelta(days=DAYS) // timedelta(microseconds=1) // events
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set enable_progress_bar = false")
        for day, first, last in _days(events):
            target = folder / f"events-{MONTH_START + timedelta(days=day):%Y-%m-%d}.parquet"
            unfinished = target.with_suffix(".unfinished")
            connection.execute(
                EVENTS.replace("{path}", str(unfinished).replace("'", "''")),
                {
                    "first": first,
                    "last": last,
                    "step": step,
                    "start": MONTH_START.isoformat(),
                    "customers": customers,
                    "models": list(MODELS),
                    "regions": list(REGIONS),
                    "users": USERS_PER_CUSTOMER,
                },
            )
            unfinished.replace(target)


def _days(events: int) -> Iterator[tuple[int, int, int]]:
    """Yield each day of the month with its first row and the row after its last."""
    for day in range(DAYS):
        yield day, events * day // DAYS, events * (day + 1) // DAYS
