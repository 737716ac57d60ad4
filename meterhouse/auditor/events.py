"""
Which events count: the rules of acceptance, one row after the other in the order of arrival.

A run takes in what arrived before its clock. So a row belongs to the first run that knew its file and whose clock lies
after its arrival; what an invoice holds is what the runs up to its own took in.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from meterhouse.auditor.exact_json import plain_text, read_json
from meterhouse.auditor.query_expressions import UsageEvent

RFC_3339 = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?([Zz]|[+-]\d{2}:?\d{2})", re.ASCII)
AN_ID_STAYS_TAKEN = timedelta(days=34)
TOO_OLD = timedelta(days=34)
IN_FUTURE = timedelta(hours=24)
LONGEST_ID = 128
LONGEST_FLOAT = 15


@dataclass(frozen=True, slots=True)
class EventRow:
    """A row of an event file as it came, every value as text; `known_at_step` is the first run that knew the file."""

    transaction_id: str | None
    customer_id: str | None
    event_type: str | None
    timestamp: str | None
    properties: str | None
    ingested_at: str | None
    file: str
    number: int
    known_at_step: int


@dataclass(frozen=True, slots=True)
class Event:
    """An accepted event; `customer_id` is resolved, `step` is the run that took it in."""

    transaction_id: str
    customer_id: str
    event_type: str
    timestamp: datetime
    ingested_at: datetime
    properties: str
    file: str
    number: int
    step: int

    def usage(self) -> UsageEvent:
        return UsageEvent(self.transaction_id, self.event_type, self.timestamp, property_texts(self.properties))


def accepted_events(rows: Iterable[EventRow], customers: Mapping[str, str], steps: Sequence[tuple[int, datetime]]) -> list[Event]:
    """
    The events that count, in the order in which they were accepted.

    `customers` gives the customer of each id and alias; `steps` are the runs with their clocks, in order.
    """
    arrived: list[tuple[Any, ...]] = []
    for row in rows:
        event = _acceptable(row, customers, steps)
        if event is not None:
            order = (event.step, event.ingested_at, event.transaction_id, event.timestamp, row.customer_id, event.event_type)
            arrived.append((*order, event.properties, event.file, event.number, event))
    taken: dict[str, list[datetime]] = {}
    accepted = []
    for *_, event in sorted(arrived, key=lambda place: place[:-1]):
        earlier = taken.setdefault(event.transaction_id, [])
        if all(abs(event.ingested_at - at) >= AN_ID_STAYS_TAKEN for at in earlier):
            earlier.append(event.ingested_at)
            accepted.append(event)
    return accepted


def _acceptable(row: EventRow, customers: Mapping[str, str], steps: Sequence[tuple[int, datetime]]) -> Event | None:
    """The row as an event, unless it breaks a rule itself, is of nobody, or came after the last run."""
    if not row.transaction_id or len(row.transaction_id) > LONGEST_ID or not row.customer_id or not row.event_type:
        return None
    timestamp, sent_at = read_instant(row.timestamp), read_instant(row.ingested_at)
    if timestamp is None or (row.ingested_at is not None and sent_at is None):
        return None
    ingested_at = sent_at or timestamp
    if timestamp > ingested_at + IN_FUTURE or timestamp < ingested_at - TOO_OLD:
        return None
    properties = "{}" if row.properties is None else row.properties
    if not _is_object(properties) or row.customer_id not in customers:
        return None
    step = next((step for step, clock in steps if step >= row.known_at_step and clock > ingested_at), None)
    if step is None:
        return None
    customer = customers[row.customer_id]
    return Event(row.transaction_id, customer, row.event_type, timestamp, ingested_at, properties, row.file, row.number, step)


def read_instant(text: str | None) -> datetime | None:
    """An RFC 3339 text as an instant in UTC; None where it is none."""
    if text is None or not RFC_3339.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def property_texts(text: str) -> dict[str, str | None]:
    """
    The properties of an event, each as text.

    Numbers keep every digit. Short ones are written as JSON writers do, 2.50 as 2.5, for that is how they come out of
    most readers; only where a number is used as text does it matter.
    """
    return {name: plain_text(value) for name, value in read_json(text, _shortest).items()}


def _shortest(number: str) -> str:
    if len(number) > LONGEST_FLOAT or not {*number} & {*".eE"}:
        return "0" if number == "-0" else number
    mantissa, _, exponent = number.lower().lstrip("-").partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits, point = whole + fraction, len(whole) + int(exponent or 0)
    if not 0 <= point <= LONGEST_FLOAT:
        return number
    whole, fraction = digits[:point].ljust(point, "0").lstrip("0") or "0", digits[point:].rstrip("0") or "0"
    return f"{'-' if number[0] == '-' else ''}{whole}.{fraction}"


def _is_object(text: str) -> bool:
    try:
        return isinstance(read_json(text), dict)
    except ValueError:
        return False
