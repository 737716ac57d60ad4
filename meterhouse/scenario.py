"""Scenarios: examples that run (data-contract 7)."""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import duckdb
import yaml

from meterhouse.runner import MeterhouseError, Workspace, build
from meterhouse.runner.arrivals import arrival_hours
from meterhouse.runner.publish import mart_names
from meterhouse.runner.workspace import PROJECT_FOLDER

KEYS = {"description", "as_of", "source", "where"}
NEEDS = "it needs description and as_of, and may have source and where"
BEFORE_EVERYTHING = datetime(1970, 1, 1, tzinfo=UTC)
EVENT_FILES = ("events.csv", "events.ndjson", "events.parquet")


@dataclass(frozen=True)
class Scenario:
    """A folder with a workspace, a clock (UTC) and the rows that marts must hold."""

    folder: Path
    description: str
    as_of: datetime
    where: dict[str, str]

    @classmethod
    def load(cls, folder: Path) -> Scenario:
        """
        Read scenario.yml.

        Raises:
            MeterhouseError: the file is missing, or lacks or has a key that it should not.
        """
        path = folder / "scenario.yml"
        if not path.is_file():
            raise MeterhouseError(f"{folder}: is no scenario: it has no scenario.yml")
        content = _mapping(path)
        unknown = sorted(set(content) - KEYS)
        if unknown or not {"description", "as_of"} <= set(content):
            found = f"unknown key {', '.join(unknown)}" if unknown else f"found {', '.join(sorted(content)) or 'nothing'}"
            raise MeterhouseError(f"{path}: {found}; {NEEDS}")
        where = content.get("where") or {}
        for mart in where:
            if not (folder / "expected" / f"{mart}.csv").exists():
                raise MeterhouseError(f"{path}: where names {mart}, but there is no expected/{mart}.csv")
        return cls(folder, content["description"], _clock(path, content["as_of"]), where)

    def workspace(self, scratch: Path) -> Workspace:
        """Return the scenario's workspace with its warehouse in `scratch`; absent parts are empty."""
        events = next((self.folder / name for name in EVENT_FILES if (self.folder / name).exists()), None)
        return Workspace(
            metrics=_folder_or_empty(self.folder / "metrics", scratch),
            catalog=_folder_or_empty(self.folder / "catalog", scratch),
            events=str(events or _folder_or_empty(self.folder / "events", scratch)),
            warehouse=scratch / "warehouse.duckdb",
        )

    def expected(self) -> list[Expected]:
        """Return what each mart must hold. Raises: MeterhouseError, a file is not a table."""
        return [Expected.read(path) for path in sorted((self.folder / "expected").glob("*.csv"))]


@dataclass(frozen=True)
class Expected:
    """The rows that a mart must hold, cut to some of its columns."""

    path: Path
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def mart(self) -> str:
        return self.path.stem

    @classmethod
    def read(cls, path: Path) -> Expected:
        """Read expected/<mart>.csv. Raises: MeterhouseError, a row does not fit the header."""
        with path.open(newline="", encoding="utf-8") as file:
            lines = csv.reader(file)
            columns = tuple(next(lines, ()))
            if not columns:
                raise MeterhouseError(f"{path}: is empty; its first line names columns of {path.stem}")
            rows = []
            for row in lines:
                if len(row) != len(columns):
                    raise MeterhouseError(f"{path}:{lines.line_num}: has {len(row)} values, the header has {len(columns)}")
                rows.append(tuple(row))
        return cls(path, columns, tuple(rows))


@dataclass(frozen=True)
class Difference:
    """Rows of one mart, cut to the expected columns: those that are missing and those that nobody expected."""

    mart: str
    columns: tuple[str, ...]
    missing: tuple[tuple[Any, ...], ...]
    unexpected: tuple[tuple[Any, ...], ...]


def run_scenario(scenario: Scenario, scratch: Path, *, hourly: bool = False) -> list[Difference]:
    """
    Build a scenario in a fresh warehouse and return where its marts differ from what it expects.

    With `hourly`, the clock stops after every hour in which events arrived.
    """
    workspace = scenario.workspace(scratch)
    expected = scenario.expected()
    lay_empty_warehouse(scratch)
    stops = arrival_hours(workspace, scenario.as_of) if hourly else []
    build(workspace, scenario.as_of, stops=stops)
    con = duckdb.connect(str(workspace.publication), read_only=True)
    try:
        con.execute("set TimeZone = 'UTC'")
        found = [_compare(con, mart, scenario.where.get(mart.mart)) for mart in expected]
    finally:
        con.close()
    return [difference for difference in found if difference.missing or difference.unexpected]


def lay_empty_warehouse(scratch: Path) -> None:
    """Put a fresh warehouse without metrics, catalogue and events in place: made once, it spares each scenario its views."""
    empty = scratch / "empty.duckdb"
    warehouse = scratch / "warehouse.duckdb"
    for path in scratch.glob("warehouse.duckdb*"):
        path.unlink()
    if not empty.exists():
        nothing = str(_folder_or_empty(scratch / "nothing", scratch))
        build(Workspace(Path(nothing), Path(nothing), nothing, warehouse), BEFORE_EVERYTHING)
        warehouse.rename(empty)
    shutil.copyfile(empty, warehouse)


def _compare(con: duckdb.DuckDBPyConnection, expected: Expected, where: str | None) -> Difference:
    types = _column_types(con, expected)
    selected = ", ".join(f'"{name}"' for name in expected.columns)
    condition = f" where {where}" if where else ""
    try:
        found = con.execute(f'select {selected} from marts."{expected.mart}"{condition}').fetchall()
    except duckdb.Error as error:
        raise MeterhouseError(f"{expected.path}: where {where}: {str(error).splitlines()[0]}") from error
    expected_rows = Counter(_canonical_row(row, expected.columns, types) for row in expected.rows)
    found_rows = Counter(_canonical_row(row, expected.columns, types) for row in found)
    return Difference(expected.mart, expected.columns, _sorted(expected_rows - found_rows), _sorted(found_rows - expected_rows))


def _column_types(con: duckdb.DuckDBPyConnection, expected: Expected) -> dict[str, str]:
    marts = mart_names(con)
    if expected.mart not in marts:
        raise MeterhouseError(f"{expected.path}: there is no mart {expected.mart}; there are {', '.join(marts)}")
    types = {name: kind for name, kind, *_ in con.execute(f'describe marts."{expected.mart}"').fetchall()}
    unknown = [name for name in expected.columns if name not in types]
    if unknown:
        raise MeterhouseError(f"{expected.path}:1: {expected.mart} has no column {', '.join(unknown)}; it has {', '.join(types)}")
    return types


def _sorted(rows: Counter[tuple[Any, ...]]) -> tuple[tuple[Any, ...], ...]:
    return tuple(sorted(rows.elements(), key=lambda row: [str(value) for value in row]))


def _canonical_row(row: Iterable[Any], columns: tuple[str, ...], types: dict[str, str]) -> tuple[Any, ...]:
    return tuple(_canonical(value, types[name]) for value, name in zip(row, columns, strict=True))


def _canonical(value: Any, kind: str) -> Any:
    """One value as it compares: exact decimals, instants, JSON, else text; blank is NULL."""
    if value is None or value == "":
        return None
    if kind.startswith("DECIMAL") or kind in ("INTEGER", "BIGINT", "HUGEINT"):
        return _decimal(str(value))
    if kind.startswith("TIMESTAMP"):
        return _instant(value)
    if isinstance(value, date):
        return value.isoformat()
    text = str(value).lower() if kind == "BOOLEAN" else str(value)
    return _canonical_json(text) if text[:1] in "{[" else text


def _decimal(text: str) -> Decimal | str:
    try:
        return Decimal(text).normalize() + 0
    except InvalidOperation:
        return text


def _canonical_json(text: str) -> str:
    try:
        return json.dumps(json.loads(text, parse_float=str), sort_keys=True, separators=(",", ":"))
    except json.JSONDecodeError:
        return text


def _mapping(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text()) or {}
    except yaml.YAMLError as error:
        raise MeterhouseError(f"{path}: is no YAML: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict):
        raise MeterhouseError(f"{path}: is no YAML mapping; {NEEDS}")
    return content


def _clock(path: Path, value: Any) -> datetime:
    try:
        return _instant(value)
    except ValueError as error:
        raise MeterhouseError(f'{path}: as_of "{value}" is no instant; write it like 2026-02-01T00:00:00Z') from error


def _instant(value: Any) -> datetime:
    instant = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def _folder_or_empty(folder: Path, scratch: Path) -> Path:
    if folder.is_dir():
        return folder
    empty = scratch / "empty"
    empty.mkdir(parents=True, exist_ok=True)
    return empty


def find_scenarios(folders: list[Path]) -> list[Path]:
    """Return the scenario folders among and below `folders`, sorted; by default those of this project."""
    places = folders or [PROJECT_FOLDER / "tests" / "scenarios"]
    return sorted({path.parent for place in places for path in place.rglob("scenario.yml")} or set(places))
