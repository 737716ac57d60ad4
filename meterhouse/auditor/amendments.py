"""Events that replace others: each names an earlier event of its customer, and of all versions of one event the last counts."""

from collections.abc import Iterable
from datetime import datetime

from meterhouse.auditor.events import Event, property_texts

Key = tuple[datetime, str]  # the order of acceptance, which is also what sets two events apart


def key_of(event: Event) -> Key:
    return event.ingested_at, event.transaction_id


def replaced_events(events: Iterable[Event]) -> set[Key]:
    """Of one customer's events, in the order in which they were accepted, those that a later one replaces."""
    families = [[key_of(event) for event in family] for family in _versions(events)]
    return {key for keys in families for key in keys if key != max(keys)}


def changes(events: Iterable[Event]) -> list[tuple[int, datetime]]:
    """The runs in which usage changed, and where: a run that takes in a version of an event changes where all versions lie."""
    return [
        (changing.step, event.timestamp)
        for family in _versions(events)
        for changing in family
        for event in family
        if event.step <= changing.step
    ]


def _versions(events: Iterable[Event]) -> list[list[Event]]:
    """Each event with all that name it or each other."""
    first_of: dict[Key, Key] = {}
    versions: dict[Key, list[Event]] = {}
    by_id: dict[str, list[Key]] = {}
    for event in events:
        own = key_of(event)
        earlier = [key for key in by_id.get(_named(event) or "", []) if key < own]
        first_of[own] = first_of[max(earlier)] if earlier else own
        versions.setdefault(first_of[own], []).append(event)
        by_id.setdefault(event.transaction_id, []).append(own)
    return list(versions.values())


def _named(event: Event) -> str | None:
    return property_texts(event.properties).get("replaces") if '"replaces"' in event.properties else None
