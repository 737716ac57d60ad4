"""
Every fault of a catalogue, with its exact message.

A case in cases/*.txt is a catalogue that differs from cases/base (which is right): a title, lines that replace a file
(`rates: ...`) or are appended to the file of cases/base (`rates+ ...`), and every message that must come out (`-> ...`).
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


def parse(block: str) -> Case:
    title, *lines = block.splitlines()
    files: dict[str, str] = {}
    messages = []
    for line in lines:
        mark, _, text = line.partition(" ")
        name = mark[:-1]
        if mark == "->":
            messages.append(text)
        elif mark.endswith("+"):
            base = (CASES_FOLDER / "base" / f"{name}.csv").read_text()
            files[name] = files.get(name, base) + text + "\n"
        else:
            files[name] = files.get(name, "") + (text + "\n" if text else "")
    return Case(title.removeprefix("== "), files, messages)


def cases() -> list[Case]:
    return [parse(block) for path in sorted(CASES_FOLDER.glob("*.txt")) for block in path.read_text().split("\n\n")]


def faults(case: Case, folder: Path) -> list[str]:
    """The messages of the case's catalogue, with paths relative to its folder."""
    for path in (CASES_FOLDER / "base").glob("*.csv"):
        (folder / path.name).write_text(path.read_text())
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


def test_the_base_is_right(tmp_path: Path) -> None:
    assert faults(Case("base", {}, []), tmp_path) == []


def test_there_are_many_cases_and_each_has_its_own_title() -> None:
    titles = [case.title for case in cases()]
    assert len(titles) == len(set(titles)) >= 100
