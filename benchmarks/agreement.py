"""Compares the published marts with the yardstick's hourly aggregates, row by row and to the last digit."""

from pathlib import Path

import duckdb

from meterhouse.runner.texts import quoted

# What the yardstick's hourly aggregates mean for `usage_hourly`: sums and counts are the hour's quantity
# itself, the largest value counts where it rises above all hours before, a user counts in the first hour.
EXPECTED = """
create temp table expected as
select
    metric,
    customer_id,
    hour_start_at,
    case
        when metric in ('input_tokens', 'output_tokens') then '{"model":"' || group_value || '"}'
        when metric = 'requests' then '{"region":"' || group_value || '"}'
        else '{}'
    end as pricing_group_values,
    quantity
from hand.hourly
where metric in ('input_tokens', 'output_tokens', 'requests')
union all
select metric, customer_id, hour_start_at, '{}', quantity - before
from (
    select
        metric,
        customer_id,
        hour_start_at,
        quantity,
        coalesce(
            max(quantity) over (
                partition by customer_id
                order by hour_start_at
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as before
    from hand.hourly
    where metric = 'stored_gigabytes'
)
where quantity > before
union all
select metric, customer_id, first_hour_at, '{}', count(*)
from (
    select metric, customer_id, group_value, min(hour_start_at) as first_hour_at
    from hand.hourly
    where metric = 'active_users'
    group by all
)
group by all
"""

ACTUAL = """
create temp table actual as
select metric, customer_id, hour_start_at, pricing_group_values, quantity
from publication.marts.usage_hourly
where quantity <> 0
"""

# The states as the yardstick writes them, metric by metric: its group column and its quantity.
STATES = {
    "input_tokens": ("key_model", "sum_input_tokens"),
    "output_tokens": ("key_model", "sum_output_tokens"),
    "requests": ("key_region", "event_count"),
    "stored_gigabytes": ("null", "max_gigabytes"),
    "active_users": ("value_of_count_distinct_user_id", "1"),
}

STATES_OF_METRIC = """
create or replace temp table actual as
select customer_id, slot_start_at as hour_start_at, {group} as group_value, cast({quantity} as decimal(38, 12)) as quantity
from warehouse.metrics.int_{metric}__hourly;

create or replace temp table expected as
select customer_id, hour_start_at, group_value, quantity
from hand.hourly
where metric = '{metric}'
"""

DIFFERENCE = """
select 'only in Meterhouse' as side, * from (from actual except all from expected)
union all
select 'only in the yardstick' as side, * from (from expected except all from actual)
order by all
"""


class ResultsDiffer(Exception):
    """The two ways of computing the same hours do not agree."""


def assert_same_hours(published: Path, hand_written: Path) -> int:
    """
    Return the number of hourly rows that both sides hold.

    Raises: ResultsDiffer with the first differing rows.
    """
    with _opened(publication=published, hand=hand_written) as connection:
        connection.execute(EXPECTED)
        connection.execute(ACTUAL)
        return _count_if_same(connection, "quantities")


def assert_same_states(warehouse: Path, hand_written: Path) -> int:
    """
    Return the number of hourly states, of all metrics, that both sides hold.

    Raises: ResultsDiffer with the first differing rows of a metric.
    """
    with _opened(warehouse=warehouse, hand=hand_written) as connection:
        count = 0
        for metric, (group, quantity) in STATES.items():
            connection.execute(STATES_OF_METRIC.format(metric=metric, group=group, quantity=quantity))
            count += _count_if_same(connection, f"states of {metric}")
        return count


def _opened(**files: Path) -> duckdb.DuckDBPyConnection:
    # what does not fit is compared on disk
    connection = duckdb.connect(config={"memory_limit": "4GB"})
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("set enable_progress_bar = false")
    for name, file in files.items():
        connection.execute(f"attach {quoted(file)} as {name} (read_only)")
    return connection


def _count_if_same(connection: duckdb.DuckDBPyConnection, what: str) -> int:
    rows = connection.execute(DIFFERENCE).fetchmany(5)
    if rows:
        raise ResultsDiffer(f"the hourly {what} differ, for example:\n" + "\n".join(map(str, rows)))
    [(count,)] = connection.execute("select count(*) from actual").fetchall()
    return int(count)
