"""Runs compiled models in a DuckDB in memory: the project's own macros, plain tables for what it refs."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb

from meterhouse.compiler import CompiledProject
from meterhouse.runner.render import Renderer


@dataclass(frozen=True)
class Event:
    transaction_id: str
    customer_id: str
    event_type: str
    timestamp: datetime
    properties: dict[str, str]


@dataclass(frozen=True)
class Window:
    """A billing period [start, end) of a customer, UTC."""

    customer_id: str
    start: datetime
    end: datetime


Quantities = dict[str, Decimal]


RENDERER = Renderer()


def rendered(text: str) -> str:
    return RENDERER.render(text)


def metric_properties(project: CompiledProject) -> list[dict[str, str]]:
    found = Renderer(project.files["macros/compiled/metric_properties.sql"]).call("metric_properties")
    return list(found)


class Warehouse:
    """Feeds events hour by hour to the compiled models of one project and reads the increments back."""

    def __init__(self, project: CompiledProject, windows: Sequence[Window]) -> None:
        self.project = project
        self.windows = windows
        self.properties = metric_properties(project)
        self.connection = duckdb.connect(config={"threads": 1})
        self.connection.execute("set TimeZone = 'UTC'")
        self._create(
            "raw_events",
            "transaction_id varchar, customer_id varchar, event_type varchar, occurred_at timestamptz, "
            "slot_start_at timestamptz, properties varchar",
        )
        self._create("int_run_hours", "hour_start_at timestamptz")
        self._create(
            "int_run_windows",
            "customer_id varchar, period_start_at timestamptz, period_end_at timestamptz, changed_from_at timestamptz",
        )
        self._insert("int_run_windows", [(w.customer_id, w.start, w.end, w.start) for w in windows])
        self._create_usage_events()

    def close(self) -> None:
        self.connection.close()

    def ingest(self, batch: Iterable[Event]) -> None:
        """Add events, in whatever order they come, and rebuild just the hours they fall in."""
        events = list(batch)
        self._insert("raw_events", [self._row(event) for event in events])
        self.connection.execute("delete from int_run_hours")
        self._insert("int_run_hours", [(hour,) for hour in sorted({_hour(event.timestamp) for event in events})])
        for metric in self.project.metrics:
            table, states = f"int_{metric.name}__hourly", rendered(metric.hourly_sql)
            exists = self.connection.execute("select count(*) from duckdb_tables() where table_name = ?", [table]).fetchone()
            if exists == (0,):
                self.connection.execute(f"create table {table} as {states}")
            else:
                self.connection.execute(f"delete from {table} where hour_start_at in (from int_run_hours)")
                self.connection.execute(f"insert into {table} {states}")

    def increments(self, metric: str) -> list[tuple[Window, datetime, str, Decimal]]:
        """Every increment with the start of its slot and its group."""
        compiled = next(m for m in self.project.metrics if m.name == metric)
        rows = self.connection.execute(
            "select customer_id, epoch_us(period_start_at), epoch_us(period_end_at), epoch_us(slot_start_at), "
            "epoch_us(hour_start_at), group_values, quantity, typeof(quantity) "
            f"from ({rendered(compiled.increments_sql)})"
        ).fetchall()
        assert all(row[7] == "DECIMAL(38,12)" for row in rows)
        assert all(row[4] == row[3] - row[3] % 3_600_000_000 for row in rows)
        return [(Window(row[0], _instant(row[1]), _instant(row[2])), _instant(row[3]), row[5], row[6]) for row in rows]

    def slots_with_states(self, metric: str) -> set[tuple[str, datetime]]:
        """The customers and slots in which some event passed the metric's filter."""
        rows = self.connection.execute(f"select distinct customer_id, epoch_us(slot_start_at) from int_{metric}__hourly").fetchall()
        return {(customer, _instant(slot)) for customer, slot in rows}

    def _row(self, event: Event) -> tuple[Any, ...]:
        slot = slot_of(event, self.windows)
        return (
            event.transaction_id,
            event.customer_id,
            event.event_type,
            event.timestamp,
            slot,
            json.dumps(event.properties),
        )

    def _create_usage_events(self) -> None:
        columns = [
            "transaction_id",
            "customer_id",
            "event_type",
            "occurred_at",
            "occurred_at as ingested_at",
            "date_trunc('hour', occurred_at) as hour_start_at",
            "slot_start_at",
        ]
        for item in self.properties:
            path = "/" + item["name"].replace("~", "~0").replace("/", "~1")
            text = f"json_extract_string(properties, '{path}')".replace(path, path.replace("'", "''"))
            number = RENDERER.call("text_to_number", text)
            columns.append(f"{text if item['kind'] == 'text' else number} as {item['column']}")
            if item["uncastable"]:
                columns.append(f"coalesce({text} is not null and {number} is null, false) as {item['uncastable']}")
        self.connection.execute(f"create view int_usage_events as select {', '.join(columns)} from raw_events")

    def _create(self, table: str, columns: str) -> None:
        self.connection.execute(f"create table {table} ({columns})")

    def _insert(self, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
        if rows:
            marks = ", ".join("?" for _ in rows[0])
            self.connection.executemany(f"insert into {table} values ({marks})", rows)


def slot_of(event: Event, windows: Iterable[Window]) -> datetime:
    """The event's hour, cut where a period of its customer begins inside it."""
    hour = _hour(event.timestamp)
    cuts = [w.start for w in windows if w.customer_id == event.customer_id and hour < w.start <= event.timestamp]
    return max([hour, *cuts])


def group_text(keys: dict[str, str | None]) -> str:
    return re.sub(r"\s+$", "", json.dumps(keys, sort_keys=True, separators=(",", ":"), ensure_ascii=False))


def _hour(instant: datetime) -> datetime:
    return instant.replace(minute=0, second=0, microsecond=0)


def _instant(microseconds: int) -> datetime:
    from datetime import UTC

    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
