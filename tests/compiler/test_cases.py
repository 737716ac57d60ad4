# ruff: noqa: E501 (a case is one line of its table)
"""
SQL in, SQL out: `cases/<class>.sql` and what it compiles to, `cases/compiled/<class>__{hourly,increments}.sql`.

METERHOUSE_REMAKE=1 writes the compiled files anew; read the difference before you commit it.
"""

import os
import re
from pathlib import Path

import pytest

from meterhouse.compiler import CompiledProject, compile_files
from meterhouse.compiler.project import MetricFile
from tests.compiler.warehouse import metric_properties

CASES = Path(__file__).parent / "cases"
CLASSES = {
    "additive": "additive",
    "mergeable": "mergeable",
    "distinct": "distinct",
    "nested_invertible": "nested, invertible",
    "nested_growing": "nested, invertible",
    "nested_evaluated": "nested, evaluated at each change",
    "moving_groups": "mergeable",
}


def compiled(*names: str) -> CompiledProject:
    return compile_files([MetricFile(name, f"metrics/{name}.sql", (CASES / f"{name}.sql").read_text()) for name in names])


@pytest.mark.parametrize("name", CLASSES)
def test_a_case_compiles_to_its_files(name: str) -> None:
    (metric,) = compiled(name).metrics
    for part, text in (("hourly", metric.hourly_sql), ("increments", metric.increments_sql)):
        path = CASES / "compiled" / f"{name}__{part}.sql"
        if os.environ.get("METERHOUSE_REMAKE"):
            path.write_text(text)
        assert text == path.read_text()


@pytest.mark.parametrize(("name", "expected"), CLASSES.items())
def test_a_case_falls_in_its_class(name: str, expected: str) -> None:
    assert compiled(name).metrics[0].metric_class == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("select sum(properties.a) from events", "additive"),
        ("select 3 * sum(properties.a) from events", "additive"),
        ("select -sum(properties.a) from events", "additive"),
        ("select count(*) - 2 * count(properties.a) from events", "additive"),
        ("select coalesce(sum(properties.a), 0) + count(*) from events", "additive"),
        ("select sum(case when properties.a > 2 then properties.b else 0 end) from events", "additive"),
        ("select sum(properties.a) * 0.5 from events", "mergeable"),  # each product is rounded
        ("select sum(properties.a) + count(*) from events", "mergeable"),  # NULL until a value comes
        ("select sum(properties.a) + sum(properties.b) from events", "mergeable"),
        ("select count(*) + 5 from events", "mergeable"),
        ("select count(*) from events having count(*) > 1", "mergeable"),
        ("select sum(properties.a) as value, max(properties.b) as last from events", "mergeable"),
        ("select avg(properties.a) from events", "mergeable"),
        ("select count(distinct properties.a) + max(properties.b) from events", "distinct"),
        ("select sum(n) from (select count(*) as n from events group by properties.u)", "nested, invertible"),
        ("select max(n) from (select count(*) as n from events group by properties.u)", "nested, invertible"),
        ("select min(n) from (select count(*) as n from events group by properties.u)", "nested, evaluated at each change"),
        ("select max(s) from (select sum(properties.a) as s from events group by properties.u)", "nested, evaluated at each change"),
        ("select max(n) from (select count(*) as n from events group by properties.u having count(*) > 3)", "nested, evaluated at each change"),
        ("select sum(a) from (select properties.a as a from events where event_type = 'x')", "additive"),
    ],
)  # fmt: skip
def test_the_cheapest_rule_that_is_right_is_chosen(query: str, expected: str) -> None:
    (metric,) = compile_files([MetricFile("m", "metrics/m.sql", query)]).metrics
    assert metric.metric_class == expected


def test_a_compilation_writes_exactly_its_files() -> None:
    assert sorted(compiled("additive").files) == [
        "macros/compiled/metric_properties.sql",
        "models/metrics/_metrics.yml",
        "models/metrics/int_additive__hourly.sql",
        "models/metrics/int_additive__increments.sql",
        "models/metrics/int_event_matches.sql",
        "models/metrics/int_events_without_metric.sql",
        "models/metrics/int_metric_hours.sql",
        "models/metrics/int_metric_increments.sql",
        "tests/dbt/metrics/assert_additive_equals_its_plain_query.sql",
    ]


def test_properties_are_listed_once_per_kind_whatever_their_name() -> None:
    query = (
        'select sum(properties.a), properties."it\'s {{ b }}" as b, max(properties.a) as c from events where properties.a > 1 group by 2'
    )
    listed = metric_properties(compile_files([MetricFile("m", "metrics/m.sql", query)]))
    assert [(item["name"], item["kind"], item["uncastable"]) for item in listed] == [
        ("a", "number", "uncastable_a"),
        ("a", "text", None),
        ("it's {{ b }}", "text", None),
    ]
    assert all(re.fullmatch(r"(text|number)_[a-z_][a-z0-9_]*", item["column"]) for item in listed)
