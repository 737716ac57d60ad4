"""Scratch workspaces: small worlds with metrics, a catalogue and events, built by the runner and read as tables."""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb

from meterhouse.runner import BuildResult, Workspace, build
from meterhouse.runner.dbt import Dbt
from meterhouse.runner.publish import mart_names
from meterhouse.scenario import lay_empty_warehouse

EVENT_COLUMNS = ("transaction_id", "customer_id", "event_type", "timestamp", "properties", "ingested_at")

Row = tuple[Any, ...]
Marts = dict[str, Counter[Row]]


def event(
    transaction_id: str,
    timestamp: str,
    properties: Mapping[str, Any] | str,
    ingested_at: str = "",
    customer_id: str = "acme",
    event_type: str = "use",
) -> tuple[str, ...]:
    """Return one row of an event file, every value as text; `properties` may be JSON text."""
    text = properties if isinstance(properties, str) else json.dumps(properties, separators=(",", ":"))
    return transaction_id, customer_id, event_type, timestamp, text, ingested_at


def without_gates() -> AbstractContextManager[object]:
    """Let runs publish untested: gates only read, and take a third of a small run. For rows that are compared all the same."""
    return patch.object(Dbt, "test", lambda _: None)


@dataclass(frozen=True)
class World:
    """A workspace in `folder`: metrics/, catalog/, events/ and the warehouse."""

    folder: Path

    @property
    def workspace(self) -> Workspace:
        return Workspace(
            metrics=self.folder / "metrics",
            catalog=self.folder / "catalog",
            events=str(self.folder / "events"),
            warehouse=self.folder / "warehouse.duckdb",
        )

    def lay_empty_warehouse(self) -> None:
        """Forget all that was built, and put an empty warehouse in place."""
        lay_empty_warehouse(self.folder)
        for place in (self.workspace.published, self.workspace.staged_events):
            shutil.rmtree(place, ignore_errors=True)

    def clear(self) -> None:
        """Forget everything, metrics, catalogue and events as well."""
        for place in ("metrics", "catalog", "events"):
            shutil.rmtree(self.folder / place, ignore_errors=True)
            (self.folder / place).mkdir()
        self.lay_empty_warehouse()

    def metric(self, name: str, query: str) -> None:
        (self.folder / "metrics" / f"{name}.sql").write_text(query + "\n")

    def catalog(self, **tables: str) -> None:
        """Write tables of the catalogue as CSV text; blanks around lines do not count."""
        for name, text in tables.items():
            lines = [line.strip() for line in text.strip().splitlines()]
            (self.folder / "catalog" / f"{name}.csv").write_text("\n".join(lines) + "\n")

    def events(self, name: str, rows: Sequence[Sequence[str]]) -> Path:
        """Write an event file in the format of its name."""
        path = self.folder / "events" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        WRITERS[path.suffix](path, rows)
        return path

    def build(self, as_of: str, stops: Sequence[datetime] = ()) -> BuildResult:
        """Build up to a clock, written 2026-01-31T00:00:00Z."""
        return build(self.workspace, instant(as_of), stops=stops)

    def marts(self) -> Marts:
        """Return the rows of every published mart, whole."""
        with self.publication() as con:
            return {name: Counter(con.execute(f"select * from marts.{name}").fetchall()) for name in mart_names(con)}

    def rows(self, query: str) -> list[Row]:
        """Return the rows of a query over the publication."""
        with self.publication() as con:
            return con.execute(query).fetchall()

    def publication(self) -> duckdb.DuckDBPyConnection:
        con = duckdb.connect(str(self.workspace.publication), read_only=True)
        con.execute("set TimeZone = 'UTC'")
        con.execute("set schema = 'marts'")
        return con

    def warehouse(self) -> duckdb.DuckDBPyConnection:
        con = duckdb.connect(str(self.workspace.warehouse))
        con.execute("set TimeZone = 'UTC'")
        return con

    def keep(self, place: Path) -> None:
        """Copy the world as it stands to `place`."""
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(self.folder, place, symlinks=True, ignore=shutil.ignore_patterns("project", "empty*", "nothing"))

    def restore(self, place: Path) -> None:
        """Make the world what it was when it was kept in `place`."""
        for part in ("metrics", "catalog", "events", "published", ".meterhouse/warehouse/staged"):
            shutil.rmtree(self.folder / part, ignore_errors=True)
            if (place / part).exists():
                shutil.copytree(place / part, self.folder / part, symlinks=True)
        for path in self.folder.glob("warehouse.duckdb*"):
            path.unlink()
        shutil.copyfile(place / "warehouse.duckdb", self.workspace.warehouse)


def instant(text: str) -> datetime:
    """Return an RFC 3339 text as an instant in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


# An alert keeps what was known when it was raised (docs/contracts.md, limits and alerts): it follows the way, not the rows.
KEPT_AS_RAISED = ("alerts",)


def differences(expected: Marts, found: Marts, ignored: Iterable[str] = ()) -> list[str]:
    """Return a line for every row that is in one set of marts and not in the other; raised alerts are left out."""
    lines = []
    for name in sorted(expected.keys() | found.keys()):
        if name in (*ignored, *KEPT_AS_RAISED):
            continue
        here, there = expected.get(name, Counter()), found.get(name, Counter())
        lines += [f"{name}: missing    {_shown(row)}" for row in sorted((here - there).elements(), key=str)]
        lines += [f"{name}: unexpected {_shown(row)}" for row in sorted((there - here).elements(), key=str)]
    return lines


def _shown(row: Row) -> str:
    return ", ".join(str(value) for value in row)


def _write_csv(path: Path, rows: Sequence[Sequence[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([EVENT_COLUMNS, *rows])


def _write_ndjson(path: Path, rows: Sequence[Sequence[str]]) -> None:
    path.write_text("".join(_json_line(row) + "\n" for row in rows), encoding="utf-8")


def _json_line(row: Sequence[str]) -> str:
    # the properties are written as they stand, so that a test decides how a number is spelled
    named = dict(zip(EVENT_COLUMNS, row, strict=True))
    parts = [f'"{name}":{value if name == "properties" else json.dumps(value)}' for name, value in named.items() if value]
    return "{" + ",".join(parts) + "}"


def _write_parquet(path: Path, rows: Sequence[Sequence[str]]) -> None:
    with duckdb.connect() as con:
        con.execute(f"create table rows ({', '.join(f'{name} varchar' for name in EVENT_COLUMNS)})")
        con.executemany("insert into rows values (?, ?, ?, ?, ?, nullif(?, ''))", [list(row) for row in rows])
        con.execute(f"copy rows to '{path}' (format parquet)")


WRITERS = {".csv": _write_csv, ".ndjson": _write_ndjson, ".parquet": _write_parquet}
