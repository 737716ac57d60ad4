"""dbt in this process: what is done once, is done once, and again when it has to be."""

from pathlib import Path

import duckdb
import pytest
import yaml
from dbt.contracts.graph.manifest import Manifest

from meterhouse.runner.dbt import Dbt
from meterhouse.runner.dbt_plugin import Plugin
from meterhouse.runner.project import manifest_of
from meterhouse.runner.workspace import PROJECT_FOLDER
from tests.runner.shop import CATALOGUE, SEATS, UNITS, open_shop
from tests.worlds import World


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return the projects that are parsed from here on."""
    found: list[Path] = []
    parse = Dbt._parse

    def noted(self: Dbt) -> Manifest:
        found.append(self.folder)
        return parse(self)

    monkeypatch.setattr(Dbt, "_parse", noted)
    return found


def test_a_project_is_parsed_again_only_when_dbt_would_find_another(
    world: World, parsed: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_shop(world)
    manifest_of(world.workspace)
    parsed.clear()

    world.catalog(rates=CATALOGUE["rates"].replace(",flat,1", ",flat,2"))
    before = manifest_of(world.workspace)
    assert parsed == []

    world.metric("seats", SEATS)
    assert set(manifest_of(world.workspace)["nodes"]) > set(before["nodes"])
    assert len(parsed) == 1

    (world.folder / "metrics" / "seats.sql").unlink()
    assert set(manifest_of(world.workspace)["nodes"]) == set(before["nodes"])
    world.metric("units", UNITS.replace("'use'", "'used'"))
    manifest_of(world.workspace)
    assert len(parsed) == 3

    monkeypatch.setenv("METERHOUSE_MEMORY", "3GB")
    manifest_of(world.workspace)
    assert len(parsed) == 4


def test_the_settings_of_the_profile_are_those_of_every_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METERHOUSE_PREPARED", "yes")
    profile = yaml.safe_load((PROJECT_FOLDER / "profiles.yml").read_text())["meterhouse"]["outputs"]["duckdb"]
    (plugin,) = profile["plugins"]
    with duckdb.connect() as con:
        con.execute("set global TimeZone = 'Asia/Kolkata'")
        Plugin("plugin", {**plugin["config"], "memory_limit": "3GB"}).configure_connection(con)
        names = ("TimeZone", "preserve_insertion_order", "memory_limit")
        found = con.cursor().execute(f"select {', '.join(f'current_setting({name!r})' for name in names)}").fetchall()

    assert set(plugin["config"]) == set(names)
    assert found == [("UTC", False, "2.7 GiB")]
