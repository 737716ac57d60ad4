"""The dbt project of a workspace: this project's models, the workspace's compiled metrics and its catalogue."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from meterhouse.catalogue import Catalogue, read_catalogue, write_seeds
from meterhouse.compiler import compile_metrics
from meterhouse.runner.dbt import Dbt
from meterhouse.runner.errors import MeterhouseError
from meterhouse.runner.workspace import PROJECT_FOLDER, Workspace

AUTHORED = ("dbt_project.yml", "profiles.yml", "models", "macros", "tests/dbt")
COMPILED = ("models/metrics", "macros/compiled", "tests/dbt/metrics")


def assemble_project(workspace: Workspace) -> dict[str, str]:
    """
    Write the workspace's dbt project, and return the fingerprints of what its rows are built from.

    Raises:
        MetricErrors: faults of metrics, all at once.
        CatalogueError: faults of the catalogue, all at once.
    """
    for name, folder in (("metrics", workspace.metrics), ("catalogue", workspace.catalog)):
        if not folder.is_dir():
            raise MeterhouseError(f"{folder}: no such folder; the {name} of a workspace is a folder of files")
    compiled = compile_metrics(workspace.metrics)
    catalogue = read_catalogue(workspace.catalog, {metric.name: metric.group_keys for metric in compiled.metrics})
    _write_changes(workspace.project, _authored_files() | compiled.files)
    _write_catalogue(workspace.project, catalogue)
    seeds = sorted((workspace.project / "seeds").glob("*.csv"))
    return {
        **{f"seed {path.stem}": digest([path.read_text()]) for path in seeds},
        "metrics": digest(f"{name}\n{text}" for name, text in sorted(compiled.files.items())),
        "models": digest(f"{name}\n{text}" for name, text in sorted(_authored_files().items())),
    }


def manifest_of(workspace: Workspace) -> dict[str, Any]:
    """
    Return what dbt knows of the workspace's project (its manifest.json); the warehouse is neither needed nor opened.

    Raises:
        MetricErrors, CatalogueError: the workspace is faulty; every fault at once.
        BuildFailed: dbt cannot parse the project.
    """
    assemble_project(workspace)
    with Dbt(workspace.project, workspace.warehouse.resolve()).opened() as dbt:
        return dbt.manifest()


def _authored_files() -> dict[str, str]:
    files = {}
    for place in AUTHORED:
        root = PROJECT_FOLDER / place
        for path in [root] if root.is_file() else sorted(root.rglob("*")):
            name = path.relative_to(PROJECT_FOLDER).as_posix()
            if path.is_file() and not name.startswith(COMPILED):
                files[name] = path.read_text()
    return files


def _write_changes(project: Path, files: dict[str, str]) -> None:
    # unchanged files keep their time, so that dbt parses only what is new
    for path in [path for path in project.rglob("*") if path.is_file()]:
        name = path.relative_to(project).as_posix()
        if name.startswith(("models/", "macros/", "tests/")) and name not in files:
            path.unlink()
    for name, text in files.items():
        path = project / name
        if not path.exists() or path.read_text() != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)


def _write_catalogue(project: Path, catalogue: Catalogue) -> None:
    seeds = project / "seeds"
    seeds.mkdir(parents=True, exist_ok=True)
    write_seeds(catalogue, seeds)
    shutil.copy(PROJECT_FOLDER / "seeds" / "_catalogue.yml", seeds / "_catalogue.yml")


def digest(texts: Iterable[str]) -> str:
    """Return the SHA-256 of some texts."""
    sha = hashlib.sha256()
    for text in texts:
        sha.update(text.encode())
    return sha.hexdigest()
