"""render, part 3: int_<metric>__increments, what each slot adds to the quantity of its billing period."""

from itertools import pairwise

from meterhouse.compiler.fragments import Fragment, Pairs, call, sql, template
from meterhouse.compiler.layout import Source, Step, column, group_by, indent, model, select
from meterhouse.compiler.merging import PERIOD, SLOT, changed, merged, period_slots, states_are_changes
from meterhouse.compiler.monotone import moves
from meterhouse.compiler.outer import net_changes, outer_block, present, steps_with_end
from meterhouse.compiler.plan import Plan
from meterhouse.compiler.scalars import Columns, scalar
from meterhouse.compiler.tree import Call, Expression, Function, Key, Value


def increments_model(plan: Plan, source: Source) -> str:
    grain = f"Increments of the metric {plan.name}. One row per billing period, slot and output group that changed in it."
    summed = [] if _groups_are_apart(plan) else [_summed_changes()]
    return model(source, grain, "", [*period_slots(plan), *_change_steps(plan), *summed, _increments(plan)])


def _change_steps(plan: Plan) -> list[Step]:
    """Steps that end with `changes`: what was added to the quantity of a group in a slot."""
    if plan.adds_up:
        steps = _net_changes(plan)
        return [*steps, _added_changes(plan, steps[-1].name if steps else "period_slots")]
    steps = _values(plan, len(plan.blocks))
    if any(moves(key.expression) for key in plan.query.group_keys):
        return [*steps, _changes_of_moving_groups(plan)]
    return [*steps, _quantities(plan), _changes(plan)]


def _values(plan: Plan, height: int) -> list[Step]:
    """Steps that end with the values, after each slot, of the topmost of so many blocks."""
    blocks = plan.blocks[:height]
    return [*merged(plan), *(step for below, block in pairwise(blocks) for step in outer_block(plan, below, block))]


def _net_changes(plan: Plan) -> list[Step]:
    """Steps that end with what each slot adds to the values of the top block; none where that is the states themselves."""
    if states_are_changes(plan):
        return []
    if len(plan.blocks) > 1:
        return [*_values(plan, len(plan.blocks) - 1), *net_changes(plan, plan.blocks[-2], plan.top)]
    return changed(plan)


def _added_changes(plan: Plan, source: str) -> Step:
    def columns(reference: Key | Value) -> Fragment:
        named = plan.top.columns(reference)
        is_sum = isinstance(reference, Value) and plan.top.block.aggregates[reference.index].function is Function.SUM
        return sql("coalesce(", named, ", 0)") if is_sum else named

    group_values, quantity = column(_group_values(plan, columns), "group_values"), column(_number(plan, columns), "quantity")
    comment = "The quantity is a plain sum: what a slot adds to it needs no slot before."
    return Step("changes", comment, select([*SLOT, group_values, quantity], f"from {source}"))


def _quantities(plan: Plan) -> Step:
    columns = [*SLOT, *_key_names(plan), column(_quantity(plan), "quantity")]
    comment = "The quantity of each group after each slot; a group that HAVING drops counts as 0, like a NULL."
    return Step("quantities", comment, select(columns, f"from block_{plan.top.number}"))


def _changes(plan: Plan) -> Step:
    keys = ", ".join(["period_number", *_key_names(plan)])
    before = f"coalesce(lag(quantity) over (\n    partition by {keys}\n    order by slot_start_at\n), 0)"
    columns = [
        *SLOT,
        column(_group_values(plan, plan.columns), "group_values"),
        f"quantity - {before} as quantity",
    ]
    return Step("changes", "After minus before.", select(columns, "from quantities"))


def _changes_of_moving_groups(plan: Plan) -> Step:
    group_values = column(_group_values(plan, plan.columns), "group_values")
    steps = f"from (\n{indent(steps_with_end(plan.top))}\n) as steps"
    came = select([*SLOT, group_values, column(_quantity(plan), "quantity")], steps)
    went = select(
        ["period_number", "next_slot_at as slot_start_at", group_values, f"-({template(_quantity(plan))}) as quantity"],
        steps,
        "where next_slot_at is not null",
    )
    comment = "The output group itself can change: a quantity joins its group in a slot and leaves it where the next one comes."
    return Step("changes", comment, f"{came}\n\nunion all\n\n{went}")


def _summed_changes() -> Step:
    columns = [*SLOT, "group_values", column(call("number", "sum(quantity)"), "quantity")]
    body = select(columns, "from changes", group_by([*SLOT, "group_values"]))
    return Step("summed_changes", "Rows of one output group are summed.", body)


def _increments(plan: Plan) -> Step:
    source = "changes" if _groups_are_apart(plan) else "summed_changes"
    columns = [
        f"'{plan.name}' as metric",
        *(f"periods.{name}" for name in PERIOD),
        column(call("trunc_hour", f"{source}.slot_start_at"), "hour_start_at"),
        *(f"{source}.{name}" for name in ("slot_start_at", "group_values", "quantity")),
    ]
    join = f"inner join periods\n    on {source}.period_number = periods.period_number"
    comment = "The number becomes its billing period again."
    if not states_are_changes(plan):
        join += f"\nwhere {source}.slot_start_at >= periods.changed_from_at"
        comment += " What the slots before its first change add is known."
    return Step("increments", comment, select(columns, f"from {source}", join))


def _groups_are_apart(plan: Plan) -> bool:
    """Whether the query returns every key of its top block as it is, so that no two groups share their output keys."""
    returned = {key.expression.index for key in plan.query.group_keys if isinstance(key.expression, Key)}
    as_text = {_key_of_text(key.expression) for key in plan.query.group_keys}
    kept = returned | as_text >= set(range(len(plan.top.keys)))
    return kept and not any(moves(key.expression) for key in plan.query.group_keys)


def _key_of_text(expression: Expression) -> int | None:
    """The key of which this is the canonical text; different values have different texts."""
    if isinstance(expression, Call) and expression.operator.endswith("_to_text") and isinstance(expression.arguments[0], Key):
        return expression.arguments[0].index
    return None


def _key_names(plan: Plan) -> list[str]:
    return [key.name for key in plan.top.keys]


def _number(plan: Plan, columns: Columns) -> Fragment:
    return call("number", scalar(plan.query.quantity, columns))


def _quantity(plan: Plan) -> Fragment:
    """The quantity of a group that is there, else 0."""
    quantity = sql("coalesce(", _number(plan, plan.columns), ", 0)")
    conditions = present(plan.top)
    return sql("case when ", conditions, " then ", quantity, " else 0 end") if conditions else quantity


def _group_values(plan: Plan, columns: Columns) -> Fragment:
    return group_values([(key.name, scalar(key.expression, columns)) for key in plan.query.group_keys])


def group_values(keys: list[tuple[str, Fragment]]) -> Fragment:
    return call("json_object_text", Pairs(tuple(sorted(keys))))
