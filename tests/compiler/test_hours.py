"""An hour is found by arithmetic, not by the calendar: it is the UTC hour all the same."""

import duckdb
import pytest

from tests.compiler.warehouse import rendered

HOURS = {
    "inside": ("2026-03-01T10:59:59.999999Z", "2026-03-01T10:00:00Z"),
    "on the hour": ("2026-03-01T10:00:00Z", "2026-03-01T10:00:00Z"),
    "of another offset": ("2026-03-01T10:45:00+05:30", "2026-03-01T05:00:00Z"),
    "first of 1970": ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
    "last of 1969": ("1969-12-31T23:59:59.999999Z", "1969-12-31T23:00:00Z"),
    "on the hour before 1970": ("1969-12-31T22:00:00Z", "1969-12-31T22:00:00Z"),
    "end of time": ("9999-01-01T00:30:00Z", "9999-01-01T00:00:00Z"),
}


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata"])
@pytest.mark.parametrize(("instant", "hour"), HOURS.values(), ids=HOURS)
def test_the_utc_hour_of_an_instant(instant: str, hour: str, zone: str) -> None:
    with duckdb.connect() as con:
        con.execute(f"set TimeZone = '{zone}'")
        trunc_hour = rendered("{{ trunc_hour('cast($instant as timestamptz)') }}")
        assert con.execute(f"select {trunc_hour} = cast($hour as timestamptz)", {"instant": instant, "hour": hour}).fetchone() == (True,)
