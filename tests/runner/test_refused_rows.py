"""Rows that are refused while all rows are read: each for the first rule that it breaks, and none stands in another's way."""

import duckdb

from tests.runner.shop import CATALOGUE, FINAL_CLOCK, UNITS
from tests.worlds import World

# what differs from a right event, as SQL; and the reason, blank where the row counts
ROWS = [
    ({}, ""),
    ({"customer_id": "'nobody'"}, "unknown_customer"),
    ({"timestamp": "timestamptz '2025-12-01 00:00:00Z'"}, "too_old"),
    ({"timestamp": "timestamptz '2026-01-12 00:00:00Z'"}, "in_future"),
    ({"timestamp": "timestamptz 'infinity'"}, "bad_timestamp"),
    ({"timestamp": "timestamptz '-infinity'"}, "bad_timestamp"),
    ({"timestamp": "timestamptz '-infinity'", "ingested_at": "timestamptz '-infinity'"}, "bad_timestamp"),
    ({"ingested_at": "timestamptz '-infinity'"}, "bad_ingested_at"),
    # was taken for an object without properties, by the way on which long numbers are read
    ({"properties": "'[1]'"}, "bad_properties"),
    ({"properties": "'{\"units\": 1'"}, "bad_properties"),
    ({"properties": "'[1]'", "customer_id": "'nobody'"}, "bad_properties"),
    ({"properties": "'[1]'", "event_type": "''"}, "missing_event_type"),
    ({"transaction_id": "null", "properties": "'[1]'"}, "missing_transaction_id"),
    ({"transaction_id": "repeat('é', 129)"}, "bad_transaction_id"),
    ({"transaction_id": "repeat('é', 128)"}, ""),
]
RIGHT = {
    "transaction_id": "'a'",
    "customer_id": "'acme'",
    "event_type": "'use'",
    "timestamp": "timestamptz '2026-01-10 10:00:00Z'",
    "properties": "'{\"units\": 1}'",
    "ingested_at": "timestamptz '2026-01-10 10:00:00Z'",
}


def test_each_row_is_refused_for_the_first_rule_it_breaks(world: World) -> None:
    world.metric("units", UNITS)
    world.catalog(**CATALOGUE)
    # all of one id: what is refused for something else is nobody's first delivery
    rows = [", ".join(f"{value} as {name}" for name, value in (RIGHT | wrong).items()) for wrong, _ in reversed(ROWS)]
    query = " union all ".join(f"select {row}" for row in rows)
    duckdb.execute(f"copy ({query}) to '{world.folder / 'events' / 'rows.parquet'}' (format parquet)")

    world.build(FINAL_CLOCK)

    refused = [(number, reason) for number, (_, reason) in enumerate(reversed(ROWS), start=1) if reason]
    assert world.rows("select source_row, reason from rejected_events order by 1") == refused
    assert world.rows("select count(*)::int, sum(quantity)::int from events, usage_hourly") == [(2, 4)]

    # the customer becomes known, with the same id as an event that was accepted
    world.catalog(**CATALOGUE | {"customers": "customer_id\nacme\nnobody"})
    world.build(FINAL_CLOCK)
    known = [(number, "duplicate" if reason == "unknown_customer" else reason) for number, reason in refused]
    assert world.rows("select source_row, reason from rejected_events order by 1") == known
