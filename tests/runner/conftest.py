"""Worlds that many tests begin with, built once per process and put back for each."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runner.shop import FINAL_CLOCK, FIRST_CLOCK, open_shop
from tests.worlds import World, event

Begin = Callable[[World], None]


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept")


def begin_with(name: str, begin: Begin, world: World, kept: Path) -> World:
    """Return the world as `begin` leaves it."""
    if (kept / name).exists():
        world.restore(kept / name)
    else:
        begin(world)
        world.keep(kept / name)
    return world


@pytest.fixture
def shop(world: World, kept: Path) -> World:
    """Return a shop that runs: its first events are built."""

    def begin(world: World) -> None:
        open_shop(world)
        world.build(FIRST_CLOCK)

    return begin_with("shop", begin, world, kept)


@pytest.fixture
def january(world: World, kept: Path) -> World:
    """Return a shop whose January is finalized and whose February is a draft."""

    def begin(world: World) -> None:
        open_shop(world)
        world.events("february.csv", [event("f", "2026-02-01T10:00:00Z", {"units": 2})])
        world.build(FINAL_CLOCK)

    return begin_with("january", begin, world, kept)
