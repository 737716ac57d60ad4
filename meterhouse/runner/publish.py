"""
Publication: a folder that is made whole and then shown by replacing one link, so readers never meet a half-finished run.

`history/<number>-<clock>` holds the marts as one DuckDB file and as Parquet, with a manifest; `current` is a link to the
newest of them, and the stable paths `meterhouse.duckdb` and `parquet` lead through `current`. One rename shows all tables of a run.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from meterhouse.runner.errors import MeterhouseError

# every BI client opens this storage version
STORAGE_VERSION = "v1.0.0"
# how many publications stay, the current one included
DEFAULT_KEEP = 3
DUCKDB_FILE, PARQUET_FOLDER, MANIFEST_FILE = "meterhouse.duckdb", "parquet", "manifest.json"


@dataclass(frozen=True)
class Facts:
    """What a publication says of itself: the run's clock and its steps' clocks (UTC, ascending), and what it was built from."""

    as_of: datetime
    steps: Sequence[datetime]
    fingerprints: Mapping[str, str]


def publish_marts(con: duckdb.DuckDBPyConnection, folder: Path, facts: Facts) -> list[str]:
    """
    Publish schema marts below `folder` by one rename, keep the last METERHOUSE_KEEP publications, return the tables.

    Raises:
        MeterhouseError: METERHOUSE_KEEP is no number from 1 on.
    """
    keep = kept_publications()
    history = folder / "history"
    history.mkdir(parents=True, exist_ok=True)
    part = history / ".part"
    shutil.rmtree(part, ignore_errors=True)
    try:
        counts = _write_publication(con, part, facts)
        name = f"{_last_number(history) + 1:06}-{facts.as_of.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        part.rename(history / name)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    _sync(history)
    _lead(folder / "current", Path("history") / name)
    for stable in (DUCKDB_FILE, PARQUET_FOLDER):
        _lead(folder / stable, Path("current") / stable)
    _sync(folder)
    for old in publications(folder)[:-keep]:
        shutil.rmtree(old)
    return list(counts)


def kept_publications() -> int:
    """Return how many publications stay: METERHOUSE_KEEP, else 3. Raises: MeterhouseError."""
    text = os.environ.get("METERHOUSE_KEEP", str(DEFAULT_KEEP))
    if not text.isdecimal() or int(text) < 1:
        raise MeterhouseError(f"METERHOUSE_KEEP {text}: is no number of publications to keep; give a whole number from 1 on")
    return int(text)


def publications(folder: Path) -> list[Path]:
    """Return the folders of the publications that are kept below `folder`, oldest first."""
    return sorted(path for path in (folder / "history").glob("[0-9]*-*") if path.is_dir())


def read_manifest(publication: Path) -> dict[str, Any] | None:
    """Return what a publication's manifest says, or None if there is no such publication."""
    path = publication / MANIFEST_FILE
    if not path.exists():
        return None
    manifest: dict[str, Any] = json.loads(path.read_text())
    return manifest


def _write_publication(con: duckdb.DuckDBPyConnection, part: Path, facts: Facts) -> dict[str, int]:
    """Write the marts and their manifest into the new folder `part`; return the number of rows of each table."""
    (part / PARQUET_FOLDER).mkdir(parents=True)
    tables = con.execute("select table_name from information_schema.tables where table_schema = 'marts' order by table_name").fetchall()
    counts = {}
    con.execute(f"attach '{part / DUCKDB_FILE}' as publication (storage_version '{STORAGE_VERSION}')")
    try:
        con.execute("create schema publication.marts")
        for (table,) in tables:
            con.execute(f"create table publication.marts.{table} as select * from marts.{table}")
            target = part / PARQUET_FOLDER / f"{table}.parquet"
            con.execute(f"copy publication.marts.{table} to '{target}' (format parquet, compression zstd)")
            counts[table] = con.execute(f"select count(*) from publication.marts.{table}").fetchall()[0][0]
    finally:
        con.execute("detach publication")
    manifest = {
        "clock": _written(facts.as_of),
        "published_at": _written(datetime.now(UTC)),
        "steps": [_written(step) for step in facts.steps],
        "tables": counts,
        "code": {"version": version("meterhouse"), "models": facts.fingerprints.get("models")},
    }
    (part / MANIFEST_FILE).write_text(json.dumps(manifest, indent=2) + "\n")
    for path in (*part.rglob("*"), part):
        _sync(path)
    return counts


def _last_number(history: Path) -> int:
    return max((int(path.name.partition("-")[0]) for path in publications(history.parent)), default=0)


def _lead(link: Path, target: Path) -> None:
    """Make `link` lead to `target` (relative), by one rename; a file or folder of that name makes way."""
    if link.is_symlink() and link.readlink() == target:
        return
    fresh = link.with_name(f".{link.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    if link.is_dir() and not link.is_symlink():
        # written by a version without history: a folder cannot be replaced by a link in one rename
        shutil.rmtree(link)
    fresh.replace(link)


def _sync(path: Path) -> None:
    """Make sure that a file or folder is on the disk before a link leads to it."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _written(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
