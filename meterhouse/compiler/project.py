"""The compiler from end to end: a folder of metrics -> the files of the dbt project that compute them."""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

from meterhouse.compiler.basic_filter import basic_filter, basic_filter_description
from meterhouse.compiler.bind import bind
from meterhouse.compiler.classify import COSTS, classify
from meterhouse.compiler.documentation import INCREMENT_COLUMNS, metrics_yaml
from meterhouse.compiler.errors import BadDefinition, MetricError, MetricErrors, located
from meterhouse.compiler.fragments import jinja_text
from meterhouse.compiler.hourly import group_columns, hourly_model
from meterhouse.compiler.increments import increments_model
from meterhouse.compiler.layout import Source, Step, header, model, ref, select
from meterhouse.compiler.matches import empty, event_matches_model, events_without_metric_model
from meterhouse.compiler.merging import state_names
from meterhouse.compiler.metric_hours import metric_hours_model
from meterhouse.compiler.names import property_column, uncastable_column
from meterhouse.compiler.parse import description, parse
from meterhouse.compiler.plain_query import plain_query_test
from meterhouse.compiler.plan import Plan, plan
from meterhouse.compiler.reading import properties_read
from meterhouse.compiler.tree import Kind, Property
from meterhouse.compiler.validate import validate

LONGEST_NAME = 60


@dataclass(frozen=True)
class MetricFile:
    """A metric as it was written; `path` is relative to the dbt project and only shown."""

    name: str
    path: str
    text: str

    @property
    def source(self) -> Source:
        return Source(self.path, hashlib.sha256(self.text.encode()).hexdigest()[:12])

    @property
    def is_basic_filter(self) -> bool:
        return self.path.endswith(".yml")


@dataclass(frozen=True)
class CompiledMetric:
    """What `meterhouse explain` shows of one metric."""

    name: str
    description: str
    source_path: str
    metric_class: str
    reason: str
    cost: str
    states: tuple[str, ...]
    properties: tuple[str, ...]
    group_keys: tuple[str, ...]
    hourly_sql: str
    increments_sql: str


@dataclass(frozen=True)
class CompiledProject:
    """`files` are the compiled files by their path in the dbt project, all that a compilation writes."""

    files: dict[str, str]
    metrics: tuple[CompiledMetric, ...]


# The compiler's table of contents. The first step reads the file, each next one what the step before returns.
PIPELINE: tuple[Callable[[Any, MetricFile], Any], ...] = (
    lambda _, file: basic_filter(file.text) if file.is_basic_filter else parse(file.text),
    lambda tree, file: validate(tree, file.text),
    lambda tree, _: bind(tree),
    lambda query, _: classify(query),
    lambda classified, file: plan(file.name, classified),
)


def compile_metrics(metrics_dir: Path) -> CompiledProject:
    """
    Compile every metric of a folder.

    Raises: MetricErrors, with every fault of every file.
    """
    files, faults = read_metrics(metrics_dir)
    return compile_files(files, faults)


def read_metrics(metrics_dir: Path) -> tuple[list[MetricFile], list[str]]:
    """
    Read `*.sql` and `*.yml`, sorted by name, with a fault for each that is no UTF-8 text.

    The only function of the compiler that touches files.
    """
    files: list[MetricFile] = []
    faults: list[str] = []
    for path in sorted(metrics_dir.glob("*")):
        if path.suffix not in (".sql", ".yml"):
            continue
        shown = f"{metrics_dir.name}/{path.name}"
        try:
            files.append(MetricFile(path.stem, shown, path.read_text(encoding="utf-8-sig")))
        except UnicodeDecodeError as error:
            faults.append(f"{shown}: the file is no UTF-8 text ({error.reason} at byte {error.start}); save it as UTF-8")
    return files, faults


def compile_files(files: list[MetricFile], unreadable: Sequence[str] = ()) -> CompiledProject:
    """
    Compile metrics that were read already; `unreadable` are the faults of files that could not be.

    Raises: MetricErrors, with every fault of every file.
    """
    plans: list[Plan] = []
    faults = list(unreadable)
    for file in files:
        try:
            _check_name(file, files)
            plans.append(reduce(lambda content, step: step(content, file), PIPELINE, None))
        except MetricError as error:
            faults.append(located(error, file.path, file.text))
    if faults:
        raise MetricErrors(faults)
    metrics = tuple(_compiled(plan, file) for plan, file in zip(plans, files, strict=True))
    return CompiledProject(_files(plans, metrics, files), metrics)


def _check_name(file: MetricFile, files: list[MetricFile]) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", file.name) or len(file.name) > LONGEST_NAME:
        raise BadDefinition(
            f"a metric cannot be named {file.name}; a name has at most {LONGEST_NAME} lower-case letters, digits and single underscores"
        )
    if any(other.name == file.name and other.path < file.path for other in files):
        raise BadDefinition(f"the metric {file.name} is defined twice, as .sql and as .yml; keep one")


def _compiled(plan: Plan, file: MetricFile) -> CompiledMetric:
    text = basic_filter_description(file.text) if file.is_basic_filter else description(file.text)
    return CompiledMetric(
        name=plan.name,
        description=text,
        source_path=file.path,
        metric_class=plan.metric_class.value,
        reason=plan.classified.reason,
        cost=COSTS[plan.metric_class],
        states=tuple(group_columns(plan) + state_names(plan)),
        properties=tuple(sorted({item.name for item in properties_read(plan.query)})),
        group_keys=tuple(key.name for key in plan.query.group_keys),
        hourly_sql=hourly_model(plan, file.source),
        increments_sql=increments_model(plan, file.source),
    )


def _files(plans: list[Plan], metrics: tuple[CompiledMetric, ...], files: list[MetricFile]) -> dict[str, str]:
    folder = Source("metrics/", "")
    written = {}
    for metric in metrics:
        written[f"models/metrics/int_{metric.name}__hourly.sql"] = metric.hourly_sql
        written[f"models/metrics/int_{metric.name}__increments.sql"] = metric.increments_sql
    descriptions = {metric.name: metric.description for metric in metrics}
    sources = {file.name: file.source for file in files}
    written["models/metrics/int_metric_increments.sql"] = _all_increments(plans, folder)
    written["models/metrics/int_metric_hours.sql"] = metric_hours_model(plans, folder)
    written["models/metrics/int_event_matches.sql"] = event_matches_model(plans, folder)
    written["models/metrics/int_events_without_metric.sql"] = events_without_metric_model(plans, folder)
    written["models/metrics/_metrics.yml"] = metrics_yaml(plans, descriptions, sources, folder)
    written["macros/compiled/metric_properties.sql"] = _properties_macro(plans, folder)
    return written | _plain_query_tests(plans, sources)


def _plain_query_tests(plans: list[Plan], sources: dict[str, Source]) -> dict[str, str]:
    tests = {plan.name: plain_query_test(plan, sources[plan.name]) for plan in plans}
    return {f"tests/dbt/metrics/assert_{name}_equals_its_plain_query.sql": text for name, text in tests.items() if text}


def _all_increments(plans: list[Plan], source: Source) -> str:
    branches = [select(list(INCREMENT_COLUMNS), f"from {ref(f'int_{plan.name}__increments')}") for plan in plans]
    body = "\n\nunion all\n\n".join(branches) or empty(INCREMENT_COLUMNS)
    grain = "Increments of all metrics. One row per metric, billing period, slot and output group that changed in it."
    return model(source, grain, "", [Step("metric_increments", "Every metric in one table, by name.", body)])


def _properties_macro(plans: list[Plan], source: Source) -> str:
    items = sorted({item for plan in plans for item in properties_read(plan.query)}, key=lambda item: (item.name, item.kind.value))
    rows = [f"    {_property_row(item)}," for item in items]
    comment = f"{{#- {header(source, '').strip()} The properties that metrics read, once per kind. -#}}"
    macro = ["{% macro metric_properties() %}", "{{ return([", *rows, "]) }}", "{% endmacro %}"]
    return "\n".join([comment, *macro]) + "\n"


def _property_row(item: Property) -> str:
    uncastable = jinja_text(uncastable_column(item)) if item.kind is Kind.NUMBER else "none"
    return (
        f"{{'name': {jinja_text(item.name)}, 'column': {jinja_text(property_column(item))}, "
        f"'kind': '{item.kind.value}', 'uncastable': {uncastable}}}"
    )
