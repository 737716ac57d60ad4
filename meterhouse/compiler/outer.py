"""
render, part 4: a block that reads the rows of the block below it, which come, change and go.

A step of a block holds from its slot until the next step of the same group. So its row comes into the block above in
its slot, and goes in the slot of the next step. Sums and counts add what comes and take away what goes; the other
aggregates are evaluated, for each slot in which their group changes, over the rows that hold there.
"""

from meterhouse.compiler.fragments import Fragment, call, sql, template
from meterhouse.compiler.layout import Step, column, group_by, indent, select
from meterhouse.compiler.merging import PERIOD, slots_so_far
from meterhouse.compiler.plan import BlockPlan, Column
from meterhouse.compiler.scalars import exact, scalar
from meterhouse.compiler.tree import ORDERED, Aggregate, Function

SLOT = [*PERIOD, "slot_start_at"]
EXTREMES = (Function.MIN, Function.MAX)


def outer_block(below: BlockPlan, block: BlockPlan) -> list[Step]:
    """Steps that end with `block_<n>`: the values of each group of the block after each slot in which it changes."""
    rows = _rows(below, block)
    return [rows, *(_retracted(below, block) if block.adds else _evaluated(below, block))]


def steps_with_end(block: BlockPlan) -> str:
    """The steps of a block, each with the slot in which the next one of its group takes its place."""
    window = f"partition by {', '.join([*PERIOD, *_names(block)])} order by slot_start_at"
    columns = ["*", f"lead(slot_start_at) over ({window}) as next_slot_at"]
    return select(columns, f"from block_{block.number}")


def present(block: BlockPlan) -> Fragment:
    """When a group of this block is a row of its result; nothing when it always is."""
    conditions: list[Fragment] = [] if block.number == 1 else [("row_count > 0",)]
    if block.block.filter is not None:
        conditions.append(sql("(", scalar(block.block.filter, block.columns), ")"))
    return sql(conditions[0], *(sql(" and ", c) for c in conditions[1:])) if conditions else ()


def _rows(below: BlockPlan, block: BlockPlan) -> Step:
    columns = [*SLOT, "next_slot_at"]
    columns += [column(exact(k.expression, below.columns), named.name) for k, named in zip(block.block.keys, block.keys, strict=True)]
    for aggregate, value in _arguments(block):
        assert aggregate.argument is not None
        columns.append(column(exact(aggregate.argument, below.columns), _argument(value)))
        if aggregate.at is not None:
            columns.append(column(exact(aggregate.at, below.columns), f"at_of_{value.name}"))
    columns += [f"case when {template(present(below))} then 1 else 0 end as is_present"] if present(below) else []
    return Step(
        _rows_name(block),
        "The rows that the next query reads, each from its slot until the next step takes its place.",
        select(columns, f"from (\n{indent(steps_with_end(below))}\n) as steps"),
    )


def _retracted(below: BlockPlan, block: BlockPlan) -> list[Step]:
    # A row that is not there weighs nothing, but its slot is one in which the group had events.
    sign = "is_present" if present(below) else "1"
    kept = [*_names(block), *(_argument(value) for _, value in _arguments(block))]
    came = select([*SLOT, *kept, f"{sign} as sign"], f"from {_rows_name(block)}")
    slots = ["next_slot_at as slot_start_at" if name == "slot_start_at" else name for name in SLOT]
    went = select([*slots, *kept, f"-{sign} as sign"], f"from {_rows_name(block)}", "where next_slot_at is not null")
    comment = "What comes counts, what goes is taken away again."
    changes = Step(f"block_{block.number}_changes", comment, f"{came}\n\nunion all\n\n{went}")
    return [changes, _netted(block), _running(block)]


def _netted(block: BlockPlan) -> Step:
    groups = [*SLOT, *_names(block)]
    columns = [*groups, "sum(sign) as row_count"]
    columns += [line for aggregate, value in _arguments(block) for line in _net_change(aggregate, value)]
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


def _net_change(aggregate: Aggregate, value: Column) -> list[str]:
    argument = _argument(value)
    if aggregate.function in EXTREMES:
        # It only moves one way, so what goes again was counted already and is no harm.
        return [f"{aggregate.function.value}({argument}) as {value.name}"]
    counted = f"sum(case when {argument} is not null then sign else 0 end) as {_counted(value)}"
    return [
        counted,
        *([f"sum(sign * {argument}) as {value.name}"] if aggregate.function is Function.SUM else []),
    ]


def _so_far(aggregate: Aggregate, value: Column) -> Fragment:
    if aggregate.function in EXTREMES:
        return (f"{aggregate.function.value}({value.name}) over slots_so_far",)
    count = f"sum({_counted(value)}) over slots_so_far"
    if aggregate.function is Function.COUNT:
        return (count,)
    total = f"coalesce(sum({value.name}) over slots_so_far, 0)"
    return sql(f"case when {count} > 0 then ", call("number", total), " end")


def _evaluated(below: BlockPlan, block: BlockPlan) -> list[Step]:
    groups = [*PERIOD, *_names(block)]
    came = select([*groups, "slot_start_at"], f"from {_rows_name(block)}")
    went = select(
        [*groups, "next_slot_at as slot_start_at"],
        f"from {_rows_name(block)}",
        "where next_slot_at is not null",
    )
    slots = Step(f"block_{block.number}_slots", "The slots in which a group changes.", f"{came}\n\nunion\n\n{went}")
    conditions = [f"slots.{name} = held.{name}" for name in PERIOD]
    conditions += [f"slots.{name} is not distinct from held.{name}" for name in _names(block)]
    same = "\n        and ".join(conditions)
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
    return [
        slots,
        Step(
            f"block_{block.number}",
            "The values of each group, over the rows that hold in each of these slots.",
            body,
        ),
    ]


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


def _arguments(block: BlockPlan) -> list[tuple[Aggregate, Column]]:
    pairs = zip(block.block.aggregates, block.values, strict=True)
    return [(aggregate, value) for aggregate, value in pairs if aggregate.function is not Function.COUNT_ROWS]


def _argument(value: Column) -> str:
    return f"argument_of_{value.name}"


def _counted(value: Column) -> str:
    return f"count_of_{value.name}"


def _rows_name(block: BlockPlan) -> str:
    return f"block_{block.number}_rows"


def _names(block: BlockPlan) -> list[str]:
    return [key.name for key in block.keys]
