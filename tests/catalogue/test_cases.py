"""
Every fault of a catalogue, with its exact message.

A case in cases/*.txt is a catalogue that differs from one that is right: a title, lines that replace a file (`rates: ...`) or
are appended to it (`rates+ ...`), and every message that must come out (`-> ...`). The right catalogue of cases/overrides.txt
is cases/overrides/*.csv, and cases/base/*.csv for all other files; and so on.
"""

from dataclasses import dataclass
from pathlib import Path

import pytest

from meterhouse.catalogue import CatalogueError, read_catalogue

CASES_FOLDER = Path(__file__).parent / "cases"
METRICS = {"calls": (), "tokens": ("model", "user")}


@dataclass(frozen=True)
class Case:
    title: str
    files: dict[str, str]
    messages: list[str]


def right_files(name: str) -> dict[str, str]:
    """The files of the right catalogue on which the cases of a file stand."""
    folders = (CASES_FOLDER / "base", CASES_FOLDER / name)
    return {path.stem: path.read_text() for folder in folders for path in sorted(folder.glob("*.csv"))}


def parse(name: str, block: str) -> Case:
    title, *lines = block.splitlines()
    files = right_files(name)
    replaced = set()
    messages = []
    for line in lines:
        mark, _, text = line.partition(" ")
        table = mark[:-1]
        if mark == "->":
            messages.append(text)
        elif mark.endswith("+"):
            files[table] += text + "\n"
        else:
            files[table] = (files[table] if table in replaced else "") + (text + "\n" if text else "")
            replaced.add(table)
    return Case(title.removeprefix("== "), files, messages)


def cases() -> list[Case]:
    return [parse(path.stem, block) for path in sorted(CASES_FOLDER.glob("*.txt")) for block in path.read_text().split("\n\n")]


def faults(case: Case, folder: Path) -> list[str]:
    """The messages of the case's catalogue, with paths relative to its folder."""
    for name, text in case.files.items():
        (folder / f"{name}.csv").write_text(text)
    try:
        read_catalogue(folder, METRICS)
    except CatalogueError as error:
        return [message.removeprefix(f"{folder}/") for message in str(error).splitlines()]
    return []


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.title)
def test_messages(case: Case, tmp_path: Path) -> None:
    assert faults(case, tmp_path) == case.messages


@pytest.mark.parametrize("name", sorted(path.name for path in CASES_FOLDER.iterdir() if path.is_dir()))
def test_what_the_cases_stand_on_is_right(name: str, tmp_path: Path) -> None:
    assert faults(Case(name, right_files(name), []), tmp_path) == []


def test_there_are_many_cases_and_each_has_its_own_title() -> None:
    titles = [case.title for case in cases()]
    assert len(titles) == len(set(titles)) >= 100
