"""What a metric would count: its own compiled SQL over the events that the warehouse holds, in memory and without a build."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb

from meterhouse.compiler import CompiledMetric
from meterhouse.one_metric import compile_metric, nearest
from meterhouse.runner.errors import MeterhouseError
from meterhouse.runner.render import Renderer
from meterhouse.runner.texts import quoted, written
from meterhouse.runner.warehouse import opening
from meterhouse.runner.workspace import PROJECT_FOLDER, Workspace

COLUMNS = ("hour_start_at", "group_values", "quantity", "cumulative_quantity")
Row = tuple[object, ...]

# What a build left behind, by the names that models have for it; all other refs are laid in memory.
HELD = {
    "stg_customers": "catalogue.customers",
    "stg_customer_aliases": "catalogue.customer_aliases",
    "int_event_versions": "events.int_event_versions",
}
NEEDED = {"events.int_events", *HELD.values()}

# A property that no built metric reads has no column yet: it is read from the JSON.
EVENTS = """
create view int_events as
with held_events as (
    select
        events.*,
        {{ property_values('events.properties') }} as property_values
    from held.events.int_events as events
    inner join int_customer_keys as customer_keys on events.customer_id = customer_keys.customer_key
    inner join int_run_windows as run_windows
        on
            customer_keys.customer_id = run_windows.customer_id
            and events.occurred_at >= run_windows.period_start_at
            and events.occurred_at < run_windows.period_end_at
),

read_exactly as (
    select
        * exclude (property_values),
        {{ exact_property_values('property_values', 'properties') }} as property_values
    from held_events
)

select
    read_exactly.* exclude (property_values)
    {{ property_columns('read_exactly.property_values') }}
from read_exactly
"""

# Only the beginning can cut an hour: events from the end on are left out.
SLOT_CUTS = """
create view int_slot_cuts as
select
    customer_id,
    {{ trunc_hour('period_start_at') }} as hour_start_at,
    period_start_at as cut_at
from int_run_windows
where period_start_at <> {{ trunc_hour('period_start_at') }}
"""

# stands where the compiled SQL goes
INCREMENTS = "increments_of_the_metric"
QUANTITIES = f"""
with hours as (
    select
        hour_start_at,
        group_values,
        {{{{ number('sum(quantity)') }}}} as quantity
    from ({INCREMENTS})
    group by hour_start_at, group_values
)

select
    *,
    {{{{ number('sum(quantity) over (partition by group_values order by hour_start_at)') }}}} as cumulative_quantity
from hours
order by hour_start_at, group_values
"""


def preview_metric(workspace: Workspace, metric: str, customer: str, start: datetime, end: datetime) -> list[Row]:
    """
    Evaluate a metric, built or not, over a customer's accepted events in [start, end), as if that were a billing period.

    `customer` is an id or an alias, as the last build knew them. Nothing is written.

    Returns: one row per UTC hour and group in which the metric changed, by `COLUMNS`.

    Raises:
        MetricErrors: the metric is faulty.
        MeterhouseError: no such metric or customer, an empty range, or nothing is built yet.
        WarehouseBusyError: a run holds the warehouse.
    """
    if start >= end:
        raise MeterhouseError(f"--from {written(start)} is not before --to {written(end)}; the range is [from, to)")
    compiled = compile_metric(workspace.metrics, metric)
    renderer = Renderer(compiled.files["macros/compiled/metric_properties.sql"], ref=_relation)
    with _attached(workspace.warehouse) as con:
        _check_built(con, workspace.warehouse)
        _lay_model(con, renderer, "int_customer_keys")
        window = [_customer_id(con, customer), start, end, start]
        con.execute(
            "create table int_run_windows as select ? as customer_id, ? as period_start_at, ? as period_end_at, ? as changed_from_at",
            window,
        )
        _lay_events(con, renderer)
        return _quantities(con, renderer, compiled.metrics[0])


def _attached(warehouse: Path) -> duckdb.DuckDBPyConnection:
    """Return a database in memory that sees the warehouse as `held`, read-only."""
    if not warehouse.exists():
        raise _nothing_built(warehouse)
    con = duckdb.connect()
    con.execute("set TimeZone = 'UTC'")
    with opening(warehouse):
        con.execute(f"attach {quoted(warehouse.resolve())} as held (read_only)")
    return con


def _check_built(con: duckdb.DuckDBPyConnection, warehouse: Path) -> None:
    tables = con.execute("select schema_name || '.' || table_name from duckdb_tables() where database_name = 'held'").fetchall()
    if not {name for (name,) in tables} >= NEEDED:
        raise _nothing_built(warehouse)


def _relation(model: str) -> str:
    return f"held.{HELD[model]}" if model in HELD else model


def _customer_id(con: duckdb.DuckDBPyConnection, customer: str) -> str:
    found = con.execute("select customer_id from int_customer_keys where customer_key = ?", [customer]).fetchall()
    if not found:
        keys = [key for (key,) in con.execute("select customer_key from int_customer_keys order by 1").fetchall()]
        raise MeterhouseError(f"the last build knew no customer {customer}{nearest(customer, keys)}")
    return str(found[0][0])


def _lay_events(con: duckdb.DuckDBPyConnection, renderer: Renderer) -> None:
    held = {name for name, *_ in con.execute("describe held.events.int_events").fetchall()}
    missing = [item for item in renderer.call("metric_properties") if item["column"] not in held]
    con.execute(Renderer(metric_properties=lambda: missing).render(EVENTS))
    con.execute(renderer.render(SLOT_CUTS))
    _lay_model(con, renderer, "int_resolved_events")
    _lay_model(con, renderer, "int_usage_events")
    con.execute("create view int_run_hours as select distinct hour_start_at from int_events")


def _quantities(con: duckdb.DuckDBPyConnection, renderer: Renderer, metric: CompiledMetric) -> list[Row]:
    try:
        con.execute(f"create table int_{metric.name}__hourly as {renderer.render(metric.hourly_sql)}")
        increments = renderer.render(metric.increments_sql)
        return con.execute(renderer.render(QUANTITIES).replace(INCREMENTS, increments)).fetchall()
    except duckdb.Error as error:
        raise MeterhouseError(f"{metric.source_path}: {str(error).splitlines()[0]}") from error


def _lay_model(con: duckdb.DuckDBPyConnection, renderer: Renderer, name: str) -> None:
    text = (PROJECT_FOLDER / "models" / "events" / f"{name}.sql").read_text()
    con.execute(f"create view {name} as {renderer.render(text)}")


def _nothing_built(warehouse: Path) -> MeterhouseError:
    return MeterhouseError(f"{warehouse}: nothing is built yet; a preview reads the events of a build: run `meterhouse build` first")
