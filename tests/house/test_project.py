"""The project as it is committed: its catalogue reads, its compiled files are fresh, its README tells the truth."""

import re
from pathlib import Path

import pytest

from meterhouse.catalogue import read_catalogue
from meterhouse.compiled_files import out_of_date_files
from meterhouse.compiler import compile_metrics
from meterhouse.runner.workspace import PROJECT_FOLDER

MOST_LINES = 400
GENERATED = ("models/metrics/", "macros/compiled/", "seeds/_catalogue.yml")
AUTHORED = ("meterhouse", "orchestration", "benchmarks", "tests", "models", "macros")


def test_the_example_catalogue_is_without_fault() -> None:
    metrics = compile_metrics(PROJECT_FOLDER / "metrics").metrics
    read_catalogue(PROJECT_FOLDER / "seeds", {metric.name: metric.group_keys for metric in metrics})


def test_compiled_files_are_up_to_date() -> None:
    assert out_of_date_files(compile_metrics(PROJECT_FOLDER / "metrics"), PROJECT_FOLDER) == []


def test_files_stay_small() -> None:
    long = [
        f"{name}: {lines} lines; split it where its subject changes"
        for place in AUTHORED
        for path in sorted((PROJECT_FOLDER / place).rglob("*"))
        if path.suffix in (".py", ".sql", ".yml")
        and not (name := path.relative_to(PROJECT_FOLDER).as_posix()).startswith(GENERATED)
        and (lines := len(path.read_text().splitlines())) > MOST_LINES
    ]
    assert not long, "\n".join(long)


def tree_of_readme() -> list[str]:
    """The paths that the README's tree names."""
    text = (PROJECT_FOLDER / "README.md").read_text()
    tree = re.search(r"^## The tree\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    assert tree, "README.md: has no section `## The tree`"
    parents: dict[int, str] = {}
    paths = []
    for line in tree[1].splitlines():
        if not (found := re.match(r"( {4,})((?:[\w.-]+/?(?:  ?|$))+)", line)):
            continue
        indent = len(found[1])
        above = next((parents[i] for i in sorted(parents, reverse=True) if i < indent), "")
        names = [name for name in found[2].split() if "/" in name or re.search(r"\w\.\w", name) or name == "Makefile"]
        paths += [above + name for name in names]
        if names and names[0].endswith("/"):
            parents = {i: path for i, path in parents.items() if i < indent} | {indent: above + names[0]}
    return paths


def test_the_readme_names_a_tree() -> None:
    assert len(tree_of_readme()) > 15


@pytest.mark.parametrize("path", tree_of_readme())
def test_the_readme_names_what_is_there(path: str) -> None:
    assert (PROJECT_FOLDER / path).exists(), f"README.md: names {path}, which is not there"


def test_the_readme_names_every_room() -> None:
    rooms = {
        path.relative_to(PROJECT_FOLDER).as_posix() + "/"
        for place in (".", "models", "meterhouse")
        for path in (PROJECT_FOLDER / place).iterdir()
        if path.is_dir() and Path(path).name[0] not in "._" and (path / "__init__.py").exists() | (place == "models")
    }
    assert rooms - {"models/docs/"} <= set(tree_of_readme())
