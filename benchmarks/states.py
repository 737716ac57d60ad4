"""
The compiled SQL by class: hourly states beside a hand-written GROUP BY, and a month of increments beside asking again.

All in one process, over one typed table in memory. The two sides take turns, and the median of their times counts.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from statistics import fmean, median

import duckdb

from benchmarks.events_cache import cached_events, parsed_options
from meterhouse.compiler import CompiledMetric, compile_files
from meterhouse.compiler.project import MetricFile
from meterhouse.example.bench import DAYS, MONTH_START
from meterhouse.runner.render import Renderer

TURNS = 5
HOURS_OF_MONTH = DAYS * 24
# Asking again costs more the later in the month it is, and evenly so: the mean of some hours spread over it stands for all.
SAMPLED_HOURS = [round(HOURS_OF_MONTH * (part + 0.5) / 8) for part in range(8)]


@dataclass(frozen=True)
class Case:
    """A metric; the hourly GROUP BY that a person would write for it; the plain query over the events before {until}."""

    query: str
    hourly: str
    plain: str


MODEL = "from int_usage_events where event_type = 'llm_request'"
BEFORE = f"{MODEL} and occurred_at < {{until}}"
CASES = {
    "additive": Case(
        "select sum(properties.input_tokens) as value, properties.model as model from events"
        " where event_type = 'llm_request' group by properties.model",
        f"select customer_id, hour_start_at, text_model, sum(number_input_tokens) {MODEL} group by all",
        f"select customer_id, text_model, sum(number_input_tokens) as value {BEFORE} group by all",
    ),
    "mergeable": Case(
        "select avg(properties.input_tokens) as value, properties.model as model from events"
        " where event_type = 'llm_request' group by properties.model",
        f"select customer_id, hour_start_at, text_model, sum(number_input_tokens), count(number_input_tokens) {MODEL} group by all",
        "select customer_id, text_model, {{ divide('sum(number_input_tokens)', 'count(number_input_tokens)') }} as value"
        f" {BEFORE} group by all",
    ),
    "distinct": Case(
        "select count(distinct properties.user_id) as value from events where event_type = 'llm_request'",
        f"select customer_id, hour_start_at, count(distinct text_user_id) {MODEL} group by all",
        f"select customer_id, count(distinct text_user_id) as value {BEFORE} group by all",
    ),
    "nested": Case(
        "select sum(top) as value from (select max(properties.input_tokens) as top from events"
        " where event_type = 'llm_request' group by properties.user_id, properties.model)",
        f"select customer_id, hour_start_at, text_user_id, text_model, max(number_input_tokens) {MODEL} group by all",
        "select customer_id, sum(top) as value from (select customer_id, text_user_id, text_model, max(number_input_tokens) as top"
        f" {BEFORE} group by all) group by all",
    ),
}

TYPED_EVENTS = """
create table int_usage_events as
with texts as (
    select *, {{ property_values('properties') }} as property_values from read_parquet($events)
),

exact_texts as (
    select * exclude (property_values), {{ exact_property_values('property_values', 'properties') }} as property_values from texts
)

select
    transaction_id,
    customer_id,
    event_type,
    "timestamp" as occurred_at,
    ingested_at,
    {{ trunc_hour('"timestamp"') }} as hour_start_at,
    {{ trunc_hour('"timestamp"') }} as slot_start_at
    {{ property_columns('property_values') }}
from exact_texts
"""


class ResultsDiffer(Exception):
    """The increments do not add up to the plain query."""


def main() -> None:
    """Print, per class, both times and their ratio: states of a month's hours, then increments of a month."""
    options = parsed_options(__doc__, 10_000_000)

    project = compile_files([MetricFile(name, f"metrics/{name}.sql", case.query) for name, case in CASES.items()])
    renderer = Renderer(project.files["macros/compiled/metric_properties.sql"])
    with duckdb.connect() as con:
        _lay_inputs(con, renderer, str(cached_events(options.events, options.customers) / "*.parquet"))
        print(f"hourly states of {options.events:,} typed events, median of {TURNS} turns")
        for metric in project.metrics:
            _measure_states(con, renderer, metric, CASES[metric.name])
        print(f"increments of a month for {options.customers:,} customers, beside the plain query for each of its {HOURS_OF_MONTH} hours")
        print(
            f"(extrapolated: {len(SAMPLED_HOURS)} hours, evenly spread over the month, are run; their mean counts {HOURS_OF_MONTH} times)"
        )
        for metric in project.metrics:
            _measure_increments(con, renderer, metric, CASES[metric.name])


def _lay_inputs(con: duckdb.DuckDBPyConnection, renderer: Renderer, events: str) -> None:
    con.execute("set TimeZone = 'UTC'")
    con.execute("set enable_progress_bar = false")
    con.execute(renderer.render(TYPED_EVENTS), {"events": events})
    con.execute("create table int_run_hours as select distinct hour_start_at from int_usage_events")
    month = [MONTH_START, MONTH_START + timedelta(days=DAYS)]
    con.execute(
        "create table int_run_windows as select distinct customer_id, ?::timestamptz as period_start_at, ?::timestamptz as period_end_at,"
        " ?::timestamptz as changed_from_at from int_usage_events",
        [*month, MONTH_START],
    )


def _measure_states(con: duckdb.DuckDBPyConnection, renderer: Renderer, metric: CompiledMetric, case: Case) -> None:
    states = f"create or replace table int_{metric.name}__hourly as {renderer.render(metric.hourly_sql)}"
    hand = f"create or replace table hand_written as {case.hourly}"
    compiled, plain = _in_turns(lambda: con.execute(states), lambda: con.execute(hand))
    print(f"  {metric.name:<10} compiled {compiled:6.2f} s   hand-written {plain:6.2f} s   ratio {compiled / plain:.2f}", flush=True)


def _measure_increments(con: duckdb.DuckDBPyConnection, renderer: Renderer, metric: CompiledMetric, case: Case) -> None:
    increments = f"create or replace table increments as {renderer.render(metric.increments_sql)}"
    compiled = median(_seconds(lambda: con.execute(increments)) for _ in range(TURNS))
    hour = fmean(_seconds(partial(con.execute, _plain(renderer, case, after))) for after in SAMPLED_HOURS)
    _assert_same_month(con, renderer, metric, case)
    again = hour * HOURS_OF_MONTH
    print(f"  {metric.name:<10} from states {compiled:6.2f} s   asking again {again:8.1f} s   {again / compiled:,.0f} times", flush=True)


def _assert_same_month(con: duckdb.DuckDBPyConnection, renderer: Renderer, metric: CompiledMetric, case: Case) -> None:
    con.execute(_plain(renderer, case, HOURS_OF_MONTH))
    different = con.execute(
        "select * from (select customer_id, sum(quantity) as quantity from increments group by all) as summed"
        " full join (select customer_id, sum(value) as quantity from plain group by all) as asked using (customer_id)"
        " where summed.quantity is distinct from asked.quantity"
    ).fetchmany(3)
    if different:
        raise ResultsDiffer(f"{metric.name}: the month differs, for example:\n" + "\n".join(map(str, different)))


def _plain(renderer: Renderer, case: Case, hours: int) -> str:
    until = f"timestamptz '{(MONTH_START + timedelta(hours=hours)).isoformat()}'"
    return f"create or replace table plain as {renderer.render(case.plain.replace('{until}', until))}"


def _in_turns(*sides: Callable[[], object]) -> list[float]:
    """Return each side's median seconds; the sides take turns, so that what else the machine does falls on both."""
    times = [[_seconds(side) for side in sides] for _ in range(TURNS)]
    return [median(each) for each in zip(*times, strict=True)]


def _seconds(step: Callable[[], object]) -> float:
    started = time.perf_counter()
    step()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
