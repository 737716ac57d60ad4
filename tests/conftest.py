"""What the rooms of tests share: scratch workspaces, and how long a run of proofs may take."""

import os
from pathlib import Path

import pytest

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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of a file share what they build, so they go to one worker; scenarios share nothing, and are most of the time."""
    for item in items:
        alone = item.path.name == "test_scenarios.py"
        item.add_marker(pytest.mark.xdist_group(item.name if alone else item.path.as_posix()))
