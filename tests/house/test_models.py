"""Every model says what its rows are, and every promised table holds to a contract."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from meterhouse.runner.workspace import PROJECT_FOLDER

MODELS = PROJECT_FOLDER / "models"
MONEY_AND_QUANTITY = re.compile(
    r"quantity|amount|price(?!_reason)|subtotal|total|credits_applied|granted|drawn|adjusted|rolled_over|expired|remaining"
    r"|spent|percent|multiplier(?!_override)|fraction"
)
EXACT = re.compile(r"decimal\(38, (12|24)\)")


def described() -> Iterator[tuple[Path, dict[str, Any]]]:
    for path in sorted(MODELS.rglob("*.yml")):
        for model in yaml.safe_load(path.read_text()).get("models", []):
            yield path, model


DESCRIBED = {model["name"]: (path, model) for path, model in described()}
PUBLIC = {name: model for name, (_, model) in DESCRIBED.items() if model.get("config", {}).get("access") == "public"}
FILES = {path.stem: path for path in sorted(MODELS.rglob("*.sql"))}


def folder_config() -> dict[str, Any]:
    project = yaml.safe_load((PROJECT_FOLDER / "dbt_project.yml").read_text())
    return dict(project["models"]["meterhouse"])


def test_every_model_says_its_grain() -> None:
    silent = [
        f"models/{path.parent.name}/{name}.sql: describe it in a YAML beside it; the description ends `One row per ...`"
        for name, path in FILES.items()
        if name not in DESCRIBED or not re.search(r"(One row per .|One row\.)", DESCRIBED[name][1].get("description", ""))
    ]
    assert not silent, "\n".join(silent)


def test_every_description_is_of_a_model_in_its_folder() -> None:
    lost = [
        f"{path.relative_to(PROJECT_FOLDER)}: describes {name}, which is not in this folder"
        for name, (path, _) in DESCRIBED.items()
        if name not in FILES or FILES[name].parent != path.parent
    ]
    assert not lost, "\n".join(lost)


def test_no_model_is_described_twice() -> None:
    names = [model["name"] for _, model in described()]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("name", PUBLIC)
def test_a_promised_table_holds_to_a_contract(name: str) -> None:
    model = PUBLIC[name]
    assert model["config"]["contract"] == {"enforced": True}
    assert not name.startswith(("int_", "stg_")), f"{name}: is promised, but named as the inside of a room"
    assert re.search(r"schema='marts'", FILES[name].read_text()), f"{name}: a promised table is in schema marts"
    for column in model["columns"]:
        assert column.get("description"), f"{name}.{column['name']}: has no description"
        assert column.get("data_type"), f"{name}.{column['name']}: has no data_type"


@pytest.mark.parametrize("name", PUBLIC)
def test_money_and_quantity_are_decimals(name: str) -> None:
    for column in PUBLIC[name]["columns"]:
        kind = column["data_type"]
        assert not re.search(r"double|float|real", kind), f"{name}.{column['name']}: {kind} is no exact type"
        assert "decimal" not in kind or EXACT.fullmatch(kind), f"{name}.{column['name']}: {kind} states no scale of ours"
        if MONEY_AND_QUANTITY.search(column["name"]) and kind not in ("timestamp with time zone", "date"):
            assert EXACT.fullmatch(kind), f"{name}.{column['name']}: {kind} is no decimal"


def test_what_is_not_promised_is_named_int_or_stg() -> None:
    for name, path in FILES.items():
        assert name in PUBLIC or name.startswith(("int_", "stg_")), f"{path}: name it int_..., or promise it: access public"


def test_a_folder_is_a_group() -> None:
    groups = {group["name"] for group in yaml.safe_load((MODELS / "_groups.yml").read_text())["groups"]}
    folders = {path.parent.name for path in FILES.values()}
    assert groups == folders
    assert {folder: folder_config()[folder]["+group"] for folder in folders} == {folder: folder for folder in folders}


def test_a_folder_has_one_yaml_of_models() -> None:
    for folder in {path.parent for path in FILES.values()}:
        places = {path for path, _ in described() if path.parent == folder}
        assert len(places) == 1, f"models/{folder.name}: its models are described in {len(places)} files"


def exposures() -> Iterator[tuple[str, list[str]]]:
    for path in sorted(MODELS.rglob("*.yml")):
        for exposure in yaml.safe_load(path.read_text()).get("exposures", []):
            yield exposure["name"], [re.sub(r"ref\('(\w+)'\)", r"\1", read) for read in exposure["depends_on"]]


def test_readers_rely_on_promised_tables_only() -> None:
    read = dict(exposures())
    assert len(read) > 2
    assert [f"{name}: reads {model}" for name, models in read.items() for model in models if model not in PUBLIC] == []
