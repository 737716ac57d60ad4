"""The models of a room hold no text of one engine, as generated ones do: what differs between engines is a macro."""

import pytest
import sqlglot
from sqlglot import exp

from meterhouse.runner.workspace import PROJECT_FOLDER
from tests.portable import foreign_words, renderer

ROOMS = ("staging", "usage")
MODELS = [path for room in ROOMS for path in sorted((PROJECT_FOLDER / "models" / room).glob("*.sql"))]
COMPILED = (PROJECT_FOLDER / "macros" / "compiled" / "metric_properties.sql").read_text()


@pytest.mark.parametrize("name", [f"{path.parent.name}/{path.name}" for path in MODELS])
def test_a_model_is_sql_of_another_engine(name: str) -> None:
    sql = renderer(COMPILED).render((PROJECT_FOLDER / "models" / name).read_text())

    (statement,) = sqlglot.parse(sql, read="spark", error_level=sqlglot.ErrorLevel.RAISE)

    assert isinstance(statement, exp.Query)
    assert foreign_words(sql) == [], "write what every engine reads, or a dispatched macro (tests/portable.py has the words)"
