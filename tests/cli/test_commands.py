"""What a person types and reads: help, rows, and one readable message when something is wrong."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from meterhouse import cli
from meterhouse.runner.workspace import PROJECT_FOLDER

COMMANDS = ("build", "compile", "explain", "preview", "show", "explain-line", "status", "verify", "backtest", "publish", "scenario", "demo")
LONG = "123456789012345678.123456789012"


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


Meterhouse = Callable[..., Said]


@pytest.fixture
def meterhouse(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Meterhouse:
    """Return a function that runs the command line as if it were typed."""
    monkeypatch.setenv("COLUMNS", "200")
    for name in ("METRICS", "CATALOG", "EVENTS", "WAREHOUSE", "LOG", "DEBUG"):
        monkeypatch.delenv(f"METERHOUSE_{name}", raising=False)

    def run(*arguments: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["meterhouse", *map(str, arguments)])
        code = 0
        try:
            cli.main()
        except SystemExit as end:
            code = int(end.code or 0)
        captured = capsys.readouterr()
        return Said(code, captured.out, captured.err)

    return run


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """Return a warehouse with a publication of two small marts."""
    (tmp_path / "published").mkdir()
    with duckdb.connect(str(tmp_path / "published" / "meterhouse.duckdb")) as con:
        con.execute("set TimeZone = 'UTC'")
        con.execute("create schema marts")
        con.execute(
            "create table marts.invoices (invoice_id varchar, status varchar, total decimal(38, 24), tier integer,"
            " issued_at timestamptz, due_on date, is_late boolean)"
        )
        con.execute(
            "insert into marts.invoices values"
            " ('k/1', 'draft', 0.000000000000000000000001, 1, '2026-01-01 00:00:00+00', '2026-01-31', true),"
            " ('k, \"2\"', 'finalized', -12345678901234.5, null, null, null, false),"
            " ('[red]', 'finalized', 100, null, null, null, null)"
        )
        con.execute(f"create table marts.usage_hourly as select {LONG}::decimal(38, 12) as quantity")
    return tmp_path / "warehouse.duckdb"


def assert_one_message(said: Said, message: str) -> None:
    assert said.code == 1, said
    assert said.out == ""
    assert message in said.err
    assert "Traceback" not in said.err


# Help


def test_help_names_every_command(meterhouse: Meterhouse) -> None:
    said = meterhouse("--help")
    assert said.code == 0
    assert [name for name in COMMANDS if name not in said.out] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_shows_an_example(command: str, meterhouse: Meterhouse) -> None:
    said = meterhouse(command, "--help")
    assert said.code == 0
    assert f"Example: meterhouse {command}" in said.out


def test_no_command_is_without_a_test_here() -> None:
    assert {command.name or command.callback.__name__ for command in cli.app.registered_commands if command.callback} == {*COMMANDS}


# Rows


def test_show_as_csv_keeps_every_digit(warehouse: Path, meterhouse: Meterhouse) -> None:
    said = meterhouse("show", "invoices", "--format", "csv", "--warehouse", warehouse)
    rows = list(csv.DictReader(io.StringIO(said.out)))
    assert {row["invoice_id"]: row["total"] for row in rows} == {
        "k/1": "0.000000000000000000000001",
        'k, "2"': "-12345678901234.5",
        "[red]": "100",
    }
    first = next(row for row in rows if row["invoice_id"] == "k/1")
    assert (first["issued_at"], first["due_on"], first["tier"]) == ("2026-01-01T00:00:00Z", "2026-01-31", "1")
    assert (said.code, said.err) == (0, "")


def test_show_as_json_keeps_every_digit(warehouse: Path, meterhouse: Meterhouse) -> None:
    rows = json.loads(meterhouse("show", "invoices", "--format", "json", "--warehouse", warehouse).out)
    assert {row["invoice_id"]: row["total"] for row in rows}["k/1"] == "0.000000000000000000000001"
    assert [row["is_late"] for row in rows if row["invoice_id"] != "[red]"] == [False, True]
    assert next(row for row in rows if row["invoice_id"] == "[red]")["issued_at"] is None
    assert json.loads(meterhouse("show", "usage_hourly", "--format", "json", "--warehouse", warehouse).out) == [{"quantity": LONG}]


def test_show_as_table_keeps_every_digit(warehouse: Path, meterhouse: Meterhouse) -> None:
    said = meterhouse("show", "usage_hourly", "--warehouse", warehouse)
    assert LONG in said.out
    assert "1 rows" in said.out


def test_show_as_table_takes_text_as_it_is(warehouse: Path, meterhouse: Meterhouse) -> None:
    assert "[red]" in meterhouse("show", "invoices", "--warehouse", warehouse).out


def test_show_limits_filters_and_cuts(warehouse: Path, meterhouse: Meterhouse) -> None:
    said = meterhouse("show", "invoices", "--limit", 1, "--warehouse", warehouse)
    assert "1 of 3 rows; --limit 0 shows all" in said.out
    said = meterhouse("show", "invoices", "--where", "total < 0", "--columns", "status, total", "--format", "csv", "--warehouse", warehouse)
    assert said.out == "status,total\nfinalized,-12345678901234.5\n"


SHOW_MISTAKES = {
    "unknown mart": (["invoces"], "there is no mart invoces; there are invoices, usage_hourly"),
    "unknown column in where": (["invoices", "--where", "totl > 1"], 'invoices: Binder Error: Referenced column "totl" not found'),
    "unknown column": (["invoices", "--columns", "totl"], 'invoices: Binder Error: Referenced column "totl" not found'),
    "no SQL": (["invoices", "--where", "total >"], "invoices: Parser Error"),
    "a second statement": (["invoices", "--where", "true); drop table marts.invoices; select (1"], "invoices: "),
}


@pytest.mark.parametrize("arguments, message", SHOW_MISTAKES.values(), ids=SHOW_MISTAKES)
def test_show_says_what_is_wrong(arguments: list[str], message: str, warehouse: Path, meterhouse: Meterhouse) -> None:
    said = meterhouse("show", *arguments, "--warehouse", warehouse)
    assert_one_message(said, message)
    assert len(said.err.splitlines()) == 1


def test_show_before_anything_is_published(tmp_path: Path, meterhouse: Meterhouse) -> None:
    said = meterhouse("show", "invoices", "--warehouse", tmp_path / "warehouse.duckdb")
    assert_one_message(said, "meterhouse.duckdb: nothing is published yet; run `meterhouse build` or `meterhouse demo` first")


# Mistakes


BUILD_MISTAKES = {
    "a clock that is none": (["--as-of", "yesterday"], "--as-of yesterday: is no instant; write it like 2026-02-01T00:00:00Z"),
    "a clock without zone": (["--as-of", "2026-02-01T00:00:00"], "has no time zone; write 2026-02-01T00:00:00Z for UTC"),
    "a date": (["--as-of", "2026-02-01"], "has no time zone; write 2026-02-01T00:00:00Z for UTC"),
    "no metrics": (["--metrics", "nowhere"], "nowhere: no such folder; the metrics of a workspace is a folder of files"),
    "no catalogue": (["--catalog", "nowhere"], "nowhere: no such folder; the catalogue of a workspace is a folder of files"),
}


@pytest.mark.parametrize("arguments, message", BUILD_MISTAKES.values(), ids=BUILD_MISTAKES)
def test_build_says_what_is_wrong(arguments: list[str], message: str, tmp_path: Path, meterhouse: Meterhouse) -> None:
    said = meterhouse(
        "build", "--metrics", PROJECT_FOLDER / "metrics", "--catalog", PROJECT_FOLDER / "seeds",
        "--warehouse", tmp_path / "warehouse.duckdb", *arguments,
    )  # fmt: skip
    assert said.code == 1
    assert message in said.err
    assert "Traceback" not in said.err
    assert not (tmp_path / "warehouse.duckdb").exists()


def test_a_metric_with_mistakes_names_each_place(tmp_path: Path, meterhouse: Meterhouse) -> None:
    (tmp_path / "one.sql").write_text("select sum(properties.units) as value from events limit 1")
    (tmp_path / "two.sql").write_text("select summ(properties.units) as value from events")
    said = meterhouse("compile", "--check", "--metrics", tmp_path)
    assert_one_message(said, "one.sql:1:")
    assert "two.sql:1:8" in said.err


def test_debug_shows_the_traceback() -> None:
    command = [sys.executable, "-m", "meterhouse.cli", "--debug", "show", "invoices", "--warehouse", "nowhere/x.duckdb"]
    said = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT_FOLDER)
    assert said.returncode == 1
    assert "Traceback (most recent call last)" in said.stderr
    assert "nothing is published yet" in said.stderr


def test_usage_mistakes_are_explained(meterhouse: Meterhouse) -> None:
    said = meterhouse("show")
    assert said.code == 2
    assert "Missing argument" in said.err
    assert "Traceback" not in said.err


# Metrics


def test_explain(meterhouse: Meterhouse) -> None:
    said = meterhouse("explain", "output_tokens", "--metrics", PROJECT_FOLDER / "metrics")
    assert said.code == 0
    parts = ("additive", "because", "properties.output_tokens", "model, region", "{{ ref('int_usage_events') }}")
    assert [part for part in parts if part not in said.out] == []


def test_explain_an_unknown_metric(meterhouse: Meterhouse) -> None:
    said = meterhouse("explain", "output_token", "--metrics", PROJECT_FOLDER / "metrics")
    assert_one_message(said, "there is no metric output_token; did you mean output_tokens?")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, meterhouse: Meterhouse) -> Path:
    """Return an empty project into which the example's metrics are compiled."""
    monkeypatch.setattr(cli, "PROJECT_FOLDER", tmp_path)
    said = meterhouse("compile", "--metrics", PROJECT_FOLDER / "metrics")
    assert said.code == 0, said
    return tmp_path


STALE = {
    "an edited model": ("models/metrics/int_images__hourly.sql", lambda path: path.write_text(path.read_text() + "\n")),
    "an edited macro": ("macros/compiled/metric_properties.sql", lambda path: path.write_text("")),
    "a model too many": ("models/metrics/int_gone__hourly.sql", lambda path: path.write_text("select 1")),
    "a missing model": ("models/metrics/int_event_matches.sql", lambda path: path.unlink()),
    "an edited seed description": ("seeds/_catalogue.yml", lambda path: path.write_text("")),
}


@pytest.mark.parametrize("name, spoil", STALE.values(), ids=STALE)
def test_compile_check_finds(name: str, spoil: Callable[[Path], object], project: Path, meterhouse: Meterhouse) -> None:
    arguments = ("compile", "--metrics", PROJECT_FOLDER / "metrics")
    assert "every compiled file is up to date" in meterhouse(*arguments, "--check").out
    spoil(project / name)

    said = meterhouse(*arguments, "--check")
    assert_one_message(said, "out of date, run `meterhouse compile`:")
    assert said.err.split()[-1:] == [name]

    assert "1 files changed" in meterhouse(*arguments).out
    assert meterhouse(*arguments, "--check").code == 0


# Scenarios


def test_scenario_shows_rows_that_differ_and_fails(tmp_path: Path, meterhouse: Meterhouse) -> None:
    (tmp_path / "scenario.yml").write_text("description: nothing\nas_of: 2026-01-01T00:00:00Z\n")
    (tmp_path / "expected").mkdir()
    (tmp_path / "expected" / "invoices.csv").write_text("invoice_id,total\nk/1,2.50\n")

    said = meterhouse("scenario", tmp_path)

    assert said.code == 1
    assert "differs" in said.out
    assert "missing" in said.out and "k/1" in said.out and "2.5" in said.out
    assert "Traceback" not in said.err


def test_scenario_of_no_scenario(tmp_path: Path, meterhouse: Meterhouse) -> None:
    assert_one_message(meterhouse("scenario", tmp_path), "is no scenario: it has no scenario.yml")
