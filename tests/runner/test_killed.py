"""A run that is killed between two models publishes nothing, and the next one ends with the rows of an undisturbed run."""

import signal
import subprocess
import sys

import pytest

from meterhouse.runner.workspace import PROJECT_FOLDER
from tests.conftest import NIGHTLY
from tests.runner.shop import FINAL_CLOCK, SECOND, fresh_build
from tests.worlds import Marts, World, differences

# What a step leaves behind at each of these points differs: events, usage, stored invoices, a step that counts.
POINTS = ["int_events", "invoice_line_items", "publish_marts"]
MORE_POINTS = ["usage_hourly", "line_items_hourly", "invoices", "finish_step", "pass_steps"]
UNDISTURBED: list[Marts] = []


@pytest.mark.parametrize("point", POINTS + MORE_POINTS * NIGHTLY)
def test_a_killed_run_loses_nothing(point: str, shop: World) -> None:
    shop.events("second.parquet", SECOND)
    published = shop.workspace.publication.read_bytes()

    died = subprocess.run(
        [sys.executable, "-m", "tests.runner.killed", str(shop.folder), FINAL_CLOCK, point],
        cwd=PROJECT_FOLDER, capture_output=True, text=True,
    )  # fmt: skip
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert shop.workspace.publication.read_bytes() == published

    shop.build(FINAL_CLOCK)
    found = shop.marts()
    if not UNDISTURBED:
        UNDISTURBED.append(fresh_build(shop, FINAL_CLOCK))
    assert differences(UNDISTURBED[0], found) == []
