"""Partitions driven through Dagster, in this process: hours one by one and in ranges, late events, a month, a backfill."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from meterhouse.runner.lock import one_run_at_a_time
from meterhouse.runner.workspace import PROJECT_FOLDER
from tests.conftest import NIGHTLY
from tests.orchestration.conftest import hour, materialized, run
from tests.runner.shop import CATALOGUE, SEATS, fresh_build
from tests.worlds import World, differences, event

START = datetime(2026, 1, 30, tzinfo=UTC)
HOURS = [START + timedelta(hours=number) for number in range(48)]
# by day a few hours one by one, and what lies between them as one run each; by night every hour by itself
ONE_BY_ONE = range(48) if NIGHTLY else (0, 5)
LATE = (5, 20)


def used(number: int, name: str, arrived: datetime) -> tuple[str, ...]:
    at = HOURS[number] + timedelta(minutes=7)
    return event(name, f"{at:%Y-%m-%dT%H:%M:%SZ}", {"units": number % 7, "user": f"u{number % 3}"}, f"{arrived:%Y-%m-%dT%H:%M:%SZ}")


def test_48_hours_late_events_and_a_month_are_one_clean_build(defs: dg.Definitions, instance: dg.DagsterInstance, shop: World) -> None:
    (shop.folder / "events" / "first.csv").unlink()
    shop.metric("seats", SEATS)
    shop.catalog(
        products=f"{CATALOGUE['products']}\nseats,Seats,usage,seats",
        rates=f"{CATALOGUE['rates']}\nr2,card,seats,2026-01-01T00:00:00Z,flat,1",
    )
    for number, at in enumerate(HOURS):
        shop.events(f"{at:%d-%H}.csv", [used(number, f"e{number}", at + timedelta(minutes=8))])

    place = 0
    while place < len(HOURS):
        last = place if place in ONE_BY_ONE else max(n for n in range(place, 48) if not any(place < one <= n for one in ONE_BY_ONE))
        result = run(defs, instance, "build_hours", hour(HOURS[place]), "" if last == place else hour(HOURS[last]))
        assert result.success, hour(HOURS[place])
        place = last + 1
    assert materialized(instance, "usage", "usage_hourly") == {hour(at) for at in HOURS}

    # late events of two hours; the clock does not go back, each run takes in what has come and rebuilds those hours
    shop.events("late.csv", [used(number, f"late{number}", HOURS[-1] + timedelta(minutes=30 + number)) for number in LATE])
    for number in LATE:
        assert run(defs, instance, "build_hours", hour(HOURS[number])).success
    assert shop.rows("select sum(quantity) from usage_hourly where product_id = 'widgets'")[0][0] == sum(n % 7 for n in (*range(48), *LATE))

    assert run(defs, instance, "close_periods", "2026-01-01").success
    assert materialized(instance, "invoicing", "invoices") == {"2026-01-01"}
    assert shop.rows("select status from invoices where period_start_at = '2026-01-01'") == [("finalized",)]
    through_dagster = shop.marts()

    assert not differences(fresh_build(shop, "2026-02-03T00:00:00Z"), through_dagster)


def test_a_backfill_is_one_run_with_the_checks_of_its_assets(defs: dg.Definitions, instance: dg.DagsterInstance, shop: World) -> None:
    result = run(defs, instance, "build_hours", "2026-01-10-10:00", "2026-01-11-10:00")

    assert result.success
    assert len(materialized(instance, "events", "int_events")) == 25
    checks = result.get_asset_check_evaluations()
    assert len(checks) > 30
    assert all(check.passed for check in checks)
    assert {check.asset_check_key.name for check in checks} >= {"assert_every_row_is_accepted_or_rejected"}
    published = instance.get_latest_materialization_event(dg.AssetKey(["published", "marts"]))
    assert published is not None
    assert shop.rows("select count(*) from events") == [(2,)]


def test_a_failed_gate_fails_its_check_and_publishes_nothing(defs: dg.Definitions, instance: dg.DagsterInstance, shop: World) -> None:
    assert run(defs, instance, "build_hours", "2026-01-10-10:00").success
    before = shop.workspace.publication.resolve()
    actions = "action_id,contract_id,invoice_type,period_start_at,action,acted_at,reason"
    shop.catalog(invoice_actions=f"{actions}\nv,k1,usage,2026-01-02T00:00:00Z,void,2026-02-02T06:00:00Z,no invoice begins then")

    result = run(defs, instance, "close_periods", "2026-01-01")

    assert not result.success
    failed = {check.asset_check_key.name for check in result.get_asset_check_evaluations() if not check.passed}
    (step,) = [one for one in result.all_events if one.event_type_value == "STEP_FAILURE"]
    assert failed
    assert all(name in str(step.event_specific_data) for name in failed)
    assert shop.workspace.publication.resolve() == before


def test_a_run_outside_dagster_is_waited_for(
    defs: dg.Definitions, instance: dg.DagsterInstance, shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestration.assets.ATTEMPTS", 2)
    monkeypatch.setattr("orchestration.assets.PAUSE_SECONDS", 0)
    with one_run_at_a_time(shop.workspace):
        waited = run(defs, instance, "build_hours", "2026-01-10-10:00")

    assert [one.event_type_value for one in waited.all_events].count("STEP_UP_FOR_RETRY") == 2
    assert not waited.success
    (step,) = [one for one in waited.all_events if one.event_type_value == "STEP_FAILURE"]
    assert "another run is at work on this warehouse" in str(step.event_specific_data)


def test_runs_are_logged_where_the_environment_says(
    defs: dg.Definitions, instance: dg.DagsterInstance, shop: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(shop.folder / "metrics")
    monkeypatch.setenv("METERHOUSE_LOG", str(tmp_path / "run.log"))
    run(defs, instance, "build_hours", "2026-01-10-10:00")
    first, *_, last = map(json.loads, (tmp_path / "run.log").read_text().splitlines())
    assert (first["event"], first["clock"]) == ("run_started", "2026-01-10T11:00:00Z")
    assert (last["event"], last["run"], last["state"]) == ("run_ended", first["run"], "failed")

    monkeypatch.setenv("METERHOUSE_LOG", str(tmp_path))
    failed = run(defs, instance, "build_hours", "2026-01-10-10:00")
    (step,) = [one for one in failed.all_events if one.event_type_value == "STEP_FAILURE"]
    assert "the log of the run cannot be written (Is a directory)" in str(step.event_specific_data)


def test_the_instance_runs_one_at_a_time_and_tells_nobody(tmp_path: Path) -> None:
    shutil.copy(PROJECT_FOLDER / "orchestration" / "dagster.yaml", tmp_path)
    with dg.DagsterInstance.from_config(str(tmp_path)) as found:
        limits = found.get_concurrency_config()
        assert limits.run_queue_config is not None
        assert (limits.run_queue_config.max_concurrent_runs, limits.pool_config.default_pool_limit) == (1, 1)
        assert not found.telemetry_enabled
