"""What stands behind a difference: the first hour that differs, and the events of it, in the files and in the warehouse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb

from meterhouse.auditor.catalogue import Catalogue
from meterhouse.auditor.differences import Difference
from meterhouse.auditor.events import Event, property_texts
from meterhouse.auditor.query import Metric

MOST_SHOWN = 10


@dataclass(frozen=True)
class EventDifference:
    """An event that is only in the files, only in the warehouse, or not the same in both."""

    transaction_id: str
    what: str
    place: str
    at: datetime


@dataclass(frozen=True)
class Evidence:
    """The hour of the first difference (start, UTC), its events by the files, and those that differ."""

    hour: Difference | None
    starting_at: datetime | None
    ending_before: datetime | None
    counted: tuple[str, ...]
    differing: tuple[EventDifference, ...]


def evidence_of(
    catalogue: Catalogue,
    metrics: Mapping[str, Metric],
    events: Sequence[Event],
    found: Sequence[Difference],
    differing: Sequence[EventDifference],
    period: tuple[datetime, datetime],
) -> Evidence:
    """
    The first hour that differs, one with events that differ before others, with the events that its metric reads.

    `events` are those of the invoice's period [start, end) that the invoice holds.
    """
    hour = _telling_hour(found, {one.at.replace(minute=0, second=0, microsecond=0) for one in differing})
    at = hour.hour_start_at if hour else None
    if hour is None or at is None:
        return Evidence(None, None, None, (), ())
    product = catalogue.product_at(hour.product_id, at) if hour.product_id else None
    if product is None or product.type != "usage":
        return Evidence(hour, at, None, (), ())
    start, end = period if product.breakdown_granularity == "service_period" else (at, at + timedelta(hours=1))
    metric = metrics.get(product.metric or "")
    inside = [event for event in events if start <= event.timestamp < end and (metric is None or metric.reads(event.usage()))]
    counted = sorted(inside, key=lambda event: (event.timestamp, event.transaction_id))
    of_hour = tuple(one for one in differing if start <= one.at < end)
    return Evidence(hour, start, end, tuple(event.transaction_id for event in counted), of_hour)


def _telling_hour(found: Sequence[Difference], hours_with_events: set[datetime]) -> Difference | None:
    """Of the hours that differ the first with events that do, else the first of the first line that differs."""
    hours = [
        (one.hour_start_at not in hours_with_events, one.line != found[0].line, one.hour_start_at, one)
        for one in found
        if one.hour_start_at
    ]
    return min(hours, key=lambda hour: hour[:3])[3] if hours else None


def differing_events(
    con: duckdb.DuckDBPyConnection, customer_id: str, window: tuple[datetime, datetime], step: int, events: Sequence[Event]
) -> tuple[EventDifference, ...]:
    """The accepted events in [start, end) that runs up to a step took in and that are not the same in files and warehouse."""
    start, end = window
    theirs = _in_warehouse(con, customer_id, start, end, step)
    # an id may be taken again after 34 days
    files = {(event.transaction_id, event.ingested_at): event for event in events if start <= event.timestamp < end and event.step <= step}
    found = [_compared(key[0], files.get(key), theirs.get(key)) for key in sorted(files.keys() | theirs.keys())]
    return tuple(one for one in found if one is not None)


Key = tuple[str, datetime]
Stored = tuple[datetime, str, str]


def _in_warehouse(con: duckdb.DuckDBPyConnection, customer_id: str, start: datetime, end: datetime, step: int) -> dict[Key, Stored]:
    rows = con.execute(
        "select transaction_id, ingested_at, occurred_at, event_type, properties from events.int_resolved_events"
        " where customer_id = ? and occurred_at >= ? and occurred_at < ? and step_id <= ?",
        [customer_id, start, end, step],
    ).fetchall()
    return {(name, ingested_at): (at, event_type, properties) for name, ingested_at, at, event_type, properties in rows}


def _compared(name: str, event: Event | None, stored: Stored | None) -> EventDifference | None:
    if event is None:
        assert stored is not None
        return EventDifference(name, "is in the warehouse, but in no event file", "", stored[0])
    what = _what_differs(event, stored)
    return EventDifference(name, what, f"{event.file}, row {event.number}", event.timestamp) if what else None


def _what_differs(event: Event, stored: Stored | None) -> str:
    if stored is None:
        return "is in the event file, but not in the warehouse"
    at, event_type, properties = stored
    if at != event.timestamp:
        return f"happened at {event.timestamp.isoformat()} by the file, at {at.isoformat()} by the warehouse"
    if event_type != event.event_type:
        return f"has event_type {event.event_type} in the file, {event_type} in the warehouse"
    if properties != event.properties and property_texts(properties) != property_texts(event.properties):
        return f"has properties {event.properties} in the file, {properties} in the warehouse"
    return ""
