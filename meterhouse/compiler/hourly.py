"""render, part 1: int_<metric>__hourly, the only model that reads events, each event once, for its own hour."""

from meterhouse.compiler.fragments import Fragment, call, sql, template
from meterhouse.compiler.layout import Source, Step, column, group_by, model, ref, select, where
from meterhouse.compiler.names import property_column, uncastable_column
from meterhouse.compiler.plan import Plan, State
from meterhouse.compiler.scalars import exact, scalar
from meterhouse.compiler.tree import ORDERED, Expression, Function, Property

CONFIG = """{{ config(
    materialized='incremental',
    incremental_strategy='replace_hours',
    event_time='hour_start_at',
    on_schema_change='fail',
    full_refresh=false
) }}
"""
SLOT = ["customer_id", "hour_start_at", "slot_start_at"]


def hourly_model(plan: Plan, source: Source) -> str:
    return model(
        source,
        f"{grain(plan)} It is rebuilt hour by hour.",
        CONFIG,
        [_passing_events(plan), _hourly_states(plan)],
    )


def grain(plan: Plan) -> str:
    refined = ", slot, group and distinct value" if plan.distinct else ", slot and group"
    return f"Hourly states of the metric {plan.name}. One row per customer{refined}."


def group_columns(plan: Plan) -> list[str]:
    """The stored groups: the lowest block's keys, refined by the values that COUNT(DISTINCT) counts."""
    return [key.name for key in plan.blocks[0].keys] + [distinct_value(state) for state in plan.distinct]


def distinct_value(state: State) -> str:
    """The column of the value itself, where the state's own name stands for the count of such values."""
    return f"value_of_{state.column.name}"


def argument_name(state: State) -> str:
    """An argument that is a column of the events keeps its name."""
    argument = state.aggregate.argument
    return property_column(argument) if isinstance(argument, Property) else f"argument_of_{state.column.name}"


def _passing_events(plan: Plan) -> Step:
    lowest = plan.blocks[0]
    columns = list(SLOT)
    columns += [column(exact(key.expression), planned.name) for key, planned in zip(lowest.block.keys, lowest.keys, strict=True)]
    columns += [column(exact(_argument(state)), distinct_value(state)) for state in plan.distinct]
    arguments = [column(exact(_argument(s)), argument_name(s)) for s in plan.states if s.aggregate.argument is not None]
    columns += sorted(set(arguments), key=arguments.index)
    if any(state.aggregate.function in ORDERED for state in plan.states):
        columns += ["occurred_at", "transaction_id"]
    columns += [uncastable_column(item) for item in plan.uncastable]
    conditions = [template(call("is_in_run_hours", "hour_start_at"))]
    if plan.query.event_filter is not None:
        conditions.append(f"({template(scalar(plan.query.event_filter))})")
    body = select(columns, f"from {ref('int_usage_events')}", where(*conditions))
    return Step("passing_events", "The events of this run's hours that pass the metric's filter.", body)


def _hourly_states(plan: Plan) -> Step:
    groups = SLOT + group_columns(plan)
    columns = [*groups, "count(*) as event_count", column(_uncastable_count(plan), "uncastable_count")]
    columns += [line for state in plan.states for line in _state_columns(plan, state)]
    comment = "Per group of a slot the states from which those of later slots can be computed without these events."
    return Step("hourly_states", comment, select(columns, "from passing_events", group_by(groups)))


def _uncastable_count(plan: Plan) -> str:
    flags = " or ".join(uncastable_column(item) for item in plan.uncastable)
    return f"count(case when {flags} then 1 end)" if flags else "cast(0 as bigint)"


def _state_columns(plan: Plan, state: State) -> list[str]:
    function = state.aggregate.function
    if function is Function.COUNT_ROWS:
        return []
    name = argument_name(state)
    if function not in ORDERED:
        return [column((f"{function.value}({name})",), state.column.name)]
    columns = [column(_ordered(function, name), state.column.name)]
    if plan.orders_across_refined_groups:
        extreme = "max" if function is Function.LATEST else "min"
        columns.append(column((f"{extreme}(case when {name} is not null then occurred_at end)",), state.at))
        columns.append(column(_ordered(function, f"case when {name} is not null then transaction_id end"), state.id))
    return columns


def _ordered(function: Function, value: str) -> Fragment:
    return sql(call(function.value, value, "occurred_at", "transaction_id"))


def _argument(state: State) -> Expression:
    assert state.aggregate.argument is not None
    return state.aggregate.argument
