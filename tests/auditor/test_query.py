"""The auditor reads the metric language: cases by hand, files beside the compiled models, random queries beside their meaning."""

import os
import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from meterhouse.auditor.basic_filter import query_of
from meterhouse.auditor.query import Metric
from meterhouse.auditor.query_expressions import UsageEvent
from meterhouse.auditor.query_text import CannotRead
from meterhouse.compiler import compile_files
from meterhouse.compiler.project import MetricFile
from meterhouse.runner.workspace import PROJECT_FOLDER
from tests.compiler.queries import Query, key_text, random_events, random_query
from tests.compiler.warehouse import Event, Warehouse, Window, group_text

QUERIES = 3000 if os.environ.get("METERHOUSE_PROFILE") == "nightly" else 400
SETTINGS = settings(
    deadline=None,
    max_examples=QUERIES // 2,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
START = datetime(2026, 1, 1, tzinfo=UTC)
MONTH = Window("ann", START, datetime(2026, 2, 1, tzinfo=UTC))
FILES = sorted([*(PROJECT_FOLDER / "metrics").iterdir(), *(PROJECT_FOLDER / "tests" / "compiler" / "cases").glob("*.sql")])


def plain(query: Query, events: list[Event]) -> dict[str, Decimal]:
    totals: dict[str, Decimal] = {}
    for row in query.run([asdict(event) for event in events]):
        group = group_text({key: key_text(row[key]) for key in query.keys})
        totals[group] = totals.get(group, Decimal(0)) + (row["value"] or 0)
    return totals


def as_usage(events: list[Event]) -> list[UsageEvent]:
    return [UsageEvent(event.transaction_id, event.event_type, event.timestamp, event.properties) for event in events]


def prove(rng: Random, depth: int) -> None:
    """The metric over ever more of the events, and over all of them at once, is what the query plainly means."""
    query, events = random_query(rng, depth), random_events(rng)
    metric = Metric(query.text)
    running = metric.running()
    taken = 0
    while taken < len(events):
        more = rng.randint(1, 12)
        running.add(as_usage(events[taken : taken + more]))
        taken += more
        assert running.quantities() == plain(query, events[:taken]), query.text
    assert metric.over(as_usage(events)) == plain(query, events), query.text


@settings(SETTINGS)
@given(rng=st.randoms(use_true_random=True))
def test_single_queries_mean_what_they_say(rng: Random) -> None:
    prove(rng, depth=1)


@settings(SETTINGS)
@given(rng=st.randoms(use_true_random=True))
def test_stacked_queries_mean_what_they_say(rng: Random) -> None:
    prove(rng, rng.randint(2, 3))


# Events a to f, an hour apart; b and c at one instant. The quantity of each query, without and with a group.
EVENTS = [
    Event("a", "ann", "call", START, {"n": "4", "t": "x", "flag": "true", "at": "2026-01-05T10:30:00Z"}),
    Event("c", "ann", "call", START + timedelta(hours=1), {"n": "6", "t": "y", "flag": "0"}),
    Event("b", "ann", "call", START + timedelta(hours=1), {"n": "10", "t": "x", "at": "2026-01-04"}),
    Event("d", "ann", "read", START + timedelta(hours=26), {"n": "-0.5", "t": "it's"}),
    Event("e", "ann", "read", START + timedelta(hours=27, minutes=5), {"n": " 1e1 ", "t": "x"}),
    Event("f", "ann", "read", START + timedelta(hours=28), {"n": "many", "Odd Name": "2.50"}),
]
ALL = "{}"
CASES: list[tuple[str, dict[str, str]]] = [
    ("select count(*) from events", {ALL: "6"}),
    ("select count(*) + 5 as value from events where event_type = 'none'", {}),
    ("select sum(properties.n) / 3 from events", {ALL: "9.833333333333"}),
    ("select sum(properties.n) / 0 from events", {ALL: "0"}),
    ("select avg(properties.n) from events", {ALL: "5.9"}),
    ("select latest(properties.n) from events", {ALL: "10"}),
    ("select latest(properties.n) from events where event_type = 'call'", {ALL: "6"}),  # of b and c the greater id
    ("select earliest(properties.n) from events where properties.n > 5", {ALL: "10"}),
    ("select max(properties.n) from events", {ALL: "10"}),
    ("select count(distinct properties.t) from events", {ALL: "3"}),
    ("select count(distinct properties.n) as x, max(properties.t) as t from events", {'{"t":"y"}': "6"}),
    (
        "select sum(n) as value, t from (select max(properties.n) as n, properties.t as t from events group by 2) group by t",
        {'{"t":"x"}': "10", '{"t":"y"}': "6", '{"t":"it\'s"}': "-0.5", '{"t":null}': "0"},
    ),
    ("select count(distinct n) from (select max(properties.n) as n from events group by properties.t)", {ALL: "4"}),  # texts
    ("select round(2.5) + round(-2.5) + ceil(0.1) + floor(-0.1) + abs(-3) + count(*) from events", {ALL: "9"}),
    ("select cast('7.5' as int) + cast('1.239' as decimal(10, 2)) + 0 * count(*) from events", {ALL: "9.24"}),
    ("select count(case when cast(properties.flag as boolean) then 1 end) as value from events", {ALL: "1"}),
    ("select count(*) from events where cast(properties.at as timestamp) > cast('2026-01-04T23:00:00Z' as timestamp)", {ALL: "1"}),
    ("select count(*), date_trunc('day', timestamp) as day from events group by day", {
        '{"day":"2026-01-01T00:00:00Z"}': "3", '{"day":"2026-01-02T00:00:00Z"}': "3"}),
    ("select count(*) from events where properties.t in ('x', null)", {ALL: "3"}),
    ("select count(*) from events where properties.t not in ('x', null)", {}),
    ("select count(*) from events where properties.n between 4 and 6 or not properties.n ≥ 0", {ALL: "3"}),
    ("select count(*) from events where properties.t <> 'x' and properties.t is not null", {ALL: "2"}),
    ("select sum(properties.\"Odd Name\") * 2, properties.\"Odd Name\" as \"Odd Name\" from events group by 2 having count(*) = 1", {
        '{"Odd Name":"2.50"}': "5"}),
    ("select sum(least(properties.n, 5)) + greatest(1, null) as value from events", {ALL: "24.5"}),
    ("select coalesce(sum(properties.missing), 7) - -1 as value from events", {ALL: "8"}),
    ("select sum(nullif(properties.n, 10)) as value from events", {ALL: "9.5"}),
    ("select max(case properties.t when 'x' then 3 when 'y' then 4 else 1 end) as value from events", {ALL: "4"}),
    (
        "with days as (select properties.t, date_trunc('day', timestamp) as day, count(*) as calls from events e"
        " group by t, day having calls >= 2) -- busy ones\nselect sum(d.calls) as value from days as d",
        {ALL: "2"},
    ),
    ("select latest(n) from (select sum(properties.n) as n, max(timestamp) as timestamp from events group by properties.t)", {ALL: "24"}),
    ("select earliest(t) as t, count(*) as value from (select properties.t as t, timestamp from events)", {'{"t":"x"}': "6"}),
    ("select sum(properties.n)::int as value from events", {ALL: "30"}),
]  # fmt: skip


@pytest.mark.parametrize(("query", "expected"), CASES, ids=lambda value: str(value)[:60])
def test_a_query_comes_to_what_the_table_and_the_models_say(query: str, expected: dict[str, str]) -> None:
    found = Metric(query).over(as_usage(EVENTS))

    assert found == {group: Decimal(number) for group, number in expected.items()}
    assert {group: number for group, number in found.items() if number} == modelled("m.sql", query, EVENTS)


def modelled(name: str, text: str, events: list[Event]) -> dict[str, Decimal]:
    """The sums of the compiled models' increments."""
    warehouse = Warehouse(compile_files([MetricFile("m", f"metrics/{name}", text)]), [MONTH])
    warehouse.ingest(events)
    totals: dict[str, Decimal] = {}
    for _, _, group, quantity in warehouse.increments("m"):
        totals[group] = totals.get(group, Decimal(0)) + quantity
    warehouse.close()
    return {group: total for group, total in totals.items() if total}


def metric_of(path: Path) -> Metric:
    text = path.read_text()
    return Metric(query_of(yaml.safe_load(text)) if path.suffix == ".yml" else text)


def events_of(path: Path) -> Iterator[Event]:
    """Events whose types, properties and values are words of the file, so that everything that it asks for is there."""
    words = sorted(set(re.findall(r"[a-z_]+", path.read_text())))
    quoted = sorted(set(re.findall(r"'([^']+)'", path.read_text())))
    rng = Random(path.name)
    for number in range(300):
        properties = {word: rng.choice(["1", "2", "30", *quoted]) for word in words if rng.random() < 0.9}
        at = START + timedelta(minutes=rng.randrange(60 * 24 * 4))
        yield Event(f"{number:03}", "ann", rng.choice(quoted or words), at, properties)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_auditor_reads_the_metrics_of_the_example_and_of_the_compilers_cases(path: Path) -> None:
    events = list(events_of(path))

    found = metric_of(path).over(as_usage(events))

    assert found, "a metric that counts nothing proves nothing"
    assert {group: number for group, number in found.items() if number} == modelled(path.name, path.read_text(), events)


BASIC = """
event_types: {in: [call, read], not_in: [none]}
properties:
  - {name: t, not_in: [y]}
  - {name: n, exists: true, in: ["4", "10", "-0.5", many]}
  - {name: missing, exists: false}
aggregation: AGGREGATION
property: n
group_keys: [flag]
"""


@pytest.mark.parametrize("aggregation", ["count", "sum", "max", "min", "avg", "latest", "earliest", "count_distinct"])
def test_a_basic_filter_is_the_query_that_it_stands_for(aggregation: str) -> None:
    text = BASIC.replace("AGGREGATION", aggregation)

    found = Metric(query_of(yaml.safe_load(text))).over(as_usage(EVENTS))

    assert len(found) == 2
    assert found == modelled("m.yml", text, EVENTS)


@pytest.mark.parametrize("query", ["select count(*) from events limit 3", "select mode(properties.n) from events", "select $ from events"])
def test_what_the_auditor_cannot_read_it_says(query: str) -> None:
    with pytest.raises(CannotRead, match="cannot read the metric from"):
        Metric(query)
