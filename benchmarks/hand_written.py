"""
The yardstick: the hourly aggregates of the five metrics as one query, written by hand for just these files.

It knows what Meterhouse cannot: that nothing is late, repeated or broken, that all numbers are numbers, and
which properties there are. Run as a module with the events' glob and the DuckDB file to write; prints its
seconds.
"""

import sys
import time
from pathlib import Path

import duckdb

# One row per customer, UTC hour and group; for the users just who was there, so that days can be added up.
HOURLY = """
create table hourly as
with typed as materialized (
    select
        customer_id,
        date_trunc('hour', "timestamp") as hour_start_at,
        event_type,
        texts[1] as model,
        texts[2] as region,
        texts[3] as user_id,
        texts[4]::decimal(38, 12) as input_tokens,
        texts[5]::decimal(38, 12) as output_tokens,
        texts[6]::decimal(38, 12) as gigabytes
    from (
        select
            *,
            json_extract_string(
                properties,
                ['$.model', '$.region', '$.user_id', '$.input_tokens', '$.output_tokens', '$.gigabytes']
            ) as texts
        from read_parquet($events)
    )
)

select 'input_tokens' as metric, customer_id, hour_start_at, model as group_value,
    sum(input_tokens) as quantity
from typed where event_type = 'llm_request' group by all
union all
select 'output_tokens', customer_id, hour_start_at, model, sum(output_tokens)
from typed where event_type = 'llm_request' group by all
union all
select 'requests', customer_id, hour_start_at, region, count(*)
from typed where event_type = 'llm_request' group by all
union all
select 'stored_gigabytes', customer_id, hour_start_at, null, max(gigabytes)
from typed where event_type = 'storage_snapshot' group by all
union all
select 'active_users', customer_id, hour_start_at, user_id, 1
from typed where event_type = 'llm_request' group by all
"""


def main(events: str, target: Path) -> None:
    """Aggregate the events of the glob `events` by UTC hour into the new DuckDB file `target`."""
    with duckdb.connect(target) as connection:
        connection.execute("set TimeZone = 'UTC'")
        started = time.perf_counter()
        connection.execute(HOURLY, {"events": events})
        print(time.perf_counter() - started)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
