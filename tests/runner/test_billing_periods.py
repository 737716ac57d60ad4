"""The grid of billing periods by itself: a table that a person can check, and any contract against a calendar in plain Python."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meterhouse.auditor.periods import anchor_of, periods
from meterhouse.auditor.tables import Contract
from meterhouse.runner.render import Renderer
from tests.conftest import NIGHTLY

MACROS = Renderer()
FOR_EVER = datetime(9999, 1, 1, tzinfo=UTC)
QUERY = f"""
    with

    contracts as (
        select * from (values {{values}}) as contracts (
            number, billing_anchor, billing_frequency, timezone, starting_at, ending_before, listed_until
        )
    ),

    ranges as (
        select
            *,
            {MACROS.call("anchor_date", "contracts", "contracts.billing_frequency", "contracts.timezone")} as anchor_on
        from contracts
    )

    select
        number, period_start_at, period_end_at, grid_start_at, grid_end_at
    from ({MACROS.call("periods_in", "ranges")}) as listed
    order by number, period_start_at
"""

# Borders are UTC; where the contract starts or ends inside a period, that period is shorter.
CASES = """
# case                                      | periods   | anchor         | zone                | from .. to                         | borders
first of the month                          | monthly   | first_of_month | UTC                 | 2026-01-10 .. 2026-03-15           | 01-10 02-01 03-01 03-15
as the contract started                     | monthly   | contract_start | UTC                 | 2026-01-10 .. 2026-03-15           | 01-10 02-10 03-10 03-15
31st: clamped, then back on the 31st        | monthly   | 2026-01-31     | UTC                 | 2026-01-31 .. 2026-06-01           | 01-31 02-28 03-31 04-30 05-31 06-01
30th                                        | monthly   | contract_start | UTC                 | 2026-01-30 .. 2026-04-30           | 01-30 02-28 03-30 04-30
29th of a leap year                         | monthly   | 2023-12-29     | UTC                 | 2024-01-29 .. 2024-03-29           | 01-29 02-29 03-29
31st, an anchor years ahead                 | monthly   | 2030-08-31     | UTC                 | 2026-02-01 .. 2026-04-15           | 02-01 02-28 03-31 04-15
weeks have no first of the month            | weekly    | first_of_month | UTC                 | 2026-01-07 .. 2026-01-25           | 01-07 01-14 01-21 01-25
weeks from a date                           | weekly    | 2026-01-05     | UTC                 | 2026-01-07 .. 2026-01-25           | 01-07 01-12 01-19 01-25
quarters from the 30th of November          | quarterly | 2025-11-30     | UTC                 | 2026-01-01 .. 2026-09-01           | 01-01 02-28 05-30 08-30 09-01
years from the 29th of February             | annual    | 2024-02-29     | UTC                 | 2026-01-01 .. 2026-12-31           | 01-01 02-28 12-31
clocks go forward and back                  | quarterly | first_of_month | America/New_York    | 2026-01-01T05 .. 2026-12-31T05     | 01-01T05 04-01T04 07-01T04 10-01T04 12-31T05
half an hour off                            | monthly   | first_of_month | Asia/Kolkata        | 2026-01-09T18:30 .. 2026-02-28T18:30 | 01-09T18:30 01-31T18:30 02-28T18:30
45 minutes off                              | weekly    | contract_start | Asia/Kathmandu      | 2026-01-01T18:15 .. 2026-01-15T18:15 | 01-01T18:15 01-08T18:15 01-15T18:15
half an hour of daylight saving             | monthly   | first_of_month | Australia/Lord_Howe | 2026-03-31T13 .. 2026-05-31T13:30  | 03-31T13 04-30T13:30 05-31T13:30
a day that begins at one o'clock            | monthly   | 2018-11-04     | America/Sao_Paulo   | 2018-10-04T03 .. 2018-12-04T02     | 10-04T03 11-04T03 12-04T02
a start between hours and midnights         | monthly   | first_of_month | Europe/Berlin       | 2026-03-28T14 .. 2026-04-30T22     | 03-28T14 03-31T22 04-30T22
"""  # noqa: E501
ROWS = [[cell.strip() for cell in line.split("|")] for line in CASES.strip().splitlines()[1:]]

ZONES = (
    *("UTC", "America/New_York", "Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Chatham"),
    *("Pacific/Apia", "America/Havana", "Asia/Beirut", "America/Sao_Paulo", "Africa/Cairo", "America/St_Johns"),
)


Periods = list[tuple[datetime, datetime, datetime, datetime]]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_periods(row: list[str]) -> None:
    _, frequency, anchor, zone, span, expected = row
    start, end = (instant(text) for text in span.split(" .. "))

    (found,) = periods_of([(contract(frequency, anchor, start, end), zone)], until=end)

    assert [at for at, *_ in found] + [found[-1][1]] == [instant(f"{start.year}-{text}") for text in expected.split()]


@st.composite
def contracts(draw: st.DrawFn) -> tuple[Contract, str]:
    """A contract of the years around 2022 and its customer's zone."""
    any_date = st.dates(date(2010, 1, 1), date(2035, 12, 31)).map(str)
    month_end = st.builds(lambda year, day: f"{year}-{day}", st.integers(2015, 2030), st.sampled_from(("01-31", "03-30", "08-29")))
    start = datetime(2016, 1, 1, tzinfo=UTC) + timedelta(hours=draw(st.integers(0, 12 * 366 * 24)))
    hours = draw(st.none() | st.integers(1, 800 * 24))
    return contract(
        draw(st.sampled_from(("weekly", "monthly", "quarterly", "annual"))),
        draw(st.sampled_from(("first_of_month", "contract_start")) | any_date | month_end),
        start,
        None if hours is None else start + timedelta(hours=hours),
    ), draw(st.sampled_from(ZONES))


@settings(max_examples=200 if NIGHTLY else 10, deadline=None)
@given(st.lists(contracts(), min_size=20, max_size=40), st.integers(-400, 400))
def test_periods_are_those_of_a_plain_calendar(many: list[tuple[Contract, str]], days: int) -> None:
    until = max(each.starting_at for each, _ in many) + timedelta(days=days)

    assert periods_of(many, until) == [list(plain_periods(each, zone, until)) for each, zone in many]


def plain_periods(each: Contract, zone: str, until: datetime) -> Iterator[tuple[datetime, datetime, datetime, datetime]]:
    """The auditor's periods that begin by an instant."""
    anchor = anchor_of(each, each.billing_frequency, zone)
    for period in periods(anchor, each.billing_frequency, zone, each.starting_at, each.ending_before):
        if period.starting_at > until:
            return
        yield period.starting_at, period.ending_before, period.grid_starting_at, period.grid_ending_before


def contract(frequency: str, anchor: str, starting_at: datetime, ending_before: datetime | None) -> Contract:
    return Contract("k", "acme", "card", starting_at, ending_before, frequency, anchor)


def periods_of(many: list[tuple[Contract, str]], until: datetime) -> list[Periods]:
    """The macro's periods of each contract that begin by an instant; all in one query."""
    values = ", ".join(
        f"({number}, '{each.billing_anchor}', '{each.billing_frequency}', '{zone}', timestamptz '{each.starting_at}',"
        f" timestamptz '{each.ending_before or FOR_EVER}', timestamptz '{until}')"
        for number, (each, zone) in enumerate(many)
    )
    found: list[Periods] = [[] for _ in many]
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        for number, *instants in con.execute(QUERY.format(values=values)).fetchall():
            found[number].append(tuple(at.astimezone(UTC) for at in instants))
    return found


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
