"""Which events feed the hours of an invoice line: accepted events of those hours that pass the metric and fall in the line's group."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from meterhouse.compiler import MetricErrors
from meterhouse.one_metric import compile_metric
from meterhouse.publication import Fields, fields
from meterhouse.runner.errors import MeterhouseError
from meterhouse.runner.render import Renderer

# When events feed the line, by metric: in the whole period where its quantity falls in the last hour, else in the line's hours.
# A product may change its metric inside the period: each metric counts from its version's start to its end.
LAY_FEEDS = """
create table feeds as
with hours as (
    select distinct
        customer_id,
        contract_id,
        product_id,
        hour_start_at,
        period_start_at
    from published.marts.line_items_hourly
    where line_item_id = ? and type in ('usage', 'late_usage')
),

spans as (
    select
        hours.customer_id,
        hours.product_id,
        hours.hour_start_at,
        last_versions.breakdown_granularity = 'service_period' as is_whole_period,
        periods.period_start_at,
        periods.period_end_at
    from hours
    inner join published.marts.billing_periods as periods using (contract_id, period_start_at)
    inner join published.marts.products as last_versions
        on
            hours.product_id = last_versions.product_id
            and {{ last_hour('periods.period_end_at') }} >= last_versions.starting_at
            and {{ last_hour('periods.period_end_at') }} < last_versions.ending_before
)

select
    spans.customer_id,
    versions.metric,
    greatest(
        case when spans.is_whole_period then spans.period_start_at else greatest(spans.hour_start_at, spans.period_start_at) end,
        versions.starting_at
    ) as starting_at,
    least(
        case
            when spans.is_whole_period then spans.period_end_at
            else least(spans.hour_start_at + interval '1 hour', spans.period_end_at)
        end,
        versions.ending_before
    ) as ending_before,
    priced.pricing_group_keys,
    priced.presentation_group_keys
from spans
inner join published.marts.products as versions on spans.product_id = versions.product_id and versions.metric is not null
inner join published.marts.products as priced
    on
        spans.product_id = priced.product_id
        and spans.hour_start_at >= priced.starting_at
        and spans.hour_start_at < priced.ending_before
"""

# What had been accepted when the invoice was stored, and of an amended event the version that counted then; all for a draft.
LAY_CANDIDATES = """
create table candidates as
select distinct on (events.transaction_id, events.ingested_at, feeds.metric)
    events.*,
    feeds.metric,
    feeds.pricing_group_keys,
    feeds.presentation_group_keys
from published.marts.events as events
inner join feeds
    on
        events.resolved_customer_id = feeds.customer_id
        and events.timestamp >= feeds.starting_at
        and events.timestamp < feeds.ending_before
where
    ($stored_at is null or events.ingested_at < $stored_at)
    and (
        events.replaced_by is null
        or $stored_at <= (
            select min(versions.ingested_at)
            from published.marts.events as versions
            where versions.transaction_id = events.replaced_by and versions.ingested_at >= events.ingested_at
        )
    )
"""

# the events as the compiled filter of a metric reads them
LAY_USAGE_EVENTS = """
create or replace view int_usage_events as
with held as (
    select
        *,
        {{ property_values('properties') }} as property_values
    from candidates
    where metric = '{{ metric }}'
),

read_exactly as (
    select
        * exclude (property_values),
        {{ exact_property_values('property_values', 'properties') }} as property_values
    from held
)

select
    transaction_id,
    ingested_at,
    resolved_customer_id as customer_id,
    event_type,
    timestamp as occurred_at,
    hour_start_at,
    hour_start_at as slot_start_at,
    pricing_group_keys,
    presentation_group_keys
    {{ property_columns('property_values') }}
from read_exactly
"""

IN_GROUP = """
select
    matches.transaction_id,
    matches.ingested_at
from matches
inner join int_usage_events as events using (transaction_id, ingested_at)
where
    {{ json_pick('matches.group_values', 'events.pricing_group_keys') }} = $pricing
    and {{ json_pick('matches.group_values', 'events.presentation_group_keys') }} = $presentation
"""

# when the usage invoice became final of the period in which the line's hours lie; NULL while it is a draft
PERIOD_STORED_AT = """
select min(invoices.finalized_at)
from published.marts.line_items_hourly as lines
inner join published.marts.billing_periods as periods using (contract_id, period_start_at)
inner join published.marts.invoices as invoices on periods.invoice_id = invoices.invoice_id
where lines.line_item_id = ?
"""

LISTED = """
select
    candidates.transaction_id,
    candidates.timestamp,
    candidates.ingested_at,
    candidates.hour_start_at,
    candidates.event_type,
    candidates.properties,
    coalesce(candidates.ingested_at >= ?, false) as late
from candidates
inner join fed using (transaction_id, ingested_at)
order by candidates.timestamp, candidates.transaction_id, candidates.ingested_at
"""


@dataclass(frozen=True)
class Listed:
    """Rows of which some may be left out: `count` says how many there are."""

    count: int = 0
    rows: list[Fields] = field(default_factory=list)

    @classmethod
    def cut(cls, rows: list[Fields], most: int) -> Listed:
        """Return the first `most` rows, all for 0."""
        return cls(len(rows), rows[:most] if most else rows)


def feeding_events(
    con: duckdb.DuckDBPyConnection, metrics: Path, line: Fields, invoice: Fields, most: int
) -> tuple[Listed, tuple[str, ...]]:
    """
    Return the events that feed a line, oldest first, and what there is to say of how they were found.

    An event that came after the invoice of its own period was final says `late`. `con` is as `attach_publication` returns it.
    """
    con.execute(Renderer().render(LAY_FEEDS), [line["line_item_id"]])
    names = [name for (name,) in con.execute("select distinct metric from feeds where starting_at < ending_before order by 1").fetchall()]
    if not names:
        return Listed(), ()
    con.execute(LAY_CANDIDATES, {"stored_at": invoice["finalized_at"]})
    con.execute("create table fed (transaction_id varchar, ingested_at timestamptz)")
    notes = tuple(note for name in names if (note := _feed(con, metrics, name, line)))
    count = con.execute("select count(*) from fed").fetchall()[0][0]
    stored_at = con.execute(PERIOD_STORED_AT, [line["line_item_id"]]).fetchall()[0][0]
    return Listed(count, fields(con, LISTED + (f"limit {most}" if most else ""), [stored_at])), notes


def _feed(con: duckdb.DuckDBPyConnection, metrics: Path, metric: str, line: Fields) -> str | None:
    """Put the events of a metric that fall in the line's group into `fed`; return what is uncertain about them."""
    try:
        compiled = compile_metric(metrics, metric)
    except (MeterhouseError, MetricErrors) as error:
        con.execute("insert into fed select transaction_id, ingested_at from candidates where metric = ?", [metric])
        return f"All events of the hours are listed: {metrics} has no readable metric {metric} ({str(error).splitlines()[0]})."
    renderer = Renderer(compiled.files["macros/compiled/metric_properties.sql"], metric=metric)
    con.execute(renderer.render(LAY_USAGE_EVENTS))
    con.execute("create or replace view int_unbilled_hours as select distinct customer_id, hour_start_at from int_usage_events")
    con.execute(f"create or replace table matches as {renderer.render(compiled.files['models/metrics/int_event_matches.sql'])}")
    group = {"pricing": line["pricing_group_values"], "presentation": line["presentation_group_values"]}
    con.execute(f"insert into fed {renderer.render(IN_GROUP)}", group)
    return None
