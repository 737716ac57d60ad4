"""What stands behind a difference: the first hour that differs, and the events of it, in the files and in the warehouse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import duckdb

from meterhouse.auditor.catalogue import Catalogue
from meterhouse.auditor.differences import Difference
from meterhouse.auditor.events import Event, property_texts
from meterhouse.auditor.query import Metric
from meterhouse.auditor.replay import AuditedInvoice

MOST_SHOWN = 10


@dataclass(frozen=True)
class EventDifference:
    """An event that is only in the files, only in the warehouse, or not the same in both."""

    transaction_id: str
    what: str
    place: str


@dataclass(frozen=True)
class Evidence:
    """The hour of the first difference (start, UTC), its events by the files, and those that differ."""

    hour: Difference | None
    starting_at: datetime | None
    ending_before: datetime | None
    counted: tuple[str, ...]
    differing: tuple[EventDifference, ...]


def evidence_of(
    con: duckdb.DuckDBPyConnection,
    catalogue: Catalogue,
    customer_id: str,
    metrics: Mapping[str, Metric],
    events: Sequence[Event],
    ours: AuditedInvoice,
    found: Sequence[Difference],
    lines: Sequence[Mapping[str, Any]],
) -> Evidence:
    """The first hour that differs of the first line that does, with the events that its metric reads."""
    hour = next((one for one in found if one.hour_start_at is not None and one.line == found[0].line), None)
    at = hour.hour_start_at if hour else None
    if hour is None or at is None:
        return Evidence(None, None, None, (), ())
    line = next((row for row in lines if row["line_item_id"] == hour.line_item_id), None)
    if line is None or line["type"] != "usage":
        return Evidence(hour, at, None, (), ())
    product = catalogue.product_at(line["product_id"], at)
    start, end = at, at + timedelta(hours=1)
    if product.breakdown_granularity == "service_period":
        start, end = line["starting_at"], line["ending_before"]
    step = ours.step if ours.step is not None else max((event.step for event in events), default=0)
    metric = metrics.get(product.metric or "")
    ours_now = {
        event.transaction_id: event
        for event in events
        if start <= event.timestamp < end and event.step <= step and (metric is None or metric.reads(event.usage()))
    }
    theirs = _in_warehouse(con, customer_id, start, end, step)
    files = {event.transaction_id: event for event in events if start <= event.timestamp < end and event.step <= step}
    differing = [_compared(name, files.get(name), theirs.get(name)) for name in sorted(files.keys() | theirs.keys())]
    counted = sorted(ours_now.values(), key=lambda event: (event.timestamp, event.transaction_id))
    return Evidence(hour, start, end, tuple(event.transaction_id for event in counted), tuple(one for one in differing if one is not None))


Stored = tuple[datetime, str, str]


def _in_warehouse(con: duckdb.DuckDBPyConnection, customer_id: str, start: datetime, end: datetime, step: int) -> dict[str, Stored]:
    rows = con.execute(
        "select transaction_id, occurred_at, event_type, properties from events.int_usage_events"
        " where customer_id = ? and occurred_at >= ? and occurred_at < ? and step_id <= ?",
        [customer_id, start, end, step],
    ).fetchall()
    return {name: (at, event_type, properties) for name, at, event_type, properties in rows}


def _compared(name: str, event: Event | None, stored: Stored | None) -> EventDifference | None:
    if event is None:
        return EventDifference(name, "is in the warehouse, but in no event file", "")
    place = f"{event.file}, row {event.number}"
    if stored is None:
        return EventDifference(name, "is in the event file, but not in the warehouse", place)
    at, event_type, properties = stored
    if at != event.timestamp:
        return EventDifference(name, f"happened at {event.timestamp.isoformat()} by the file, at {at.isoformat()} by the warehouse", place)
    if event_type != event.event_type:
        return EventDifference(name, f"has event_type {event.event_type} in the file, {event_type} in the warehouse", place)
    if property_texts(properties) != property_texts(event.properties):
        return EventDifference(name, f"has properties {event.properties} in the file, {properties} in the warehouse", place)
    return None
