"""render, part 2: the lowest block, from hourly states to its values after each slot of a billing period."""

from meterhouse.compiler.fragments import Fragment, call, template
from meterhouse.compiler.hourly import distinct_value, group_columns
from meterhouse.compiler.layout import Step, column, group_by, ref, select, where
from meterhouse.compiler.plan import Plan, State
from meterhouse.compiler.tree import COUNTS, ORDERED, Function

PERIOD = ["customer_id", "period_start_at", "period_end_at"]
SLOT = ["period_number", "slot_start_at"]


def slots_so_far(keys: list[str]) -> str:
    """The window over a group's slots up to the current one."""
    return (
        "window slots_so_far as (\n"
        f"    partition by {', '.join(['period_number', *keys])}\n"
        "    order by slot_start_at\n"
        "    rows between unbounded preceding and current row\n)"
    )


def same_group(left: str, right: str, keys: list[str]) -> list[str]:
    """The conditions of a join on the period and the keys of a group; keys may be NULL."""
    return [f"{left}.period_number = {right}.period_number", *(f"{left}.{key} is not distinct from {right}.{key}" for key in keys)]


def period_slots(plan: Plan) -> list[Step]:
    """Steps that end with `period_slots`: the stored states as seen from each billing period."""
    return [_periods(plan), _slots_of_periods(plan)]


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
    if plan.distinct:
        return [*changed(plan), _running(plan, "group_slots")]
    if plan.skips_still_slots:
        return [_first_days(plan), _moving_slots(plan), _running(plan, "moving_slots")]
    return [_running(plan, "period_slots")]


def changed(plan: Plan) -> list[Step]:
    """Steps that end with what each slot adds to each group, of which new values are a part: `group_slots`."""
    first_seen = [step for state in plan.distinct for step in _new_values(plan, state)]
    return [*first_seen, _states_of_slots(plan), _group_slots(plan)]


def states_are_changes(plan: Plan) -> bool:
    """Whether a slot adds its own states and nothing else, so that no slot before it is read."""
    return plan.adds_up and len(plan.blocks) == 1 and not plan.distinct


def _periods(plan: Plan) -> Step:
    columns = [f"row_number() over (order by {', '.join(PERIOD)}) as period_number", *PERIOD, "changed_from_at"]
    columns += ["period_start_at + interval '1 day' as first_day_end_at"] if plan.skips_still_slots else []
    comment = "The billing periods of this run, each from where on it changes. One number for three columns makes all that follows shorter."
    return Step("periods", comment, select(columns, f"from {ref('int_run_windows')}"))


def _slots_of_periods(plan: Plan) -> Step:
    columns = ["periods.period_number", "hourly.slot_start_at"]
    columns += [f"hourly.{name}" for name in [*group_columns(plan), *state_names(plan)]]
    columns += ["hourly.slot_start_at < periods.first_day_end_at as is_in_first_day"] if plan.skips_still_slots else []
    start = "changed_from_at" if states_are_changes(plan) else "period_start_at"
    body = select(
        columns,
        "from periods",
        f"inner join {ref(f'int_{plan.name}__hourly')} as hourly",
        "    on",
        "        periods.customer_id = hourly.customer_id",
        f"        and hourly.slot_start_at >= periods.{start}",
        "        and hourly.slot_start_at < periods.period_end_at",
    )
    return Step("period_slots", "The states of each billing period; a slot lies wholly inside or outside of one.", body)


def _new_values(plan: Plan, state: State) -> list[Step]:
    keys = _keys(plan)
    first = select(
        ["period_number", *keys, "min(slot_start_at) as slot_start_at"],
        "from period_slots",
        where(f"{distinct_value(state)} is not null"),
        group_by(["period_number", *keys, distinct_value(state)]),
    )
    new = select(
        [*SLOT, *keys, f"count(*) as {state.column.name}"],
        f"from first_{state.column.name}",
        group_by([*SLOT, *keys]),
    )
    return [
        Step(f"first_{state.column.name}", "The slot in which a group and period first see each value.", first),
        Step(f"new_{state.column.name}", "The values that a slot adds.", new),
    ]


def _states_of_slots(plan: Plan) -> Step:
    groups = [*SLOT, *_keys(plan)]
    body = select([*groups, *_merged_states(plan)], "from period_slots", group_by(groups))
    return Step("states_of_slots", "One row per group and slot, also where no value is new.", body)


def _group_slots(plan: Plan) -> Step:
    columns = [f"states_of_slots.{name}" for name in [*SLOT, *_keys(plan), *(state.column.name for state in plan.states)]]
    columns += [f"coalesce(new_{name}.{name}, 0) as {name}" for name in _distinct_names(plan)]
    joins = [line for name in _distinct_names(plan) for line in _join_of_new_values(plan, f"new_{name}")]
    return Step("group_slots", "What each slot adds to each group.", select(columns, "from states_of_slots", *joins))


def _join_of_new_values(plan: Plan, new: str) -> list[str]:
    conditions = [*same_group("states_of_slots", new, _keys(plan)), f"states_of_slots.slot_start_at = {new}.slot_start_at"]
    return [f"left join {new}", "    on", "        " + "\n        and ".join(conditions)]


def _merged_states(plan: Plan) -> list[str]:
    return [column(_merged_state(state), state.column.name) for state in plan.states]


def _merged_state(state: State) -> Fragment:
    function, name = state.aggregate.function, state.column.name
    if function in ORDERED:
        return call(function.value, name, state.at, state.id)
    return (f"{_merge_function(function)}({name})",)


def _first_days(plan: Plan) -> Step:
    groups = ["period_number", *_keys(plan)]
    body = select([*groups, *_merged_states(plan)], "from period_slots", where("is_in_first_day"), group_by(groups))
    return Step("first_days", "What each group reached in the first day of its period.", body)


def _moving_slots(plan: Plan) -> Step:
    columns = [f"period_slots.{name}" for name in [*SLOT, *_keys(plan), *(state.column.name for state in plan.states)]]
    conditions = ["period_slots.is_in_first_day", "first_days.period_number is null"]
    for state in plan.states:
        slot, day = f"period_slots.{state.column.name}", f"first_days.{state.column.name}"
        sign = ">" if state.aggregate.function is Function.MAX else "<"
        conditions += [f"{slot} {sign} {day}", f"({slot} is not null and {day} is null)"]
    body = select(
        columns,
        "from period_slots",
        "left join first_days",
        "    on",
        "        " + "\n        and ".join(same_group("period_slots", "first_days", _keys(plan))),
        "where\n    " + "\n    or ".join(conditions),
    )
    comment = "The slots that go beyond it. Most do not, cannot move their group, and need not be put in order."
    return Step("moving_slots", comment, body)


def _running(plan: Plan, source: str) -> Step:
    columns = [*SLOT, *_keys(plan)]
    columns += [column(_running_value(state), state.column.name) for state in plan.states]
    columns += [f"sum({name}) over slots_so_far as {name}" for name in _distinct_names(plan)]
    comment = "The values of each group after each slot: the states of the slots so far, merged."
    return Step("block_1", comment, select(columns, f"from {source}", slots_so_far(_keys(plan))))


def _running_value(state: State) -> str:
    function, name = state.aggregate.function, state.column.name
    if function in ORDERED:
        macro = "last_known" if function is Function.LATEST else "first_known"
        return f"{template(call(macro, name))} over slots_so_far"
    return f"{_merge_function(function)}({name}) over slots_so_far"


def _merge_function(function: Function) -> str:
    return "sum" if function in COUNTS else function.value


def _keys(plan: Plan) -> list[str]:
    return [key.name for key in plan.blocks[0].keys]


def _distinct_names(plan: Plan) -> list[str]:
    return [state.column.name for state in plan.distinct]
