"""The log of a run: one JSON object a line, from its beginning to how it ended; a log that cannot be written is said first."""

import json
import logging
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from meterhouse import cli
from meterhouse.runner import MeterhouseError, Workspace, build
from meterhouse.runner.dbt import Outcome
from meterhouse.runner.errors import GatesFailed
from meterhouse.runner.run_log import LOGGER, RunLog, logged
from meterhouse.runner.workspace import PROJECT_FOLDER
from tests.runner.shop import SECOND, SECOND_CLOCK
from tests.worlds import World, instant

CLOCK = instant(SECOND_CLOCK)
AT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
EVENTS = re.search(r"^## Logs\n(.*?)^## ", (PROJECT_FOLDER / "docs" / "operations.md").read_text(), re.DOTALL | re.MULTILINE)
# a void of an invoice that there is not: a gate finds it
NO_SUCH_INVOICE = """
    action_id,contract_id,invoice_type,period_start_at,action,acted_at,reason
    v,k1,usage,2026-01-02T00:00:00Z,void,2026-01-13T06:00:00Z,no invoice begins then
"""


def lines_of(text: str) -> list[dict[str, Any]]:
    """Return the lines of a log; every one is whole, and of an event that docs/operations.md tells of."""
    lines = [json.loads(line) for line in text.splitlines()]
    assert EVENTS
    documented = set(re.findall(r"^\| `(\w+)` \|", EVENTS[1], re.MULTILINE))
    for line in lines:
        assert list(line)[:4] == ["at", "level", "event", "run"]
        assert AT.fullmatch(line["at"]), line
        assert line["level"] in ("info", "warning", "error")
        assert line["event"] in documented
    return lines


def test_a_run_that_passes_and_one_that_fails(shop: World, tmp_path: Path) -> None:
    path = tmp_path / "run.log"
    shop.events("second.csv", SECOND)
    # one instant on the way, so that there are two steps
    result = build(shop.workspace, CLOCK, stops=[instant("2026-01-13T00:00:00Z")], log=str(path))

    passed = lines_of(path.read_text())
    assert {line["level"] for line in passed} == {"info"}
    assert len({line["run"] for line in passed}) == 1
    assert [line["at"] for line in passed] == sorted(line["at"] for line in passed)
    first, last = passed[0], passed[-1]
    assert (first["event"], first["clock"], first["pid"]) == ("run_started", SECOND_CLOCK, os.getpid())
    assert first["workspace"]["warehouse"] == str(shop.workspace.warehouse)
    steps = [(line["step"], line["steps"], line["clock"], line["new_event_files"]) for line in passed if line["event"] == "step_ended"]
    assert steps == [(1, 2, "2026-01-13T00:00:00Z", 1), (2, 2, SECOND_CLOCK, 0)]
    phases = [line["phase"] for line in passed if line["event"] == "phase_ended"]
    assert phases == ["compile", "dates", "events", "models", "models", "tests", "publish"]
    assert sum(line["seconds"] for line in passed if line["event"] == "phase_ended") <= last["seconds"]
    (slowest,) = [line["models"] for line in passed if line["event"] == "slowest_models"]
    assert [one["seconds"] for one in slowest] == sorted((one["seconds"] for one in slowest), reverse=True)
    assert (last["event"], last["state"]) == ("run_ended", "passed")
    assert Path(last["publication"]) == shop.workspace.publication.resolve().parent
    assert set(last["tables"]) == set(result.tables)
    assert last["tables"]["events"] == shop.rows("select count(*) from events")[0][0]

    shop.catalog(invoice_actions=NO_SUCH_INVOICE)
    with pytest.raises(GatesFailed) as raised:
        build(shop.workspace, CLOCK, log=str(path))

    failed = lines_of(path.read_text())[len(passed) :]
    assert {line["run"] for line in failed}.isdisjoint({first["run"]})
    gates = [line for line in failed if line["event"] == "test_failed"]
    assert {gate["name"] for gate in gates} == set(raised.value.checks)
    assert gates and all(gate["level"] == "error" and gate["name"] in str(raised.value) and gate["message"] for gate in gates)
    ended = [(line["phase"], line["state"]) for line in failed if line["event"] == "phase_ended"]
    assert ended == [*((phase, "passed") for phase in ("compile", "seed", "dates", "events", "models")), ("tests", "failed")]
    told = {name: failed[-1][name] for name in ("level", "event", "state", "error", "message")}
    assert told == {"level": "error", "event": "run_ended", "state": "failed", "error": "GatesFailed", "message": str(raised.value)}


# Runs that end before they begin


@pytest.fixture
def nowhere(tmp_path: Path) -> Workspace:
    """Return a workspace without metrics: runs on it fail at once."""
    return Workspace(tmp_path / "metrics", tmp_path / "catalog", str(tmp_path / "events"), tmp_path / "warehouse.duckdb")


@pytest.mark.parametrize("options, events", [([], []), (["--log", "-"], ["run_started", "phase_ended", "run_ended"])], ids=["off", "on"])
def test_stderr_has_the_message_and_the_log_only_if_asked(options: list[str], events: list[str], nowhere: Workspace) -> None:
    # in a process of its own: what packages do to logging when they are imported is part of it
    places = [f"--{name}={getattr(nowhere, name)}" for name in ("metrics", "warehouse")]
    command = [sys.executable, "-m", "meterhouse.cli", "build", *places, *options]
    said = subprocess.run(command, cwd=PROJECT_FOLDER, capture_output=True, text=True)

    *logged_lines, message = said.stderr.splitlines()
    assert message == f"{nowhere.metrics}: no such folder; the metrics of a workspace is a folder of files"
    assert [line["event"] for line in lines_of("\n".join(logged_lines))] == events
    assert said.stdout == "compiling metrics, checking the catalogue\n"


def test_a_program_that_configures_logging_gets_the_records(nowhere: Workspace, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "meterhouse")
    with pytest.raises(MeterhouseError, match="no such folder"):
        build(nowhere, CLOCK)
    assert [(record.name, record.levelname) for record in caplog.records] == [
        ("meterhouse.run", "INFO"), ("meterhouse.run", "INFO"), ("meterhouse.run", "ERROR"),
    ]  # fmt: skip
    assert "run_ended" in caplog.messages[-1] and "no such folder" in caplog.messages[-1]
    assert caplog.records[-1].__dict__["fields"]["error"] == "MeterhouseError"


def test_what_failed_and_what_warned(nowhere: Workspace, tmp_path: Path) -> None:
    seen: list[Outcome] = []
    outcomes = [
        Outcome("model.meterhouse.int_events", "success", 1.5, "OK"),
        Outcome("model.meterhouse.int_events", "success", 1.5, "OK"),
        Outcome("model.meterhouse.invoices", "error", 2.0, " Binder Error\nat line 3 "),
        Outcome("model.meterhouse.balances", "skipped", 0.0, None),
        Outcome("test.meterhouse.assert_sums.0a1b", "fail", 0.1, "Got 2 results"),
        Outcome("test.meterhouse.assert_fresh", "warn", 0.1, "Got 1 result"),
        Outcome("seed.meterhouse.rates", "error", 0.1, None),
    ]
    with logged(nowhere, CLOCK, str(tmp_path / "run.log")) as log:
        watch = log.watching(seen.append)
        for outcome in outcomes:
            watch(outcome)

    assert seen == outcomes
    lines = lines_of((tmp_path / "run.log").read_text())
    assert [(line["level"], line["event"], line["name"], line["message"]) for line in lines if "name" in line] == [
        ("error", "model_failed", "invoices", "Binder Error\nat line 3"),
        ("error", "test_failed", "assert_sums", "Got 2 results"),
        ("warning", "test_warned", "assert_fresh", "Got 1 result"),
        ("error", "seed_failed", "rates", ""),
    ]
    (slowest,) = [line["models"] for line in lines if line["event"] == "slowest_models"]
    assert slowest[:2] == [{"name": "int_events", "seconds": 3.0}, {"name": "invoices", "seconds": 2.0}]


def test_runs_at_once_write_their_own_lines(nowhere: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "run.log"
    with logged(nowhere, CLOCK, str(path)), logged(nowhere, CLOCK, str(path)):
        RunLog().say("step_started")
    counted = Counter(line["run"] for line in lines_of(path.read_text()))
    assert list(counted.values()) == [2, 2]
    assert not LOGGER.handlers


# Logs that cannot be written


UNWRITABLE: dict[str, tuple[Callable[[Path], Path], str]] = {
    "a folder that is not there": (lambda folder: folder / "logs" / "run.log", "No such file or directory"),
    "a folder": (lambda folder: folder, "Is a directory"),
    "a full disk": (lambda folder: Path("/dev/full"), "No space left on device"),
}


@pytest.mark.parametrize("place, reason", UNWRITABLE.values(), ids=UNWRITABLE)
@pytest.mark.parametrize("by_option", [True, False], ids=["--log", "METERHOUSE_LOG"])
def test_an_unwritable_log_is_said_before_anything_is_done(
    place: Callable[[Path], Path], reason: str, by_option: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    log, warehouse = str(place(tmp_path)), tmp_path / "warehouse.duckdb"
    monkeypatch.setenv("METERHOUSE_LOG", "" if by_option else log)
    option = ["--log", log] if by_option else []
    monkeypatch.setattr("sys.argv", ["meterhouse", "build", "--as-of", SECOND_CLOCK, "--warehouse", str(warehouse), *option])
    with pytest.raises(SystemExit) as ended:
        cli.main()

    assert ended.value.code == 1
    said = f"{log}: the log of the run cannot be written ({reason}); choose another file, or - for stderr\n"
    assert capfd.readouterr() == ("", said)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fills_up_later_does_not_stop_the_run(nowhere: Workspace, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "run.log"
    with logged(nowhere, CLOCK, str(path)) as log, Path("/dev/full").open("a") as full:
        (handler,) = LOGGER.handlers
        assert isinstance(handler, logging.StreamHandler)
        os.dup2(full.fileno(), handler.stream.fileno())
        log.say("step_started")
        log.say("step_ended")

    assert [line["event"] for line in lines_of(path.read_text())] == ["run_started"]
    said = f"{path}: the log cannot be written any more ([Errno 28] No space left on device); the run goes on\n"
    assert capfd.readouterr() == ("", said)


def test_a_line_that_was_cut_short_spoils_no_other(nowhere: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "run.log"
    path.write_text('{"at": "2026-')
    with logged(nowhere, CLOCK, str(path)):
        pass
    cut, *lines = path.read_text().splitlines()
    assert (cut, len(lines_of("\n".join(lines)))) == ('{"at": "2026-', 2)
