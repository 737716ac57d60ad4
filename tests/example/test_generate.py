"""The example's stream is the same every time and holds one of everything that a stream can hold."""

import csv
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from meterhouse.example import generate_bench_events, generate_events
from meterhouse.example.customers import SENDERS

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
DIGEST_OF_5000 = "df0f728d3f14ec0649dc45dd0c403d3a"
JANUARY = date(2026, 1, 1)


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("events")
    generate_events(folder, events=5_000, month=JANUARY)
    return folder


def test_the_rows_are_the_same_on_every_machine(events: Path) -> None:
    query = """
        select md5(string_agg(line, chr(10) order by line))
        from (
            select (transaction_id, customer_id, event_type, "timestamp", properties, ingested_at)::varchar
            from stream
        ) as lines (line)
    """

    assert _query(events, query) == [(DIGEST_OF_5000,)]


def test_the_number_of_rows_is_the_number_asked_for(events: Path) -> None:
    assert _query(events, "select count(*) from stream") == [(5_000,)]


def test_a_stream_too_short_to_hold_everything_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="events=999: at least 1000 are needed"):
        generate_events(tmp_path, events=999, month=JANUARY)


@pytest.mark.parametrize(
    ("kind", "condition", "count"),
    [
        ("missing_transaction_id", "transaction_id is null", 6),
        ("bad_timestamp", '"timestamp" is null', 6),
        ("too_old", '"timestamp" < ingested_at - interval 34 day', 6),
        ("in_future", '"timestamp" > ingested_at + interval 1 day', 6),
        ("bad_properties", "not json_valid(properties)", 6),
        ("unknown_customer", "customer_id = 'nobody'", 6),
        ("text where a number belongs", "properties like '%\"n/a\"%'", 6),
    ],
)
def test_broken_rows_of_each_kind(events: Path, kind: str, condition: str, count: int) -> None:
    once = "(select distinct * exclude (ingested_at) from stream)" if "n/a" in condition else "stream"

    assert _query(events, f"select count(*) from {once} where {condition}") == [(count,)], kind


def test_late_and_repeated_events(events: Path) -> None:
    [(late, repeated)] = _query(
        events,
        """
        select
            count(*) filter (where ingested_at - "timestamp" between interval 1 hour and interval 30 day),
            count(transaction_id) - count(distinct transaction_id)
        from stream
        """,
    )
    assert late > 10
    assert repeated == 5


def test_every_sender_is_a_customer_or_an_alias() -> None:
    known = {row["customer_id"] for row in _seed("customers")} | {row["alias"] for row in _seed("customer_aliases")}

    assert {sender.sent_as for sender in SENDERS} <= known
    assert sum(sender.share for sender in SENDERS) == 100


def test_every_model_and_region_of_a_sender_has_a_rate() -> None:
    groups = [json.loads(row["pricing_group_values"] or "{}") for row in _seed("rates")]
    priced = {(group["model"], group["region"]) for group in groups if {"model", "region"} <= set(group)}

    for sender in SENDERS:
        assert {(model, region) for model in sender.models for region in sender.regions} <= priced


def test_the_price_that_changes_mid_month_has_no_gap() -> None:
    rates = {row["rate_id"]: row for row in _seed("rates")}
    changed = [rate_id for rate_id in rates if rate_id.endswith("_until_jan15")]

    assert len(changed) == 9
    for rate_id in changed:
        before, after = rates[rate_id], rates[rate_id.removesuffix("_until_jan15")]
        assert before["ending_before"] == after["starting_at"] == "2026-01-15T00:00:00Z"
        assert Decimal(before["unit_price"]) > Decimal(after["unit_price"])


def test_bench_events_are_as_many_as_asked_for(tmp_path: Path) -> None:
    generate_bench_events(tmp_path, events=10_000, customers=50)

    [(events, ids, customers, first_on, last_on)] = _query(
        tmp_path,
        """
        select
            count(*),
            count(distinct transaction_id),
            count(distinct customer_id),
            min("timestamp")::date,
            max("timestamp")::date
        from stream
        """,
    )
    assert (events, ids, customers) == (10_000, 10_000, 50)
    assert (first_on, last_on) == (JANUARY, date(2026, 1, 31))
    assert len(list(tmp_path.iterdir())) == 31


def _query(folder: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"create view stream as select * from '{folder}/*.parquet'")
        return connection.execute(query).fetchall()


def _seed(table: str) -> list[dict[str, str]]:
    with (SEEDS / f"{table}.csv").open(newline="") as file:
        return list(csv.DictReader(file))
