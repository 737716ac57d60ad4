"""render, part 5: which events pass which metric, for the events that nobody bills."""

from meterhouse.compiler.fragments import call, template
from meterhouse.compiler.increments import group_values
from meterhouse.compiler.layout import Source, Step, column, indent, model, ref, select, where
from meterhouse.compiler.names import uncastable_column
from meterhouse.compiler.plan import Plan
from meterhouse.compiler.scalars import scalar
from meterhouse.compiler.tree import Block, Expression, Function, Key, Literal, Value, replace

PICKS = (Function.MIN, Function.MAX, Function.EARLIEST, Function.LATEST)

MATCH_COLUMNS = {
    "transaction_id": "varchar",
    "ingested_at": "timestamp with time zone",
    "customer_id": "varchar",
    "hour_start_at": "timestamp with time zone",
    "slot_start_at": "timestamp with time zone",
    "metric": "varchar",
    "group_values": "varchar",
    "uncastable": "boolean",
}


def event_matches_model(plans: list[Plan], source: Source) -> str:
    unbilled = Step(
        "unbilled_events",
        "Only the customer hours in which some event may have reached no invoice line.",
        select(
            ["usage_events.*"],
            f"from {ref('int_usage_events')} as usage_events",
            f"inner join {ref('int_unbilled_hours')} as unbilled_hours",
            "    on",
            "        usage_events.customer_id = unbilled_hours.customer_id",
            "        and usage_events.hour_start_at = unbilled_hours.hour_start_at",
        ),
    )
    branches = "\n\nunion all\n\n".join(map(_matches, plans)) or empty(MATCH_COLUMNS)
    matches = Step("event_matches", "Each metric's filter, and the group that the event falls in.", branches)
    grain = "Which events pass which metric's filter. One row per event of an unbilled customer hour and metric that it passes."
    return model(source, grain, "", [*([unbilled] if plans else []), matches])


def events_without_metric_model(plans: list[Plan], source: Source) -> str:
    conditions = [f"({template(scalar(filter_))}) is not true" for filter_ in sorted_filters(plans)]
    if any(plan.query.event_filter is None for plan in plans):
        conditions = ["false"]  # a metric without a filter takes every event
    body = select(
        ["transaction_id", "ingested_at", "customer_id", "hour_start_at"],
        f"from {ref('int_usage_events')}",
        where(f"hour_start_at in (select hour_start_at from {ref('int_review_hours')})", *conditions),
    )
    step = Step("events_without_metric", "A condition that is NULL does not pass.", body)
    return model(source, "Events that pass no metric's filter. One row per event of a reviewed hour.", "", [step])


def sorted_filters(plans: list[Plan]) -> list[Expression]:
    """Every different filter once, so that metrics over the same events cost one condition."""
    filters = {template(scalar(p.query.event_filter)): p.query.event_filter for p in plans if p.query.event_filter is not None}
    return [filters[text] for text in sorted(filters)]


def empty(columns: dict[str, str]) -> str:
    return select([column(call("typed_null", data_type), name) for name, data_type in columns.items()], "where false")


def _matches(plan: Plan) -> str:
    keys = [(key.name, scalar(_of_event(key.expression, plan.query.block))) for key in plan.query.group_keys]
    flags = " or ".join(uncastable_column(item) for item in plan.uncastable) or "false"
    columns = [
        "transaction_id",
        "ingested_at",
        "customer_id",
        "hour_start_at",
        "slot_start_at",
        f"'{plan.name}' as metric",
    ]
    columns += [f"{template(group_values(keys))} as group_values", f"{flags} as uncastable"]
    filter_ = plan.query.event_filter
    condition = f"where\n{indent(template(scalar(filter_)))}" if filter_ is not None else ""
    return select(columns, "from unbilled_events", condition)


def _of_event(expression: Expression, block: Block) -> Expression:
    """The expression as one event alone would make it; a count or sum has no such value, so it is NULL."""

    def below(part: Expression) -> Expression:
        if isinstance(part, Key):
            source = block.keys[part.index].expression
        elif isinstance(part, Value):
            aggregate = block.aggregates[part.index]
            picked = aggregate.argument if aggregate.function in PICKS else None
            source = picked if picked is not None else Literal(None, part.kind)
        else:
            return part
        return _of_event(source, block.source) if isinstance(block.source, Block) else source

    return replace(expression, below)
