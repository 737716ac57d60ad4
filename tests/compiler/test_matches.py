"""Which events pass which metric: the models behind unbilled_events."""

import doctest
import json
from datetime import UTC, datetime, timedelta

from meterhouse.compiler import compile_files, fragments, names
from meterhouse.compiler.project import MetricFile
from tests.compiler.warehouse import Event, Warehouse, Window, rendered

DAY = Window("ann", datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC))

METRICS = [
    MetricFile(
        "tokens",
        "metrics/tokens.sql",
        "select sum(properties.n) as value, properties.region as region from events where event_type = 'chat' group by 2",
    ),
    MetricFile(
        "peak",
        "metrics/peak.sql",
        "select max(c) as value, day, plan from (select count(*) as c, date_trunc('day', timestamp) as day, "
        "latest(properties.plan) as plan from events where properties.size > 2 group by day) group by day, plan",
    ),
]


def at_hour(hour: int, event_type: str, **properties: str) -> Event:
    return Event(f"{event_type}{hour}", "ann", event_type, DAY.start + timedelta(hours=hour), properties)


def warehouse(*events: Event) -> Warehouse:
    made = Warehouse(compile_files(METRICS), [DAY])
    made.ingest(events)
    made.connection.execute("create table int_unbilled_hours as select distinct customer_id, hour_start_at from int_usage_events")
    made.connection.execute("create table int_review_hours as select distinct hour_start_at from int_usage_events")
    return made


def rows(made: Warehouse, model: str, columns: str) -> list[tuple[object, ...]]:
    text = rendered(made.project.files[f"models/metrics/{model}.sql"])
    return made.connection.execute(f"select {columns} from ({text}) order by all").fetchall()


def test_matches_name_the_group_of_each_event_and_what_is_no_number() -> None:
    made = warehouse(
        at_hour(0, "chat", n="2", region="eu"),
        at_hour(1, "chat", n="many"),
        at_hour(2, "image", size="3", plan="pro"),
    )
    found = rows(made, "int_event_matches", "transaction_id, metric, group_values, uncastable")
    assert [(a, b, json.loads(str(c)), d) for a, b, c, d in found] == [
        ("chat0", "tokens", {"region": "eu"}, False),
        ("chat1", "tokens", {"region": None}, True),
        # the group as this event alone would make it: its own day, its own plan
        ("image2", "peak", {"day": "2026-03-01T00:00:00Z", "plan": "pro"}, False),
    ]


def test_only_hours_asked_for_are_matched() -> None:
    made = warehouse(at_hour(0, "chat"), at_hour(5, "chat"))
    made.connection.execute("delete from int_unbilled_hours where hour_start_at > '2026-03-01T01:00:00Z'")
    assert rows(made, "int_event_matches", "transaction_id") == [("chat0",)]


def test_an_event_whose_condition_is_null_passes_no_metric() -> None:
    made = warehouse(
        at_hour(0, "chat"),
        at_hour(1, "image"),
        at_hour(2, "image", size="large"),
        at_hour(3, "image", size="9"),
    )
    assert rows(made, "int_events_without_metric", "transaction_id") == [("image1",), ("image2",)]


def test_metric_hours_count_what_is_no_number() -> None:
    made = warehouse(at_hour(0, "chat", n="2"), at_hour(0, "chat", n="many"), at_hour(3, "image", size="9"))
    found = rows(
        made,
        "int_metric_hours",
        "metric, epoch(hour_start_at - timestamptz '2026-03-01T00:00:00Z')::int // 3600, uncastable_count",
    )
    assert found == [("peak", 3, 0), ("tokens", 0, 1)]


def test_without_metrics_the_models_are_typed_and_empty() -> None:
    project = compile_files([])
    made = Warehouse(project, [])
    made.connection.execute("create table int_review_hours as select now() as hour_start_at where false")
    for model in (
        "int_metric_increments",
        "int_event_matches",
        "int_metric_hours",
        "int_events_without_metric",
    ):
        assert rows(made, model, "*") == []


def test_the_examples_in_docstrings_hold() -> None:
    for module in (fragments, names):
        assert doctest.testmod(module).failed == 0
