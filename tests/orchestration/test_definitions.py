"""Dagster loads, and its one asset does what a run does."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import duckdb
import pytest

from orchestration.definitions import defs

SCENARIO = Path(__file__).parents[1] / "scenarios" / "split_line"


def test_definitions_hold_the_assets_the_job_and_the_schedule() -> None:
    """Names that people and alerts rely on."""
    repository = defs.get_repository_def()
    keys = {key.to_user_string() for key in repository.asset_graph.get_all_asset_keys()}
    assert keys == {"event_files", "published/marts"}
    assert "build_marts" in {job.name for job in repository.get_all_jobs()}
    assert {schedule.name: schedule.cron_schedule for schedule in repository.schedule_defs} == {"hourly": "10 * * * *"}


def test_a_run_of_the_job_publishes_the_marts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The asset builds the workspace of the environment, in this process."""
    monkeypatch.setenv("METERHOUSE_METRICS", str(SCENARIO / "metrics"))
    monkeypatch.setenv("METERHOUSE_CATALOG", str(SCENARIO / "catalog"))
    monkeypatch.setenv("METERHOUSE_EVENTS", str(SCENARIO / "events.csv"))
    monkeypatch.setenv("METERHOUSE_WAREHOUSE", str(tmp_path / "warehouse.duckdb"))
    with dg.DagsterInstance.ephemeral() as instance:
        result = defs.resolve_job_def("build_marts").execute_in_process(instance=instance)
    assert result.success
    con = duckdb.connect(str(tmp_path / "published" / "meterhouse.duckdb"), read_only=True)
    assert con.execute("select count(*) from marts.events").fetchall() == [(2,)]
    con.close()
