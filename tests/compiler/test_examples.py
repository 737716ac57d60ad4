"""The documented examples, with their numbers."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from meterhouse.compiler import compile_files
from meterhouse.compiler.project import MetricFile
from tests.compiler.warehouse import Event, Warehouse, Window

MONTH = Window("ann", datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))

STORAGE_EXAMPLE = """
SELECT SUM(max_daily_storage) / SUM(num_days) AS value, user_id, region
FROM ( SELECT date_trunc('day', timestamp) AS date, properties.user_id AS user_id, properties.region AS region,
              MAX(properties.storage_used) AS max_daily_storage, 1 AS num_days
       FROM events WHERE event_type = 'storage_heartbeat'
       GROUP BY date, user_id, region )
GROUP BY user_id, region
"""


def on_day(day: int, event_type: str = "reading", **properties: str) -> Event:
    at = MONTH.start + timedelta(days=day - 1, hours=len(properties))
    return Event(f"{day}-{sorted(properties.items())}", "ann", event_type, at, properties)


def quantities(text: str, events: list[Event], path: str = "metrics/m.sql") -> list[tuple[str, Decimal]]:
    """The increments in the order of their slots."""
    warehouse = Warehouse(compile_files([MetricFile("m", path, text)]), [MONTH])
    warehouse.ingest(events)
    found = sorted(warehouse.increments("m"), key=lambda row: (row[1], row[2]))
    warehouse.close()
    return [(group, quantity) for _, _, group, quantity in found]


@pytest.mark.parametrize(
    ("query", "values", "expected"),
    [
        ("select avg(properties.v) from events", [4, 6], [4, 1]),
        ("select latest(properties.v) from events", [7, 9, 10, 5], [7, 2, 1, -5]),
        ("select earliest(properties.v) from events", [7, 9, 10, 5], [7, 0, 0, 0]),
        ("select sum(properties.v) from events", [5, 10, 15], [5, 10, 15]),
        ("select max(properties.v) from events", [9, 10, 8], [9, 1, 0]),
        ("select min(properties.v) from events", [9, 10, 8], [9, 0, -1]),
        ("select count(*) + 5 from events", [1, 1], [6, 1]),
        ("select count(distinct properties.v) from events", [1, 2, 1, 3], [1, 1, 0, 1]),
        ("select sum(properties.v) / 0 from events", [1, 2], [0, 0]),
        ("select sum(properties.v) / 3 from events", [1, 1], ["0.333333333333", "0.333333333334"]),
        ("select count(*) from events having count(*) > 2", [1, 1, 1, 1], [0, 0, 3, 1]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_increments_of_one_value_a_day(query: str, values: list[int], expected: list[int | str]) -> None:
    found = quantities(query, [on_day(day, v=str(value)) for day, value in enumerate(values, start=1)])
    assert [quantity for _, quantity in found] == [Decimal(value) for value in expected]


@pytest.mark.parametrize(
    ("inner", "outer", "values", "expected"),
    [
        ("count(*)", "max(x)", ["u:1", "u:1", "v:1"], [1, 1, 0]),
        ("count(*)", "min(x)", ["u:1", "u:1", "v:1"], [1, 1, -1]),
        ("min(properties.a)", "min(x)", ["u:5", "u:3", "v:4", "v:1"], [5, -2, 0, -2]),
        ("max(properties.a)", "-max(-x)", ["u:5", "u:7", "v:1"], [5, 2, -6]),  # MAX of what falls: evaluated
        ("sum(properties.a)", "max(x)", ["u:9", "u:-4", "v:6"], [9, -4, 1]),
        ("count(*) - max(properties.a)", "max(x)", ["u:1", "u:5", "u:5"], [0, -3, 1]),
        ("latest(properties.a)", "count(distinct x)", ["u:1", "v:2", "u:2"], [1, 1, -1]),
        ("latest(properties.a)", "avg(x)", ["u:1", "v:2", "u:2"], [1, "0.5", "0.5"]),
        ("count(*)", "sum(x) / count(*)", ["u:1", "v:2", "u:2"], [1, 0, "0.5"]),
    ],
)
def test_increments_of_stacked_queries(inner: str, outer: str, values: list[str], expected: list[int | str]) -> None:
    query = f"select {outer} as value from (select {inner} as x from events group by properties.user)"
    assert stacked(query, values) == [Decimal(value) for value in expected]


def test_a_row_that_having_drops_again_is_gone() -> None:
    query = "select max(x) from (select count(*) as x from events group by properties.user having sum(properties.a) > 3)"
    assert stacked(query, ["u:5", "u:5", "u:-9", "v:4"]) == [1, 1, -2, 1]


def test_a_fraction_of_a_sum_is_rounded_as_a_whole() -> None:
    found = stacked("select 0.1 * sum(properties.a) as value from events", ["u:0.333333333333"] * 2)
    assert found == [Decimal("0.033333333333"), Decimal("0.033333333334")]


def stacked(query: str, values: list[str]) -> list[Decimal]:
    """The increments over one event a day, each written `user:a`."""
    pairs = [value.split(":") for value in values]
    return [quantity for _, quantity in quantities(query, [on_day(day, user=u, a=a) for day, (u, a) in enumerate(pairs, start=1)])]


def test_average_of_daily_maxima_as_documented() -> None:
    def heartbeat(day: int, user: str, used: str, hour: int) -> Event:
        at = MONTH.start + timedelta(days=day - 1, hours=hour)
        return Event(
            f"{day}-{user}-{hour}",
            "ann",
            "storage_heartbeat",
            at,
            {"user_id": user, "region": "eu", "storage_used": used},
        )

    events = [
        heartbeat(1, "u1", "9", 1),
        heartbeat(1, "u1", "10", 2),
        heartbeat(2, "u1", "4", 1),
        heartbeat(2, "u2", "7", 1),
    ]
    first, second = '{"region":"eu","user_id":"u1"}', '{"region":"eu","user_id":"u2"}'
    # u1: 9, then 10 on day 1; (10 + 4) / 2 = 7 on day 2.
    assert quantities(STORAGE_EXAMPLE, events) == [
        (first, Decimal(9)),
        (first, Decimal(1)),
        (first, Decimal(-3)),
        (second, Decimal(7)),
    ]


def test_text_that_is_no_number_counts_as_null_and_is_told() -> None:
    project = compile_files([MetricFile("m", "metrics/m.sql", "select sum(properties.v), count(*) as n from events")])
    warehouse = Warehouse(project, [MONTH])
    warehouse.ingest([on_day(1, v="many"), on_day(1, v=" 2 "), on_day(1, v="1e1"), on_day(1)])
    counted = warehouse.connection.execute("select sum(event_count), sum(uncastable_count) from int_m__hourly").fetchone()
    assert counted == (4, 1)
    assert sum(quantity for _, _, _, quantity in warehouse.increments("m")) == 12


def test_a_group_key_that_is_no_number_is_told_where_it_is_read_as_one() -> None:
    query = "select sum(size) as value from (select properties.size as size from events group by size)"
    warehouse = Warehouse(compile_files([MetricFile("m", "metrics/m.sql", query)]), [MONTH])
    warehouse.ingest([on_day(1, size="large"), on_day(2, size="2"), on_day(3, size="2")])
    assert warehouse.connection.execute("select sum(uncastable_count) from int_m__hourly").fetchone() == (1,)
    assert sum(quantity for _, _, _, quantity in warehouse.increments("m")) == 2


def test_property_names_and_texts_cannot_break_out() -> None:
    query = """
        select count(*) as value, properties."a'); drop table raw_events; --" as "k{{ 1/0 }}"
        from events where properties."{{ x }}" = '''); drop table raw_events; -- {{ y }} {% z %} \\'
        group by 2
    """
    event = Event(
        "1",
        "ann",
        "a",
        MONTH.start,
        {
            "{{ x }}": "'); drop table raw_events; -- {{ y }} {% z %} \\",
            "a'); drop table raw_events; --": "v",
        },
    )
    assert quantities(query, [event]) == [('{"k{{ 1/0 }}":"v"}', Decimal(1))]


def test_a_basic_filter_is_the_query_it_stands_for() -> None:
    definition = """
description: Storage of the regions we bill.
event_types: {in: [reading]}
properties:
  - {name: region, not_in: [test]}
  - {name: v, exists: true}
aggregation: max
property: v
group_keys: [region]
"""
    events = [
        on_day(1, v="9", region="eu"),
        on_day(2, v="10", region="eu"),
        on_day(3, v="4", region="test"),
        on_day(3, region="eu"),
    ]
    assert quantities(definition, events, "metrics/m.yml") == [
        ('{"region":"eu"}', Decimal(9)),
        ('{"region":"eu"}', Decimal(1)),
    ]


@pytest.mark.parametrize("aggregation", ["count", "sum", "max", "min", "avg", "latest", "earliest", "count_distinct"])
def test_every_basic_aggregation_compiles(aggregation: str) -> None:
    definition = f"aggregation: {aggregation}\n" + ("" if aggregation == "count" else "property: v\n")
    assert len(quantities(definition, [on_day(1, v="2")], "metrics/m.yml")) == 1
