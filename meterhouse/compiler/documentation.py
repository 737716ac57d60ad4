"""render, part 6: models/metrics/_metrics.yml, what people read about the compiled models."""

import json

from meterhouse.compiler.hourly import distinct_value, grain
from meterhouse.compiler.layout import Source, header
from meterhouse.compiler.matches import MATCH_COLUMNS
from meterhouse.compiler.merging import state_names
from meterhouse.compiler.metric_hours import METRIC_HOUR_COLUMNS
from meterhouse.compiler.plan import Plan, State
from meterhouse.compiler.tree import SQL_TYPES, Kind

PERIOD = "billing period of a contract; UTC"
SHARED = {
    "metric": "The metric's name.",
    "customer_id": "The customer, aliases resolved.",
    "period_start_at": f"Start (included) of the {PERIOD}.",
    "period_end_at": f"End (excluded) of the {PERIOD}.",
    "hour_start_at": "The UTC hour, named by its start.",
    "slot_start_at": "Start of the slot: the hour, or where a billing period of the customer begins inside it.",
    "group_values": "Output group keys as canonical JSON text.",
    "quantity": "Cumulative quantity after the slot minus before it; NULL counts as 0.",
    "event_count": "Events that pass the metric's filter.",
    "uncastable_count": "Those with text where the metric reads a number; such text counts as NULL.",
    "transaction_id": "The event.",
    "ingested_at": "When the event was ingested.",
    "uncastable": "Whether the event has text where the metric reads a number.",
}
INSTANT, NUMBER = SQL_TYPES[Kind.INSTANT], SQL_TYPES[Kind.NUMBER]
INCREMENT_COLUMNS = {
    "metric": "varchar",
    "customer_id": "varchar",
    "period_start_at": INSTANT,
    "period_end_at": INSTANT,
    "hour_start_at": INSTANT,
    "slot_start_at": INSTANT,
    "group_values": "varchar",
    "quantity": NUMBER,
}
WITHOUT_METRIC_COLUMNS = {name: MATCH_COLUMNS[name] for name in ("transaction_id", "ingested_at", "customer_id", "hour_start_at")}


def metrics_yaml(plans: list[Plan], descriptions: dict[str, str], sources: dict[str, Source], folder: Source) -> str:
    """The YAML of every compiled model, with one test of each model's grain sentence left to the house's own tests."""
    models = [line for plan in plans for line in _metric_models(plan, descriptions[plan.name], sources[plan.name])]
    models += _model(
        "int_metric_increments",
        "The increments of all metrics. One row per metric, billing period, slot and output group that changed in it.",
        {},
        _described(INCREMENT_COLUMNS),
    )
    models += _model(
        "int_metric_hours",
        "Slots in which a metric counted events. One row per metric, customer and slot.",
        {},
        _described(METRIC_HOUR_COLUMNS),
    )
    models += _model(
        "int_event_matches",
        "Which unbilled events pass which metric. One row per event and metric that it passes.",
        {},
        _described(MATCH_COLUMNS),
    )
    models += _model(
        "int_events_without_metric",
        "Events of the reviewed hours that pass no metric. One row per event.",
        {},
        _described(WITHOUT_METRIC_COLUMNS),
    )
    return "\n".join([header(folder, "#"), "version: 2", "", "models:", *models]) + "\n"


def _metric_models(plan: Plan, description: str, source: Source) -> list[str]:
    meta = {
        "metric": plan.name,
        "class": plan.metric_class.value,
        "source": source.path,
        "sha256": source.digest,
    }
    about = f"{description.rstrip('.')}. " if description else ""
    increments = f"{about}One row per billing period, slot and output group that changed in it."
    return [
        *_model(f"int_{plan.name}__hourly", f"{about}{grain(plan)}", meta, _hourly_columns(plan)),
        *_model(f"int_{plan.name}__increments", increments, meta, _described(INCREMENT_COLUMNS)),
    ]


def _hourly_columns(plan: Plan) -> list[tuple[str, str, str]]:
    slot = {"customer_id": "varchar", "hour_start_at": INSTANT, "slot_start_at": INSTANT}
    counts = {"event_count": "bigint", "uncastable_count": "bigint"}
    keys = [(key.name, key.data_type, "Group key of the lowest query.") for key in plan.blocks[0].keys]
    values = [(distinct_value(s), SQL_TYPES[_argument_kind(s)], "A value that COUNT(DISTINCT) counts.") for s in plan.distinct]
    stored = set(state_names(plan)) - {"event_count"}
    states = [line for state in plan.states for line in _state_columns(state) if line[0] in stored]
    return [*_described(slot), *keys, *values, *_described(counts), *states]


def _state_columns(state: State) -> list[tuple[str, str, str]]:
    function = state.aggregate.function.value.upper()
    return [
        (state.column.name, state.column.data_type, f"State of {function}."),
        (state.at, INSTANT, f"The instant of the event that {function} takes its value from."),
        (state.id, "varchar", "That event's transaction_id."),
    ]


def _argument_kind(state: State) -> Kind:
    assert state.aggregate.argument is not None
    return state.aggregate.argument.kind


def _described(columns: dict[str, str]) -> list[tuple[str, str, str]]:
    return [(name, data_type, SHARED[name]) for name, data_type in columns.items()]


def _model(name: str, description: str, meta: dict[str, str], columns: list[tuple[str, str, str]]) -> list[str]:
    # the models of one metric are this room's own; those of all metrics are what the other rooms read
    access = f"private, meta: {json.dumps(meta)}" if meta else "protected"
    configuration = [f"    config: {{group: metrics, access: {access}}}"]
    described = [f"      - {{name: {name}, data_type: {json.dumps(kind)}, description: {_quoted(text)}}}" for name, kind, text in columns]
    return [
        f"  - name: {name}",
        f"    description: {_quoted(description)}",
        *configuration,
        "    columns:",
        *described,
    ]


def _quoted(text: str) -> str:
    """JSON strings are YAML strings; dbt reads descriptions as Jinja, so braces are spelled apart."""
    return json.dumps(text.replace("{", "(").replace("}", ")"), ensure_ascii=False)
