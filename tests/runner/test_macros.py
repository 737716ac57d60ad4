"""Macros by themselves, where a whole run would say less."""

from datetime import UTC, date, datetime

import duckdb
import pytest

from meterhouse.runner.render import Renderer

MIDNIGHTS = {
    ("2026-01-31", "UTC"): "2026-01-31T00:00Z",
    ("2026-01-31", "Asia/Kathmandu"): "2026-01-30T18:15Z",
    ("2026-03-29", "Europe/Berlin"): "2026-03-28T23:00Z",
    ("2026-10-26", "Europe/Berlin"): "2026-10-25T23:00Z",
    ("2017-10-15", "America/Sao_Paulo"): "2017-10-15T03:00Z",  # the clock goes from 24:00 to 1:00
    ("2019-10-27", "Asia/Beirut"): "2019-10-26T22:00Z",  # from 24:00 back to 23:00: the day before has 25 hours
    ("2024-11-03", "America/Havana"): "2024-11-03T04:00Z",  # from 1:00 back to 0:00: it strikes twice, the day begins with the first
    ("2024-10-27", "Atlantic/Azores"): "2024-10-27T00:00Z",
}


@pytest.mark.parametrize(("day", "zone", "expected"), [(*place, at) for place, at in MIDNIGHTS.items()])
def test_a_date_begins_at_the_first_local_midnight(day: str, zone: str, expected: str) -> None:
    at = value("local_midnight", f"date '{day}'", f"'{zone}'")

    assert at == datetime.fromisoformat(expected)
    assert value("local_date", f"timestamptz '{expected}'", f"'{zone}'") == date.fromisoformat(day)


OBJECTS = {
    "{}": "{}",
    '{"b": "1.50", "a" : null}': '{"a":null,"b":"1.50"}',
    '{"account": 12345678901234567890, "on": true}': '{"account":"12345678901234567890","on":"true"}',
    '{"a/b": "~", "~": "it\'\'s \\"x\\""}': '{"a/b":"~","~":"it\'s \\"x\\""}',
}


@pytest.mark.parametrize(("text", "expected"), OBJECTS.items())
def test_a_json_object_in_canonical_form_keeps_every_digit(text: str, expected: str) -> None:
    assert value("canonical_json_object", f"'{text}'") == expected


def value(macro: str, *arguments: str) -> object:
    """What a macro gives on DuckDB; instants in UTC."""
    with duckdb.connect() as connection:
        (found,) = connection.sql(f"select {Renderer().call(macro, *arguments)}").fetchall()
    return found[0].astimezone(UTC) if isinstance(found[0], datetime) else found[0]
