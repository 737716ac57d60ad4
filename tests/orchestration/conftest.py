"""The definitions as they load over a shop, and jobs that run in this process."""

import importlib
from collections.abc import Iterator
from datetime import datetime

import dagster as dg
import pytest

from meterhouse.runner import Workspace
from tests.runner.shop import open_shop
from tests.worlds import World


def point_at(workspace: Workspace, patch: pytest.MonkeyPatch) -> None:
    """Let the environment name a workspace, as for `dagster dev`."""
    for name in ("metrics", "catalog", "events", "warehouse"):
        patch.setenv(f"METERHOUSE_{name.upper()}", str(getattr(workspace, name)))


@pytest.fixture(scope="module")
def defs(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    """Return what Dagster loads; it reads the workspace of the environment when it is imported."""
    world = World(tmp_path_factory.mktemp("definitions"))
    world.clear()
    open_shop(world)
    with pytest.MonkeyPatch.context() as patch:
        point_at(world.workspace, patch)
        found = importlib.import_module("orchestration.definitions").defs
    assert isinstance(found, dg.Definitions)
    return found


@pytest.fixture
def shop(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Return a shop that runs of the definitions build."""
    open_shop(world)
    point_at(world.workspace, monkeypatch)
    return world


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as found:
        yield found


def run(defs: dg.Definitions, instance: dg.DagsterInstance, job: str, first: str, last: str = "") -> dg.ExecuteInProcessResult:
    """Run a job for a partition, or as one run for all from the first to the last; it may fail."""
    part: dict[str, object] = {"partition_key": first}
    if last:
        part = {"tags": {"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": last}}
    return defs.resolve_job_def(job).execute_in_process(instance=instance, raise_on_error=False, **part)  # type: ignore[arg-type]


def materialized(instance: dg.DagsterInstance, *key: str) -> set[str]:
    """Return the partitions of an asset that were materialized."""
    return instance.get_materialized_partitions(dg.AssetKey(list(key)))


def hour(at: datetime) -> str:
    """Return the name of the partition of an hour."""
    return f"{at:%Y-%m-%d-%H:%M}"
