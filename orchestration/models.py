"""The dbt models as assets, and their tests as asset checks: what dbt's manifest says, in Dagster's words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator

Node = Mapping[str, Any]
Manifest = Mapping[str, Any]
# events and what is counted of them, hour by hour; the other rooms rate, draw and invoice whole periods
ROOMS_OF_HOURS = ("staging", "events", "metrics", "usage")


class _Translator(DagsterDbtTranslator):
    """A model is `room/model`, a table of the catalogue `catalogue/table`, what the runner lays down `raw/...` or `control/...`."""

    def get_asset_key(self, dbt_resource_props: Node) -> dg.AssetKey:
        if dbt_resource_props["resource_type"] == "seed":
            return dg.AssetKey(["catalogue", dbt_resource_props["name"]])
        if dbt_resource_props["resource_type"] == "source":
            return dg.AssetKey([dbt_resource_props["source_name"], dbt_resource_props["name"]])
        return dg.AssetKey([_room(dbt_resource_props), dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Node) -> str:
        return _room(dbt_resource_props)

    def get_description(self, dbt_resource_props: Node) -> str:
        return str(dbt_resource_props["description"])

    def get_metadata(self, dbt_resource_props: Node) -> Mapping[str, Any]:
        return {}


@dataclass(frozen=True)
class ModelAssets:
    """Models that one operation builds, each after those it reads: their specs, and the keys of assets and checks by dbt's ids."""

    specs: tuple[dg.AssetSpec, ...]
    checks: tuple[dg.AssetCheckSpec, ...]
    key_of: Mapping[str, dg.AssetKey]
    check_of: Mapping[str, dg.AssetCheckKey]


def model_assets(manifest: Manifest) -> tuple[ModelAssets, ModelAssets]:
    """Return the models that are built by the hour with all that these read, and the others, built by the month."""
    models = {name: node for name, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    by_hour = set(_with_upstream(models, [name for name, node in models.items() if _room(node) in ROOMS_OF_HOURS]))
    return _assets(manifest, by_hour), _assets(manifest, models.keys() - by_hour)


def _assets(manifest: Manifest, names: set[str]) -> ModelAssets:
    translator = _Translator()
    reads = {name: sorted(set(manifest["nodes"][name]["depends_on"]["nodes"]) & names) for name in sorted(names)}
    specs = {name: translator.get_asset_spec(manifest, name, None) for name in TopologicalSorter(reads).static_order()}
    tests = {
        name: dg.AssetCheckSpec(node["name"], asset=specs[model].key, description=_comment(node))
        for name, node in sorted(manifest["nodes"].items())
        if node["resource_type"] == "test" and (model := _tested(manifest, node)) in specs
    }
    return ModelAssets(
        specs=tuple(_plain(spec) for spec in specs.values()),
        checks=tuple(tests.values()),
        key_of={name: spec.key for name, spec in specs.items()},
        check_of={name: spec.key for name, spec in tests.items()},
    )


def _plain(spec: dg.AssetSpec) -> dg.AssetSpec:
    """The spec without what only dagster-dbt's own operations read: the manifest, and the project."""
    return spec.replace_attributes(metadata={}, owners=[], tags={}, kinds={"dbt", "duckdb"}, code_version=spec.code_version)


def _with_upstream(models: Mapping[str, Node], names: list[str]) -> Iterator[str]:
    waiting, seen = list(names), set()
    while waiting:
        name = waiting.pop()
        if name in models and name not in seen:
            seen.add(name)
            waiting += models[name]["depends_on"]["nodes"]
            yield name


def _tested(manifest: Manifest, test: Node) -> str | None:
    """The model a test belongs to: the one it stands beside, else the first that it reads of its own room, else the first."""
    if test.get("attached_node"):
        return str(test["attached_node"])
    models = [name for name in test["depends_on"]["nodes"] if name.startswith("model.")]
    in_room = [name for name in models if _room(manifest["nodes"][name]) == _room(test)]
    return next(iter(in_room or models), None)


def _comment(test: Node) -> str | None:
    """What a test of its own file says it is for: the comment it begins with."""
    lines = [line.removeprefix("--").strip() for line in str(test["raw_code"]).strip().splitlines() if line.startswith("--")]
    return " ".join(lines) or None


def _room(node: Node) -> str:
    return str(node["fqn"][1])
