"""`meterhouse status` tells how a workspace stands: empty, running, failed, unfinished or idle."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from meterhouse.runner import MeterhouseError
from meterhouse.runner.errors import GatesFailed
from meterhouse.runner.last_run import noted
from meterhouse.runner.workspace import Workspace
from meterhouse.status import read_status, status_rows
from tests.runner.shop import SECOND
from tests.runner.test_faults import writing_elsewhere
from tests.worlds import World

NOW = datetime(2026, 1, 12, 5, 30, tzinfo=UTC)


def test_an_empty_workspace(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, tmp_path, str(tmp_path / "events"), tmp_path / "warehouse.duckdb")
    facts = read_status(workspace, NOW)
    assert facts["state"] == "empty"
    assert (facts["published_clock"], facts["last_run"], facts["pending_event_files"]) == (None, None, None)
    assert ("last clock", "-") in status_rows(facts)
    assert not workspace.warehouse.exists()


def test_a_workspace_at_work(shop: World, subtests: pytest.Subtests) -> None:
    with subtests.test("built"):
        facts = read_status(shop.workspace, NOW)
        known = {name: facts[name] for name in ("last_clock", "published_clock", "open_hours", "lag_seconds", "unfinished_steps")}
        assert known == {
            "last_clock": "2026-01-12T00:00:00Z",
            "published_clock": "2026-01-12T00:00:00Z",
            "open_hours": 5,
            "lag_seconds": 19_800,
            "unfinished_steps": 0,
        }
        # one event of the shop names a customer whom the catalogue does not know
        assert facts["rejected_events"] == {"unknown_customer": 1}
        assert ("rejected events: unknown_customer", "1") in status_rows(facts)
        assert (facts["pending_event_files"], facts["overdue_finalizations"]) == (0, 0)
        assert facts["next_finalization_at"] > "2026-01-31T00:00:00Z"
    with subtests.test("a new file waits"):
        shop.events("second.csv", SECOND)
        assert read_status(shop.workspace, NOW)["pending_event_files"] == 1
    with subtests.test("another process writes"), writing_elsewhere(shop.workspace.warehouse):
        facts = read_status(shop.workspace, NOW)
        assert (facts["state"], facts["published_clock"], facts["last_clock"]) == ("running", "2026-01-12T00:00:00Z", None)
    with subtests.test("a run fails"):
        with pytest.raises(MeterhouseError):
            shop.build("2026-01-11T00:00:00Z")
        facts = read_status(shop.workspace, NOW)
        assert (facts["state"], facts["last_run"]["clock"]) == ("failed", "2026-01-11T00:00:00Z")
        assert "choose a clock from there on" in facts["last_run"]["error"]
        assert facts["failed_checks"] == []
    with subtests.test("gates fail"):
        with pytest.raises(GatesFailed), noted(shop.workspace, NOW):
            raise GatesFailed("two tests failed", ["never_null_events", "unique_invoices"])
        facts = read_status(shop.workspace, NOW)
        assert facts["failed_checks"] == ["never_null_events", "unique_invoices"]
        assert ("failed checks", "never_null_events, unique_invoices") in status_rows(facts)
    with subtests.test("a run passes"):
        with noted(shop.workspace, NOW):
            pass
        assert read_status(shop.workspace, NOW)["state"] == "idle"
