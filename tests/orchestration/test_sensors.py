"""What the daemon asks for: by its schedules at their ticks, and by its sensors when files come or runs fail."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

import dagster as dg
import pytest

from tests.orchestration.conftest import run
from tests.runner.shop import FIRST_CLOCK
from tests.worlds import World, event


def requests(result: Any) -> list[tuple[str | None, str | None, str | None]]:
    """Return the partition of each request, or the first and the last of its range."""
    return [
        (
            None if "dagster/asset_partition_range_start" in one.tags else one.partition_key,
            one.tags.get("dagster/asset_partition_range_start"),
            one.tags.get("dagster/asset_partition_range_end"),
        )
        for one in result.run_requests or []
    ]


@pytest.mark.parametrize(
    ("schedule", "tick", "partition"),
    [
        ("hourly", datetime(2026, 2, 1, 10, 10, tzinfo=UTC), "2026-02-01-09:00"),
        ("hourly", datetime(2026, 2, 1, 0, 10, tzinfo=UTC), "2026-01-31-23:00"),
        ("period_close", datetime(2026, 3, 3, 1, 30, tzinfo=UTC), "2026-02-01"),
    ],
)
def test_a_schedule_asks_for_the_last_whole_part(
    schedule: str, tick: datetime, partition: str, defs: dg.Definitions, instance: dg.DagsterInstance
) -> None:
    found = defs.get_repository_def().get_schedule_def(schedule)
    with dg.build_schedule_context(instance=instance, scheduled_execution_time=tick) as context:
        asked = found.evaluate_tick(context)
    assert [one.partition_key for one in asked.run_requests or []] == [partition]


class Sensors:
    """Both sensors of event files, each with the cursor that its last look left."""

    def __init__(self, defs: dg.Definitions, instance: dg.DagsterInstance) -> None:
        self.repository, self.instance = defs.get_repository_def(), instance
        self.cursors: dict[str, str | None] = {}

    def look(self, name: str) -> Any:
        context = dg.build_sensor_context(instance=self.instance, cursor=self.cursors.get(name), repository_def=self.repository)
        found = self.repository.get_sensor_def(name).evaluate_tick(context)
        self.cursors[name] = found.cursor or self.cursors.get(name)
        return found


def test_new_files_are_asked_for_once(defs: dg.Definitions, instance: dg.DagsterInstance, shop: World) -> None:
    sensors = Sensors(defs, instance)

    (asked,) = requests(sensors.look("new_event_files"))
    again = sensors.look("new_event_files")

    assert asked[0] is not None
    assert again.skip_message == "no new event files"
    assert json.loads(str(sensors.cursors["new_event_files"])) == [f"{shop.folder}/events/first.csv"]


def test_late_events_ask_for_just_their_hours(defs: dg.Definitions, instance: dg.DagsterInstance, shop: World) -> None:
    shop.build(FIRST_CLOCK)
    sensors = Sensors(defs, instance)
    assert sensors.look("late_events").skip_message == "no new event files"
    late = ["2026-01-10T05:10:00Z", "2026-01-10T20:59:59Z", "2026-01-10T21:00:00Z", "2026-01-10T22:30:00Z", "2025-12-31T10:00:00Z"]
    shop.events("late.csv", [event(f"late{n}", at, {"units": 1}, "2026-01-12T01:00:00Z") for n, at in enumerate(late)])

    found = sensors.look("late_events")

    assert requests(found) == [
        ("2026-01-01-00:00", None, None),  # what happened before the first partition is taken in with it
        ("2026-01-10-05:00", None, None),
        (None, "2026-01-10-20:00", "2026-01-10-22:00"),
    ]
    assert requests(sensors.look("new_event_files")) == []


def test_a_missing_folder_is_told(defs: dg.Definitions, instance: dg.DagsterInstance, shop: World) -> None:
    shop.build(FIRST_CLOCK)
    sensors = Sensors(defs, instance)
    (shop.folder / "events" / "first.csv").rename(shop.folder / "first.csv")
    shop.folder.joinpath("events").rmdir()
    assert "no event files here" in sensors.look("late_events").skip_message


def test_a_failed_run_is_named_with_its_hours(
    defs: dg.Definitions, instance: dg.DagsterInstance, shop: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    shop.events("broken.csv", [])
    shop.folder.joinpath("events", "broken.csv").write_text("no,events\n1,2\n")

    result = run(defs, instance, "build_hours", "2026-01-11-23:00")

    assert not result.success
    failure = result.get_run_failure_event()
    context = dg.build_run_status_sensor_context(
        sensor_name="failed_runs", dagster_instance=instance, dagster_run=result.dagster_run, dagster_event=failure
    )
    # the daemon's logger writes to its own store only
    monkeypatch.setattr(dg.RunStatusSensorContext, "log", logging.getLogger("failed_runs"))
    sensor = defs.get_repository_def().get_sensor_def("failed_runs")
    sensor(context.for_run_failure())
    assert any("of build_hours (2026-01-11-23:00) failed" in record.message for record in caplog.records)
    (step,) = [one for one in result.all_events if one.event_type_value == "STEP_FAILURE"]
    assert "broken.csv" in str(step.event_specific_data)
