"""
Generated models hold no text of one engine: what differs between engines is a dispatched macro.

tests/compiler/test_spark.py runs the models on Spark. Here every word of them is in a closed list.
"""

import re
from collections.abc import Iterator

import pytest
import sqlglot
from sqlglot import exp

from meterhouse.compiler import CompiledProject, compile_files, compile_metrics, scalars
from meterhouse.compiler.project import MetricFile
from meterhouse.runner.render import Renderer
from meterhouse.runner.workspace import PROJECT_FOLDER
from tests.compiler.test_cases import CLASSES, compiled
from tests.compiler.test_scalars import NUMBERS, TEXTS
from tests.portable import foreign_words, renderer

SCALARS = [f"select max({text}) as value from events" for text in NUMBERS]
SCALARS += ["select max(cast(event_type as int)) as value from events"]
SCALARS += [f"select count(*) as value, {text} as k from events group by k" for text in TEXTS]
PROJECTS = {
    "metrics": compile_metrics(PROJECT_FOLDER / "metrics"),
    "cases": compiled(*CLASSES),
    "scalars": compile_files([MetricFile(f"m{i}", f"metrics/m{i}.sql", query) for i, query in enumerate(SCALARS)]),
    "no metrics": compile_files([]),
}


def models(project: CompiledProject) -> Iterator[tuple[str, str]]:
    """The compiled models and data tests as text for dbt."""
    yield from ((path, text) for path, text in project.files.items() if path.endswith(".sql") and not path.startswith("macros"))


def rendered(project: CompiledProject, text: str) -> str:
    return renderer(project.files["macros/compiled/metric_properties.sql"]).render(text)


CASES = [(name, path) for name, project in PROJECTS.items() for path, _ in models(project)]


@pytest.mark.parametrize(("project", "path"), CASES, ids=[f"{name}-{path.split('/')[-1]}" for name, path in CASES])
def test_a_generated_model_is_sql_of_another_engine(project: str, path: str) -> None:
    sql = rendered(PROJECTS[project], PROJECTS[project].files[path])

    (statement,) = sqlglot.parse(sql, read="spark", error_level=sqlglot.ErrorLevel.RAISE)

    assert isinstance(statement, exp.Query), f"{path}: is no query for sqlglot's Spark"
    assert foreign_words(sql) == [], path


ONE_ENGINE_ONLY = {
    "select list_transform(a, b) from c": ["list_transform"],
    "select arg_max(a, b) as total from c": ["arg_max"],
    "select a::text from b": ["::", "text"],
    "select a[1] from b": ["[", "]"],
    "select cast(a as varchar) from b": ["varchar"],
    "select cast(a as timestamp with time zone) from b": ["time"],
    "select * exclude (a) from b": ["exclude"],
    "select a from b qualify c = 1": ["qualify"],
    "select rtrim(a, '0') from b": ["rtrim"],  # Spark has it, with the arguments the other way round
}


@pytest.mark.parametrize(("sql", "found"), ONE_ENGINE_ONLY.items())
def test_words_of_one_engine_are_seen(sql: str, found: list[str]) -> None:
    assert foreign_words(sql) == found


def test_a_name_is_no_word_of_the_lists() -> None:
    assert foreign_words("select `order`, text_size, 'qualify' as `exclude` from int_run_hours as hours -- arg_max(a)") == []


def test_every_macro_of_a_scalar_is_in_some_model() -> None:
    texts = "".join(text for project in PROJECTS.values() for _, text in models(project))
    assert {*scalars.MACROS.values(), "text_literal"} <= set(re.findall(r"\b(\w+)\(", texts))


def test_a_macro_that_only_one_engine_has_is_missed() -> None:
    only_one = "{% macro duckdb__twice(a) -%}{{ a }} * 2{%- endmacro %}"

    with pytest.raises(LookupError, match="twice has no macro spark__twice, and no default__twice for engines without one"):
        Renderer(only_one, engine="spark").render("{{ adapter.dispatch('twice')('a') }}")
