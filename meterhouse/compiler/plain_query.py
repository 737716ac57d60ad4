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
    steps = [_period_events(plan), *_blocks(plan), _plain(plan)]
    ctes = ",\n\n".join(f"-- {step.comment}\n{step.name} as (\n{indent(step.body)}\n)" for step in steps)
    about = FAILS_IF.format(metric=plan.name)
    compared = template(call("hours_unlike_plain_query", plan.name))
    return f"{about}\n{header(source, '--')}\nwith\n\n{ctes}\n\n{compared}\n"


def _period_events(plan: Plan) -> Step:
    conditions = [] if plan.query.event_filter is None else [f"({template(scalar(plan.query.event_filter))})"]
    body = select(
        ["usage_events.*", "windows.period_start_at", "windows.period_end_at"],
        f"from {ref('int_usage_events')} as usage_events",
        f"inner join ({template(call('plain_query_windows'))}) as windows",
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


__all__ = ["plain_query_test"]
