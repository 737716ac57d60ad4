"""render, part 2: the lowest block, from hourly states to its values after each slot of a billing period."""

from meterhouse.compiler.fragments import Fragment, call, template
from meterhouse.compiler.hourly import distinct_value, group_columns
from meterhouse.compiler.layout import Step, column, group_by, ref, select
from meterhouse.compiler.plan import Plan, State
from meterhouse.compiler.tree import COUNTS, ORDERED, Function

PERIOD = ["customer_id", "period_start_at", "period_end_at"]


def slots_so_far(keys: list[str]) -> str:
    """The window over a group's slots up to the current one."""
    return (
        "window slots_so_far as (\n"
        f"    partition by {', '.join([*PERIOD, *keys])}\n"
        "    order by slot_start_at\n"
        "    rows between unbounded preceding and current row\n)"
    )


def period_slots(plan: Plan) -> Step:
    """The stored states as seen from each billing period."""
    names = group_columns(plan) + state_names(plan)
    columns = [f"run_windows.{name}" for name in PERIOD]
    columns += [f"hourly.{name}" for name in ["slot_start_at", *names]]
    body = select(
        columns,
        f"from {ref('int_run_windows')} as run_windows",
        f"inner join {ref(f'int_{plan.name}__hourly')} as hourly",
        "    on",
        "        run_windows.customer_id = hourly.customer_id",
        "        and hourly.slot_start_at >= run_windows.period_start_at",
        "        and hourly.slot_start_at < run_windows.period_end_at",
    )
    return Step(
        "period_slots",
        "The states of each billing period of this run; a slot lies wholly inside or outside of one.",
        body,
    )


def state_names(plan: Plan) -> list[str]:
    names = ["event_count"]
    for state in plan.states:
        if state.aggregate.function is not Function.COUNT_ROWS:
            names.append(state.column.name)
        if state.aggregate.function in ORDERED and plan.orders_across_refined_groups:
            names += [state.at, state.id]
    return names


def merged(plan: Plan) -> list[Step]:
    """Steps that end with the values of each group after each slot in which it has events; the last is named `block_1`."""
    source = "period_slots"
    steps: list[Step] = []
    if plan.distinct:
        steps += [_first_seen(plan), _one_row_per_slot(plan)]
        source = "group_slots"
    return [*steps, _running(plan, source)]


def _first_seen(plan: Plan) -> Step:
    keys = [key.name for key in plan.blocks[0].keys]
    columns = ["*"]
    for state in plan.distinct:
        value = distinct_value(state)
        others = [distinct_value(other) for other in plan.distinct if other is not state]
        first = (
            "row_number() over (\n"
            f"        partition by {', '.join([*PERIOD, *keys, value])}\n"
            f"        order by {', '.join(['slot_start_at', *others])}\n"
            "    ) = 1"
        )
        columns.append(f"case\n    when {value} is not null and {first} then 1\n    else 0\nend as new_{state.column.name}")
    return Step(
        "first_seen",
        "1 where a value is seen for the first time in its group and period.",
        select(columns, "from period_slots"),
    )


def _one_row_per_slot(plan: Plan) -> Step:
    groups = [*PERIOD, "slot_start_at", *(key.name for key in plan.blocks[0].keys)]
    columns = [*groups, "sum(event_count) as event_count"]
    columns += [
        column(_merged_within_slot(state), state.column.name)
        for state in plan.states
        if state.aggregate.function is not Function.COUNT_ROWS
    ]
    columns += [f"sum(new_{state.column.name}) as {state.column.name}" for state in plan.distinct]
    return Step(
        "group_slots",
        "One row per group and slot again.",
        select(columns, "from first_seen", group_by(groups)),
    )


def _merged_within_slot(state: State) -> Fragment:
    function, name = state.aggregate.function, state.column.name
    if function in ORDERED:
        return call(function.value, name, state.at, state.id)
    return (f"{_merge_function(function)}({name})",)


def _running(plan: Plan, source: str) -> Step:
    lowest = plan.blocks[0]
    keys = [key.name for key in lowest.keys]
    columns = [*PERIOD, "slot_start_at", *keys]
    columns += [column(_running_value(state), state.column.name) for state in plan.states]
    columns += [f"sum({state.column.name}) over slots_so_far as {state.column.name}" for state in plan.distinct]
    comment = "The values of each group after each slot: the states of the slots so far, merged."
    return Step("block_1", comment, select(columns, f"from {source}", slots_so_far(keys)))


def _running_value(state: State) -> str:
    function, name = state.aggregate.function, state.column.name
    if function in ORDERED:
        macro = "last_known" if function is Function.LATEST else "first_known"
        return f"{template(call(macro, name))} over slots_so_far"
    return f"{_merge_function(function)}({name}) over slots_so_far"


def _merge_function(function: Function) -> str:
    return "sum" if function in COUNTS else function.value
