"""Who may import what (architecture: the rooms). A wall that is crossed once is a wall no more."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from meterhouse.runner.workspace import PROJECT_FOLDER

# What each room may import besides the standard library and itself.
WALLS = {
    "meterhouse/compiler": {"sqlglot", "yaml"},  # basic-filter metrics are YAML
    "meterhouse/auditor": set(),
    "meterhouse/catalogue": {"pydantic"},
    "meterhouse/runner": {"meterhouse.compiler", "meterhouse.catalogue", "dbt", "dbt_common", "duckdb", "jinja2"},
    "meterhouse/example": {"duckdb"},
    "meterhouse": {"meterhouse", "duckdb", "psycopg", "yaml", "typer", "rich"},
    "orchestration": {"meterhouse", "dagster", "dagster_dbt", "dbt", "duckdb"},
}


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, f"{'.' * node.level}{node.module or ''}"


def within(module: str, packages: set[str]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


@pytest.mark.parametrize("room", WALLS)
def test_a_room_imports_what_it_may(room: str) -> None:
    folder = PROJECT_FOLDER / room
    files = folder.glob("*.py") if room == "meterhouse" else folder.rglob("*.py")
    allowed = {*WALLS[room], room.replace("/", "."), *sys.stdlib_module_names}
    crossed = [
        f"{path.relative_to(PROJECT_FOLDER)}:{line}: imports {module}; {room} may import {', '.join(sorted(WALLS[room])) or 'stdlib only'}"
        for path in sorted(files)
        for line, module in imports_of(path)
        if not within(module, allowed)
    ]
    assert not crossed, "\n".join(crossed)


def test_nothing_imports_orchestration_or_tests() -> None:
    crossed = [
        f"{path.relative_to(PROJECT_FOLDER)}:{line}: imports {module}"
        for place in ("meterhouse", "orchestration", "benchmarks")
        for path in sorted((PROJECT_FOLDER / place).rglob("*.py"))
        for line, module in imports_of(path)
        if within(module, {"tests"} | ({"orchestration"} if place != "orchestration" else set()))
    ]
    assert not crossed, "\n".join(crossed)
