"""The generated files that are committed: compiled metrics, and the YAML of the catalogue's seeds."""

from __future__ import annotations

from pathlib import Path

from meterhouse.catalogue import seeds_yaml
from meterhouse.compiler import CompiledProject

GENERATED_FOLDERS = ("models/metrics", "macros/compiled", "tests/dbt/metrics")


def write_compiled_files(compiled: CompiledProject, project: Path) -> list[str]:
    """Write what is out of date, delete what no metric makes any more, and return the changed files."""
    stale = out_of_date_files(compiled, project)
    files = _files(compiled)
    for name in stale:
        path = project / name
        if name not in files:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[name])
    return stale


def out_of_date_files(compiled: CompiledProject, project: Path) -> list[str]:
    """Return the files that differ from what would be written, or that nothing writes any more; sorted."""
    files = _files(compiled)
    present = {
        path.relative_to(project).as_posix() for folder in GENERATED_FOLDERS for path in (project / folder).glob("*") if path.is_file()
    }
    changed = {name for name, text in files.items() if not _holds(project / name, text)}
    return sorted(changed | (present - set(files)))


def _files(compiled: CompiledProject) -> dict[str, str]:
    return {**compiled.files, "seeds/_catalogue.yml": seeds_yaml()}


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text() == text
