"""
The events of one month of the example business, made from nothing but the row number.

Every draw is an md5 of row number and purpose, so the same arguments give the same rows on every machine and
engine version. One file a day of ingestion: `events-2026-01-01.parquet`. Mixed in, as in real streams: late
events, events delivered twice, broken rows of every kind that ingestion rejects, an alias, a customer without
a contract, a model without a price, text where a number belongs, and an event type that no metric counts.
"""

import calendar
from datetime import date
from pathlib import Path

import duckdb

from meterhouse.example.customers import SENDERS

SMALLEST_STREAM = 1_000
# Days of the next month that the stream reaches into, so that its invoices have begun.
DAYS_OF_NEXT_MONTH = 2
# The first rows are broken on purpose, six in a row of each kind.
FAULTS = (
    "missing_transaction_id",
    "bad_timestamp",
    "too_old",
    "in_future",
    "bad_properties",
    "unknown_customer",
    "uncastable",
)
FAULTY_ROWS_EACH = 6

MACROS = """
create macro draw(n, purpose, choices) as (md5_number_lower(n || purpose) % choices)::bigint;
create macro pick(n, purpose, list) as list[1 + draw(n, purpose, len(list))];
"""

# Times: a day, then a second of the local day as the mean of two draws (so noon is busiest), then to UTC.
USAGE = """
create table usage as
with numbered as (
    select range as n
    from range($usage_events)
),

sent as (
    select
        n,
        $faults[1 + n // $faulty_rows_each] as fault,
        senders.* exclude (ticket),
        draw(n, 'day', $days) as day,
        draw(n, 'kind', 1000) as kind,
        $month::timestamp
            + to_days(draw(n, 'day', $days)::integer)
            + to_seconds((draw(n, 'second', 86400) + draw(n, 'other second', 86400)) // 2)
            + to_milliseconds(draw(n, 'millisecond', 1000))
            - to_minutes(utc_offset_minutes) as happened_at
    from numbered
    inner join senders on draw(n, 'sender', 100) = senders.ticket
),

-- Nearly all arrive within seconds, some within the hour or the day, a few days late.
timed as (
    select
        *,
        happened_at + to_milliseconds(
            case
                when draw(n, 'lag', 10000) < 9700 then 200 + draw(n, 'seconds late', 8000)
                when draw(n, 'lag', 10000) < 9950 then 60000 * (1 + draw(n, 'minutes late', 60))
                when draw(n, 'lag', 10000) < 9995 then 60000 * (60 + draw(n, 'hours late', 1200))
                else 60000 * (1440 + draw(n, 'days late', 7200))
            end
        ) as arrived_at
    from sent
),

named as (
    select
        *,
        case
            when fault is not null or kind < 780 then 'chat_completion'
            when kind < 860 then 'embedding'
            when kind < 950 then 'image_generated'
            when kind < 990 then 'storage_snapshot'
            else 'console_login'
        end as event_type,
        pick(n, 'region', regions) as region,
        pick(n, 'model', models) as model,
        'u' || draw(n, 'user', users) as user_id,
        100 + draw(n, 'input', 6000) * case when draw(n, 'long', 20) = 0 then 10 else 1 end as input_tokens
    from timed
)

select
    case when fault = 'missing_transaction_id' then null else 'evt-' || n end as transaction_id,
    case when fault = 'unknown_customer' then 'nobody' else sent_as end as customer_id,
    event_type,
    case fault
        when 'bad_timestamp' then null
        when 'too_old' then arrived_at - interval 40 day
        when 'in_future' then arrived_at + interval 3 day
        else happened_at
    end as happened_at,
    case
        when fault = 'bad_properties' then '{"model": "' || model || '", "input_tokens": '
        when event_type = 'embedding' then json_object(
            -- The retired model has no rate any more; who still calls it is not billed, and reported.
            'model', case
                when draw(n, 'retired model', 100) = 0 then 'text-embedding-ada-002'
                else pick(n, 'embedding model', ['text-embedding-3-small', 'text-embedding-3-large'])
            end,
            'region', region,
            'tokens', 50 + draw(n, 'embedded', 4000)
        )::varchar
        when event_type = 'image_generated' then json_object(
            'region', region, 'size', pick(n, 'size', ['square', 'square', 'wide'])
        )::varchar
        when event_type = 'storage_snapshot' then json_object(
            'bytes', 40000000000 + 2000000000 * day + draw(n, 'bytes', 5000000000), 'region', region
        )::varchar
        when event_type = 'console_login' then json_object('user_id', user_id)::varchar
        when fault is null and draw(n, 'failed', 400) = 0 then json_object(
            'model', model, 'region', region, 'status', 'error', 'user_id', user_id
        )::varchar
        when fault is null and draw(n, 'cached', 2) = 0 then json_object(
            'cached_input_tokens', input_tokens * draw(n, 'cached share', 80) // 100,
            'input_tokens', input_tokens,
            'model', model,
            'output_tokens', 20 + draw(n, 'output', 1200),
            'region', region,
            'status', 'ok',
            'user_id', user_id
        )::varchar
        else json_object(
            'input_tokens', input_tokens,
            'model', model,
            'output_tokens', case
                when fault = 'uncastable' then 'n/a'
                else (20 + draw(n, 'output', 1200))::varchar
            end,
            'region', region,
            'status', 'ok',
            'user_id', user_id
        )::varchar
    end as properties,
    arrived_at
from named
"""

# An at-least-once producer: the same event again, hours after it was first delivered.
AGAIN = """
insert into usage
with repeated as (
    select *, row_number() over (order by transaction_id) as n
    from usage
    where transaction_id is not null and happened_at <= arrived_at
    qualify n <= $again
)

select * exclude (n) replace (arrived_at + to_minutes(30 + n * 17 % 4000) as arrived_at)
from repeated
"""

DAY_FILE = """
copy (
    select
        transaction_id,
        customer_id,
        event_type,
        happened_at at time zone 'UTC' as "timestamp",
        properties,
        arrived_at at time zone 'UTC' as ingested_at
    from usage
    where arrived_at::date = '{day}'
    order by arrived_at, transaction_id nulls first, properties
) to '{path}' (format parquet, compression zstd)
"""


def generate_events(folder: Path, *, events: int = 200_000, month: date = date(2026, 1, 1)) -> None:
    """
    Write the usage of `month` (any day of it) and of the two days after it as Parquet files into `folder`.

    `events` counts all rows, broken and repeated ones included; one event in a thousand is a repetition.
    Months begin at each customer's local midnight; all instants are written in UTC. Existing files of the
    same day are replaced, others are left alone.

    Raises: ValueError if `events` is less than 1,000, too few to hold one of everything.
    """
    if events < SMALLEST_STREAM:
        raise ValueError(f"events={events}: at least {SMALLEST_STREAM} are needed to hold one of everything")
    folder.mkdir(parents=True, exist_ok=True)
    again = events // 1000
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set enable_progress_bar = false")
        _create_senders(connection)
        connection.execute(MACROS)
        connection.execute(
            USAGE,
            {
                "usage_events": events - again,
                "faults": list(FAULTS),
                "faulty_rows_each": FAULTY_ROWS_EACH,
                "days": calendar.monthrange(month.year, month.month)[1] + DAYS_OF_NEXT_MONTH,
                "month": month.replace(day=1).isoformat(),
            },
        )
        connection.execute(AGAIN, {"again": again})
        _write_day_files(connection, folder)


def _create_senders(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table `senders`: a hundred tickets, as many for each sender as its share."""
    connection.execute(
        "create table senders (ticket bigint, sent_as varchar, utc_offset_minutes integer,"
        " regions varchar[], models varchar[], users bigint)"
    )
    tickets = [sender for sender in SENDERS for _ in range(sender.share)]
    connection.executemany(
        "insert into senders values (?, ?, ?, ?, ?, ?)",
        [(ticket, s.sent_as, s.utc_offset_minutes, list(s.regions), list(s.models), s.users) for ticket, s in enumerate(tickets)],
    )


def _write_day_files(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write one Parquet file for each UTC day on which events arrived."""
    days = connection.sql("select distinct arrived_at::date from usage order by 1").fetchall()
    for (day,) in days:
        path = str(folder / f"events-{day}.parquet").replace("'", "''")
        connection.execute(DAY_FILE.format(day=day, path=path))
