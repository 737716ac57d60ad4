"""render, part 7: tests/dbt/metrics, the metric over whole billing periods, by the plain query and with none of the states."""

from meterhouse.compiler.fragments import Fragment, call, sql, template
from meterhouse.compiler.layout import Source, Step, column, group_by, header, indent, ref, select, where
from meterhouse.compiler.plan import BlockPlan, Plan
from meterhouse.compiler.scalars import Columns, exact, no_columns, scalar
from meterhouse.compiler.tree import ORDERED, Aggregate, Function

PERIOD = ["customer_id", "period_start_at", "period_end_at"]

FAILS_IF = """\
-- Fails if the hours of a product of {metric} do not add up to the metric over the whole billing period.
-- It asks for the periods that this run closes, and for all of them when the run built everything anew."""


def plain_query_test(plan: Plan, source: Source) -> str | None:
    """
    Return a test that evaluates the query once per period; None where an outer EARLIEST or LATEST makes it no plain query.
    """
    outer = [aggregate for block in plan.blocks[1:] for aggregate in block.block.aggregates]
    if any(aggregate.function in ORDERED for aggregate in outer):
        return None
    steps = [_periods(), _period_events(plan), *_blocks(plan), _plain(plan), _expected(plan), _hours()]
    ctes = ",\n\n".join(f"-- {step.comment}\n{step.name} as (\n{indent(step.body)}\n)" for step in steps)
    about = FAILS_IF.format(metric=plan.name)
    return f"{about}\n{header(source, '--')}\nwith\n\n{ctes}\n\n{_differences()}\n"


def _periods() -> Step:
    body = f"""\
select periods.*
from {ref("billing_periods")} as periods
cross join {{{{ source('control', 'run') }}}} as run
where
    periods.finalizes_at <= run.as_of
    and periods.finalizes_at > coalesce((
        select max(as_of)
        from {{{{ source('control', 'steps') }}}}
        where passed
    ), periods.period_start_at)
    or run.rebuilds_all"""
    return Step("periods", "The periods that are asked for.", body)


def _period_events(plan: Plan) -> Step:
    conditions = [] if plan.query.event_filter is None else [f"({template(scalar(plan.query.event_filter))})"]
    body = select(
        ["usage_events.*", "windows.period_start_at", "windows.period_end_at"],
        f"from {ref('int_usage_events')} as usage_events",
        f"inner join (select distinct {', '.join(PERIOD)} from periods) as windows",
        "    on",
        "        usage_events.customer_id = windows.customer_id",
        "        and usage_events.occurred_at >= windows.period_start_at",
        "        and usage_events.occurred_at < windows.period_end_at",
        where(*conditions),
    )
    return Step("period_events", "Events by their own time, not by hour or slot.", body)


def _blocks(plan: Plan) -> list[Step]:
    steps, below, source, condition = [], no_columns, "period_events", ""
    for block in plan.blocks:
        steps.append(_block(block, below, source, condition))
        below, source, condition = block.columns, f"block_{block.number}", _present(block)
    return steps


def _block(block: BlockPlan, below: Columns, source: str, condition: str) -> Step:
    keys = [column(exact(key.expression, below), named.name) for key, named in zip(block.block.keys, block.keys, strict=True)]
    aggregates = zip(block.block.aggregates, block.values, strict=True)
    values = [column(_aggregate(aggregate, below), named.name) for aggregate, named in aggregates]
    positions = [*PERIOD, *(template(exact(key.expression, below)) for key in block.block.keys)]
    body = select([*PERIOD, *keys, *values], f"from {source}", condition, group_by(positions))
    return Step(f"block_{block.number}", "One GROUP BY of the query.", body)


def _aggregate(aggregate: Aggregate, below: Columns) -> Fragment:
    if aggregate.argument is None:
        return ("count(*)",)
    argument = exact(aggregate.argument, below)
    if aggregate.function is Function.COUNT_DISTINCT:
        return sql("count(distinct ", argument, ")")
    if aggregate.function in ORDERED:
        return call(aggregate.function.value, argument, "occurred_at", "transaction_id")
    return sql(f"{aggregate.function.value}(", argument, ")")


def _present(block: BlockPlan) -> str:
    return "" if block.block.filter is None else where(f"({template(scalar(block.block.filter, block.columns))})")


def _plain(plan: Plan) -> Step:
    quantity = call("number", sql("sum(coalesce(", call("number", scalar(plan.query.quantity, plan.columns)), ", 0))"))
    body = select(
        [*PERIOD, column(quantity, "quantity")],
        f"from block_{plan.top.number}",
        _present(plan.top),
        group_by(PERIOD),
    )
    return Step("plain", "The quantities of all groups together.", body)


def _expected(plan: Plan) -> Step:
    body = f"""\
select
    periods.contract_id,
    versions.product_id,
    periods.period_start_at,
    plain.quantity
from plain
inner join periods
    on
        plain.customer_id = periods.customer_id
        and plain.period_start_at = periods.period_start_at
        and plain.period_end_at = periods.period_end_at
inner join {ref("int_contract_products")} as contract_products on periods.contract_id = contract_products.contract_id
inner join {ref("int_product_versions")} as versions
    on
        contract_products.product_id = versions.product_id
        and versions.starting_at <= periods.period_start_at
        and versions.ending_before >= periods.period_end_at
where versions.metric = '{plan.name}' and versions.conversion is null and versions.rounding is null"""
    return Step("expected", "Products that sell the metric as it is, all through the period.", body)


def _hours() -> Step:
    columns = ["contract_id", "product_id", "period_start_at"]
    body = select(
        [*columns, "sum(quantity) as quantity"],
        f"from {ref('usage_hourly')}",
        group_by(columns),
    )
    return Step("hours", "What the hours say.", body)


def _differences() -> str:
    return """\
select
    expected.contract_id,
    expected.product_id,
    expected.period_start_at,
    expected.quantity as plain_quantity,
    hours.quantity as hours_quantity
from expected
left join hours
    on
        expected.contract_id = hours.contract_id
        and expected.product_id = hours.product_id
        and expected.period_start_at = hours.period_start_at
where expected.quantity <> coalesce(hours.quantity, 0)"""


__all__ = ["plain_query_test"]
