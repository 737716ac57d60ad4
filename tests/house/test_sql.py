"""House rules of SQL: exact numbers only, raw data read in one place, tests that say what they are for."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from meterhouse.runner.workspace import PROJECT_FOLDER

PLACES = ("models", "macros", "tests/dbt")
FILES = sorted(path for place in PLACES for path in (PROJECT_FOLDER / place).rglob("*.sql"))
# The one division, dispatched: engines whose decimals divide exactly use `/`.
DIVISION = re.compile(r"{% macro default__divide\(.*?{%- endmacro %}", re.DOTALL)
COMMENTS_AND_TEXTS = re.compile(r"""{#.*?#}|--[^\n]*|"'+"|'(?:[^'\n]|'')*'""", re.DOTALL)

INEXACT = {
    "a division": (r"(?<!/)/(?!/)", "divide with the macro `divide`: `/` makes a DOUBLE of decimals"),
    "a float type": (r"\b(double|float\d*|real)\b", "cast to decimal(38, 12), or amounts to decimal(38, 24)"),
    "a float aggregate": (
        r"\b(avg|mean|median|stddev\w*|var\w*_(pop|samp)|favg|fsum|sqrt|power|pow|exp|ln|quantile\w*)\s*\(",
        "sum and count are exact, and `divide` divides them",
    ),
    "a decimal without scale": (r"\b(decimal|numeric)\b(?!\s*\(\s*\d+\s*,)", "say decimal(38, 12) or decimal(38, 24)"),
    "a float literal": (r"\b\d+(\.\d+)?[eE][+-]?\d+\b", "write the digits: a literal with an exponent is a DOUBLE"),
}


def code_of(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a file without comments and quoted texts."""
    without_division = DIVISION.sub(lambda match: "\n" * match[0].count("\n"), path.read_text())
    code = COMMENTS_AND_TEXTS.sub(lambda match: "\n" * match[0].count("\n"), without_division)
    yield from enumerate(code.splitlines(), start=1)


@pytest.mark.parametrize("pattern, remedy", INEXACT.values(), ids=INEXACT)
def test_no_number_passes_through_a_float(pattern: str, remedy: str) -> None:
    found = [
        f"{path.relative_to(PROJECT_FOLDER)}:{number}: {line.strip()}: {remedy}"
        for path in FILES
        for number, line in code_of(path)
        if re.search(pattern, line)
    ]
    assert not found, "\n".join(found)


SPOILED = {
    "a division": "select a / b from x",
    "a float type": "select cast(a as double)",
    "a float aggregate": "select avg (a)",
    "a decimal without scale": "select a::decimal",
    "a float literal": "select a * 1e-3",
}


@pytest.mark.parametrize("rule", INEXACT)
def test_the_rule_sees_it(rule: str, tmp_path: Path) -> None:
    path = tmp_path / "model.sql"
    path.write_text(f"-- a / b\n{{# double #}}\nselect '1/2', 'it''s / x'\n{SPOILED[rule]}\n")
    assert [number for number, line in code_of(path) if re.search(INEXACT[rule][0], line)] == [4]


def test_raw_data_is_read_by_staging_models_only() -> None:
    """Control tables say what a step does, so any model may ask them; what has arrived is cast in one place."""
    found = [
        f"{path.relative_to(PROJECT_FOLDER)}: reads a source; read the staging model of it"
        for path in FILES
        if re.search(r"source\(\s*'(?!control')", path.read_text()) and not path.name.startswith("stg_")
    ]
    assert not found, "\n".join(found)


def test_seeds_are_read_by_staging_models_only() -> None:
    tables = "|".join(path.stem for path in (PROJECT_FOLDER / "seeds").glob("*.csv"))
    marts = {path.stem for path in FILES}  # a mart may bear the name of the table that it shows
    found = [
        f"{path.relative_to(PROJECT_FOLDER)}: reads the seed {match[1]}; read stg_{match[1]}"
        for path in FILES
        for match in re.finditer(rf"ref\('({tables})'\)", path.read_text())
        if not path.name.startswith("stg_") and match[1] not in marts
    ]
    assert not found, "\n".join(found)


def test_a_test_begins_with_what_it_fails_on() -> None:
    for path in sorted((PROJECT_FOLDER / "tests" / "dbt").rglob("*.sql")):
        opening = "{# Fails if " if path.parent.name == "generic" else "-- Fails if "
        assert path.read_text().startswith(opening), f"{path.relative_to(PROJECT_FOLDER)}: begin with `{opening}...`"


def test_singular_tests_live_in_the_room_they_test() -> None:
    rooms = {path.name for path in (PROJECT_FOLDER / "models").iterdir() if path.is_dir()}
    for path in sorted((PROJECT_FOLDER / "tests" / "dbt").rglob("*.sql")):
        assert path.parent.name in rooms | {"generic"}, f"{path.relative_to(PROJECT_FOLDER)}: is in no room of models/"
