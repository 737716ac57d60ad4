"""
render, part 4: a block that reads the rows of the block below it, which come, change and go.

Where sums and counts suffice, each row's change is what it is after a slot minus what it was before, and the changes of
a group are added up. Other aggregates are evaluated, for each slot in which their group changes, over the rows that
hold there: each from its slot until the next step of the same group.
"""

from meterhouse.compiler.fragments import Fragment, call, sql, template
from meterhouse.compiler.layout import Step, column, group_by, indent, select
from meterhouse.compiler.merging import SLOT, same_group, slots_so_far
from meterhouse.compiler.plan import BlockPlan, Column, Plan
from meterhouse.compiler.scalars import exact, scalar
from meterhouse.compiler.tree import ORDERED, SQL_TYPES, Aggregate, Function

EXTREMES = (Function.MIN, Function.MAX)


def outer_block(plan: Plan, below: BlockPlan, block: BlockPlan) -> list[Step]:
    """Steps that end with `block_<n>`: the values of each group of the block after each slot in which it changes."""
    return [*net_changes(plan, below, block), _running(block)] if block.adds else [_held_rows(below, block), *_evaluated(below, block)]


def net_changes(plan: Plan, below: BlockPlan, block: BlockPlan) -> list[Step]:
    """Steps that end with `block_<n>_slots`: what each slot adds to the values of each group of a block that adds."""
    changes = _moving_changes(block) if block.has_moving_groups else _changes(plan, below, block)
    return [_rows(below, block), changes, _netted(block)]


def steps_with_end(block: BlockPlan) -> str:
    """The steps of a block, each with the slot in which the next one of its group takes its place."""
    window = f"partition by {', '.join(['period_number', *_names(block)])} order by slot_start_at"
    columns = ["*", f"lead(slot_start_at) over ({window}) as next_slot_at"]
    return select(columns, f"from block_{block.number}")


def present(block: BlockPlan) -> Fragment:
    """When a group of this block is a row of its result; nothing when it always is."""
    conditions: list[Fragment] = [] if block.number == 1 else [("row_count > 0",)]
    if block.block.filter is not None:
        conditions.append(sql("(", scalar(block.block.filter, block.columns), ")"))
    return sql(conditions[0], *(sql(" and ", c) for c in conditions[1:])) if conditions else ()


def _rows(below: BlockPlan, block: BlockPlan) -> Step:
    """A row that is not there has NULL for its arguments, like one that was not there before."""
    columns = list(SLOT)
    for expression, name in _keys(below, block):
        columns += _after_and_before(expression, name) if block.has_moving_groups else [column(expression, name)]
    is_present = sql("case when ", present(below), " then 1 else 0 end") if present(below) else ("1",)
    columns += [column(is_present, "is_present"), column(sql("lag(", is_present, ", 1, 0) over same_row"), "was_present")]
    for aggregate, value in _arguments(block):
        argument = _argument_of(aggregate, below)
        argument = sql("case when ", present(below), " then ", argument, " end") if present(below) else argument
        # MIN and MAX only move one way here: what was before is exceeded and need not be taken away.
        is_exceeded = aggregate.function in EXTREMES
        columns += [column(argument, _argument(value))] if is_exceeded else _after_and_before(argument, _argument(value))
    window = f"window same_row as (\n    partition by {', '.join(['period_number', *_names(below)])}\n    order by slot_start_at\n)"
    comment = "The rows that the next query reads, each as it is after a slot and as it was before."
    return Step(_rows_name(block), comment, select(columns, f"from block_{below.number}", window))


def _changes(plan: Plan, below: BlockPlan, block: BlockPlan) -> Step:
    columns = [*SLOT, *_names(block), "is_present - was_present as row_count"]
    for aggregate, value in _arguments(block):
        if aggregate.function in EXTREMES:
            columns.append(f"{_argument(value)} as {value.name}")
        else:
            pairs = zip(_amounts(aggregate, value, ""), _amounts(aggregate, value, "previous_"), strict=True)
            columns += [f"{after} - {before} as {name}" for (name, after), (_, before) in pairs]
    body = select(columns, f"from {_rows_name(block)}")
    if below.number > 1 or not plan.skips_still_slots:
        return Step(f"block_{block.number}_changes", "After minus before.", body)
    comment = "After minus before; and nothing in each slot of the period, because a slot with events has a row."
    return Step(f"block_{block.number}_changes", comment, f"{body}\n\nunion all\n\n{_still_slots(below, block)}")


def _still_slots(below: BlockPlan, block: BlockPlan) -> str:
    nothing = ["0 as row_count"]
    for aggregate, value in _arguments(block):
        if aggregate.function in EXTREMES:
            nothing.append(column(call("typed_null", SQL_TYPES[value.kind]), value.name))
        else:
            nothing += [f"0 as {name}" for name, _ in _amounts(aggregate, value, "")]
    keys = _keys(below, block)
    groups = group_by([*SLOT, *(template(expression) for expression, _ in keys)])
    return select([*SLOT, *(column(expression, name) for expression, name in keys), *nothing], "from period_slots", groups)


def _moving_changes(block: BlockPlan) -> Step:
    """A row may change its group: what it is comes to one group, what it was goes from the other."""
    came, went = [*SLOT, *_names(block), "is_present as row_count"], list(SLOT)
    went += [*(f"previous_{name} as {name}" for name in _names(block)), "-was_present as row_count"]
    for aggregate, value in _arguments(block):
        came += [f"{after} as {name}" for name, after in _amounts(aggregate, value, "")]
        went += [f"-{before} as {name}" for name, before in _amounts(aggregate, value, "previous_")]
    rows = f"from {_rows_name(block)}"
    body = f"{select(came, rows)}\n\nunion all\n\n{select(went, rows, 'where was_present = 1')}"
    return Step(f"block_{block.number}_changes", "What a row is comes to its group, what it was goes from the group it was in.", body)


def _netted(block: BlockPlan) -> Step:
    groups = [*SLOT, *_names(block)]
    columns = [*groups, "sum(row_count) as row_count"]
    for aggregate, value in _arguments(block):
        if aggregate.function in EXTREMES:
            columns.append(f"{aggregate.function.value}({value.name}) as {value.name}")
        else:
            columns += [f"sum({name}) as {name}" for name, _ in _amounts(aggregate, value, "")]
    body = select(columns, f"from block_{block.number}_changes", group_by(groups))
    return Step(f"block_{block.number}_slots", "The net change of each group in each slot.", body)


def _running(block: BlockPlan) -> Step:
    columns = [*SLOT, *_names(block), "sum(row_count) over slots_so_far as row_count"]
    columns += [column(_so_far(aggregate, value), value.name) for aggregate, value in _arguments(block)]
    return Step(
        f"block_{block.number}",
        "The values of each group after each slot.",
        select(columns, f"from block_{block.number}_slots", slots_so_far(_names(block))),
    )


def _amounts(aggregate: Aggregate, value: Column, prefix: str) -> list[tuple[str, str]]:
    """What a row with an argument adds to the columns of its group, by column: a SUM over nothing but NULLs is NULL."""
    argument = f"{prefix}{_argument(value)}"
    counted = f"case when {argument} is not null then 1 else 0 end"
    if aggregate.function is Function.COUNT:
        return [(value.name, counted)]
    return [(f"count_of_{value.name}", counted), (value.name, f"coalesce({argument}, 0)")]


def _so_far(aggregate: Aggregate, value: Column) -> Fragment:
    if aggregate.function in EXTREMES:
        return (f"{aggregate.function.value}({value.name}) over slots_so_far",)
    total = f"sum({value.name}) over slots_so_far"
    if aggregate.function is Function.COUNT:
        return (total,)
    return sql(f"case when sum(count_of_{value.name}) over slots_so_far > 0 then ", call("number", total), " end")


def _held_rows(below: BlockPlan, block: BlockPlan) -> Step:
    columns = [*SLOT, "next_slot_at"]
    columns += [column(expression, name) for expression, name in _keys(below, block)]
    for aggregate, value in _arguments(block):
        columns.append(column(_argument_of(aggregate, below), _argument(value)))
        if aggregate.at is not None:
            columns.append(column(exact(aggregate.at, below.columns), f"at_of_{value.name}"))
    columns += [f"case when {template(present(below))} then 1 else 0 end as is_present"] if present(below) else []
    return Step(
        _rows_name(block),
        "The rows that the next query reads, each from its slot until the next step takes its place.",
        select(columns, f"from (\n{indent(steps_with_end(below))}\n) as steps"),
    )


def _evaluated(below: BlockPlan, block: BlockPlan) -> list[Step]:
    groups = ["period_number", *_names(block)]
    came = select([*groups, "slot_start_at"], f"from {_rows_name(block)}")
    went = select(
        [*groups, "next_slot_at as slot_start_at"],
        f"from {_rows_name(block)}",
        "where next_slot_at is not null",
    )
    slots = Step(f"block_{block.number}_slots", "The slots in which a group changes.", f"{came}\n\nunion\n\n{went}")
    same = "\n        and ".join(same_group("slots", "held", _names(block)))
    columns = [f"slots.{name}" for name in [*groups, "slot_start_at"]] + ["count(held.slot_start_at) as row_count"]
    columns += [column(_aggregated(aggregate, value), value.name) for aggregate, value in _arguments(block)]
    body = select(
        columns,
        f"from block_{block.number}_slots as slots",
        f"left join {_rows_name(block)} as held",
        f"    on\n        {same}",
        "        and held.slot_start_at <= slots.slot_start_at",
        "        and (held.next_slot_at is null or held.next_slot_at > slots.slot_start_at)",
        "        and held.is_present = 1" if present(below) else "",
        group_by([f"slots.{name}" for name in [*groups, "slot_start_at"]]),
    )
    comment = "The values of each group, over the rows that hold in each of these slots."
    return [slots, Step(f"block_{block.number}", comment, body)]


def _aggregated(aggregate: Aggregate, value: Column) -> Fragment:
    argument, function = f"held.{_argument(value)}", aggregate.function
    if function in ORDERED:
        at = f"held.at_of_{value.name}"
        # Rows of a sub-query have no id: of two values at one instant the greater is the later.
        return call(function.value, f"case when {at} is not null then {argument} end", at, argument)
    if function is Function.COUNT_DISTINCT:
        return (f"count(distinct {argument})",)
    rendered = (f"{function.value}({argument})",)
    return call("number", *rendered) if function is Function.SUM else rendered


def _keys(below: BlockPlan, block: BlockPlan) -> list[tuple[Fragment, str]]:
    return [(exact(key.expression, below.columns), named.name) for key, named in zip(block.block.keys, block.keys, strict=True)]


def _argument_of(aggregate: Aggregate, below: BlockPlan) -> Fragment:
    assert aggregate.argument is not None
    return exact(aggregate.argument, below.columns)


def _after_and_before(expression: Fragment, name: str) -> list[str]:
    return [column(expression, name), column(sql("lag(", expression, ") over same_row"), f"previous_{name}")]


def _arguments(block: BlockPlan) -> list[tuple[Aggregate, Column]]:
    pairs = zip(block.block.aggregates, block.values, strict=True)
    return [(aggregate, value) for aggregate, value in pairs if aggregate.function is not Function.COUNT_ROWS]


def _argument(value: Column) -> str:
    return f"argument_of_{value.name}"


def _rows_name(block: BlockPlan) -> str:
    return f"block_{block.number}_rows"


def _names(block: BlockPlan) -> list[str]:
    return [key.name for key in block.keys]
