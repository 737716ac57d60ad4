"""What the rooms of tests share: scratch workspaces, and how long a run of proofs may take."""

import os
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

from tests.worlds import World

NIGHTLY = os.environ.get("METERHOUSE_PROFILE") == "nightly"


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return this process's scratch folder; one place for all warehouses, so that dbt parses the project once."""
    return tmp_path_factory.mktemp("desk")


@pytest.fixture
def world(desk: Path) -> World:
    """Return an empty workspace with an empty warehouse."""
    fresh = World(desk)
    fresh.clear()
    return fresh


class ByFile(LoadFileScheduling):  # type: ignore[misc]
    """Tests of a file share what they build, so they go to one worker; scenarios share nothing, and are most of the time."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return nodeid if file.endswith("test_scenarios.py") else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling:
    return ByFile(config, log)
