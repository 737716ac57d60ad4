"""`meterhouse preview`: how it prints, and what it says to instants that are none."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from meterhouse.cli import main

RANGE = ("--from", "2026-01-01T00:00:00Z", "--to", "2026-01-02T00:00:00+01:00")


@pytest.fixture
def warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Point the command at two events, one that is replaced, and a metric; of a warehouse it needs no more than this."""
    (tmp_path / "metrics").mkdir()
    (tmp_path / "metrics" / "units.sql").write_text("select sum(properties.units) as value from events")
    monkeypatch.setenv("METERHOUSE_METRICS", str(tmp_path / "metrics"))
    monkeypatch.setenv("METERHOUSE_WAREHOUSE", str(tmp_path / "warehouse.duckdb"))
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as con:
        con.execute("set TimeZone = 'UTC'")
        con.execute("create schema catalogue")
        con.execute("create table catalogue.customers as select 'acme' as customer_id, 'Acme' as name")
        con.execute("create table catalogue.customer_aliases (customer_id varchar, alias varchar)")
        con.execute("create schema events")
        con.execute(
            "create table events.int_events as select 'e' || hour as transaction_id, 'acme' as customer_id, 1 as source_file_id,"
            " row_number() over (order by hour) as source_row, 1 as step_id,"
            " 'use' as event_type, '{\"units\": 0.10}' as properties, hour as occurred_at, hour as ingested_at,"
            " hour as hour_start_at from range(timestamptz '2026-01-01 10:00:00Z', timestamptz '2026-01-01 12:00:00Z',"
            " interval '1 hour') as hours (hour)"
        )
        # a replaced event counts for nothing
        con.execute(
            "insert into events.int_events select * replace ('old' as transaction_id, 9 as source_row) from events.int_events limit 1"
        )
        con.execute(
            "create table events.int_event_versions as select source_file_id, source_row, 'new' as replaced_by,"
            " 1 as amended_in_step_id from events.int_events where transaction_id = 'old'"
        )
    yield


def run(*arguments: str) -> None:
    """Run the command line as a shell would, but for the exit."""
    sys.argv = ["meterhouse", *arguments]
    with pytest.raises(SystemExit):
        main()


@pytest.mark.usefixtures("warehouse")
def test_rows_are_printed_in_each_format(capsys: pytest.CaptureFixture[str]) -> None:
    run("preview", "units", "--customer", "acme", *RANGE, "--format", "csv")
    assert capsys.readouterr().out == (
        "hour_start_at,group_values,quantity,cumulative_quantity\n2026-01-01T10:00:00Z,{},0.1,0.1\n2026-01-01T11:00:00Z,{},0.1,0.2\n"
    )
    run("preview", "units", "--customer", "acme", *RANGE, "--format", "json")
    assert json.loads(capsys.readouterr().out)[1] == {
        "hour_start_at": "2026-01-01T11:00:00Z",
        "group_values": "{}",
        "quantity": "0.1",
        "cumulative_quantity": "0.2",
    }
    run("preview", "units", "--customer", "acme", *RANGE)
    table = capsys.readouterr().out.splitlines()
    assert table[0].split() == ["hour_start_at", "group_values", "quantity", "cumulative_quantity"]
    assert table[-1] == "2 rows"


WRONG_INSTANTS = {
    "no zone": ("2026-01-01T00:00:00", "--from 2026-01-01T00:00:00: has no time zone; write 2026-01-01T00:00:00Z for UTC\n"),
    "a date": ("2026-01-01", "--from 2026-01-01: has no time zone; write 2026-01-01T00:00:00Z for UTC\n"),
    "no instant": ("yesterday", "--from yesterday: is no instant; write it like 2026-02-01T00:00:00Z\n"),
}


@pytest.mark.usefixtures("warehouse")
@pytest.mark.parametrize("text, message", WRONG_INSTANTS.values(), ids=WRONG_INSTANTS)
def test_an_instant_needs_its_zone(text: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    run("preview", "units", "--customer", "acme", "--from", text, "--to", "2026-01-02T00:00:00Z")

    assert capsys.readouterr() == ("", message)
