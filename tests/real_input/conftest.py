"""Where the real data is, and a build of it."""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from meterhouse.duckdb_file import publish_to_duckdb
from meterhouse.runner import Workspace, build
from tests.worlds import World

REPOSITORY = Path(__file__).resolve().parents[2]
DEFAULT_FOLDER = REPOSITORY.parent / "shared" / "data"


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Return the folder of the real data; its README says what each file is and where it comes from."""
    folder = Path(os.environ.get("METERHOUSE_REAL_DATA", DEFAULT_FOLDER))
    if not (folder / "checksums.json").exists():
        pytest.skip(f"no real data in {folder}: set METERHOUSE_REAL_DATA to the folder that holds checksums.json")
    return folder


Build = Callable[..., Path]


@pytest.fixture(scope="session")
def built(desk: Path) -> Build:
    """Return a function that builds a workspace folder at each clock and gives the published marts."""
    last: list[Path] = []

    def run(folder: Path, *clocks: datetime) -> Path:
        # at the desk, where dbt knows the project and the views stand; a folder that is built further is the one of before
        world = World(desk)
        if last != [folder]:
            world.clear()
            last[:] = [folder]
        workspace = Workspace(
            metrics=folder / "metrics",
            catalog=folder / "catalog",
            events=str(folder / "events"),
            warehouse=world.workspace.warehouse,
        )
        for clock in clocks:
            build(workspace, as_of=clock)
        marts = folder / "meterhouse.duckdb"
        publish_to_duckdb(workspace, str(marts))
        return marts

    return run


def rows(marts: Path, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of `query` over the published marts; instants in UTC, decimals as stored."""
    with duckdb.connect(marts, read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        return connection.execute(query).fetchall()
