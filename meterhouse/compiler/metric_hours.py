"""render: int_metric_hours, which metrics counted events of a customer in a slot, and how much text was no number."""

from meterhouse.compiler.layout import Source, Step, group_by, model, ref, select
from meterhouse.compiler.matches import empty
from meterhouse.compiler.plan import Plan

METRIC_HOUR_COLUMNS = {
    "metric": "varchar",
    "customer_id": "varchar",
    "hour_start_at": "timestamp with time zone",
    "slot_start_at": "timestamp with time zone",
    "uncastable_count": "bigint",
}


def metric_hours_model(plans: list[Plan], source: Source) -> str:
    """Return the model that tells where a metric saw events at all, from its states."""
    body = "\n\nunion all\n\n".join(_hours(plan) for plan in plans) or empty(METRIC_HOUR_COLUMNS)
    grain = "Slots in which a metric counted events. One row per metric, customer and slot."
    return model(source, grain, "", [Step("metric_hours", "The states of all metrics, without their groups.", body)])


def _hours(plan: Plan) -> str:
    columns = [f"'{plan.name}' as metric", "customer_id", "hour_start_at", "slot_start_at"]
    return select(
        [*columns, "cast(sum(uncastable_count) as bigint) as uncastable_count"],
        f"from {ref(f'int_{plan.name}__hourly')}",
        group_by(columns[1:]),
    )
