"""
Publication: a folder that is made whole and then shown by replacing one link, so readers never meet a half-finished run.

`history/<number>-<clock>` holds the marts as one DuckDB file and as Parquet, with a manifest; `current` is a link to the
newest of them, and the stable paths `meterhouse.duckdb` and `parquet` lead through `current`. One rename shows all tables of a run.
The manifest is the last file of a folder: one without is not whole, and no publication.
"""

from __future__ import annotations

import glob
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb

from meterhouse.runner import control
from meterhouse.runner.errors import MeterhouseError
from meterhouse.runner.parts import TABLES_IN_PARTS, Base, Part, write_parts
from meterhouse.runner.texts import quoted, written

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
    _clear_unfinished(history)
    publication = history / f"{_last_number(history) + 1:06}-{facts.as_of.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    try:
        manifest = _write_publication(con, publication, facts)
    except BaseException:
        shutil.rmtree(publication, ignore_errors=True)
        raise
    _sync(history)
    _lead(folder / "current", Path("history") / publication.name)
    for stable in (DUCKDB_FILE, PARQUET_FOLDER):
        _lead(folder / stable, Path("current") / stable)
    _sync(folder)
    control.note_published(con, manifest["id"])
    for old in publications(folder)[:-keep]:
        # without it the folder is no publication, should its removal be cut short
        (old / MANIFEST_FILE).unlink()
        shutil.rmtree(old)
    return list(manifest["tables"])


def kept_publications() -> int:
    """Return how many publications stay: METERHOUSE_KEEP, else 3. Raises: MeterhouseError."""
    text = os.environ.get("METERHOUSE_KEEP", str(DEFAULT_KEEP))
    if not text.isdecimal() or int(text) < 1:
        raise MeterhouseError(f"METERHOUSE_KEEP {text}: is no number of publications to keep; give a whole number from 1 on")
    return int(text)


def publications(folder: Path) -> list[Path]:
    """Return the folders of the publications that are kept below `folder`, oldest first."""
    return [path for path in _folders(folder / "history") if (path / MANIFEST_FILE).exists()]


def read_manifest(publication: Path) -> dict[str, Any] | None:
    """Return what a publication's manifest says, or None if there is no such publication."""
    path = publication / MANIFEST_FILE
    if not path.exists():
        return None
    manifest: dict[str, Any] = json.loads(path.read_text())
    return manifest


def _folders(history: Path) -> list[Path]:
    return sorted(path for path in history.glob("[0-9]*-*") if path.is_dir())


def mart_names(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the names of the marts that a connection to a warehouse or a publication sees, sorted."""
    query = "select table_name from information_schema.tables where table_schema = 'marts' order by table_name"
    return [name for (name,) in con.execute(query).fetchall()]


def _clear_unfinished(history: Path) -> None:
    """Remove what killed runs left, also those of a version that wrote into `.part`."""
    for path in (*_folders(history), history / ".part"):
        if not (path / MANIFEST_FILE).exists() or path.name == ".part":
            shutil.rmtree(path, ignore_errors=True)


def _write_publication(con: duckdb.DuckDBPyConnection, target: Path, facts: Facts) -> dict[str, Any]:
    """Write the marts and, last of all, their manifest into the new folder `target`; return the manifest."""
    base = _base(con, target.parent.parent, facts)
    (target / PARQUET_FOLDER).mkdir(parents=True)
    tables = mart_names(con)
    counts: dict[str, int] = {}
    parts: dict[str, list[Part]] = {}
    con.execute(f"attach {quoted(target / DUCKDB_FILE)} as publication (storage_version '{STORAGE_VERSION}')")
    try:
        con.execute("create schema publication.marts")
        for table in tables:
            if table in TABLES_IN_PARTS:
                folder = target / PARQUET_FOLDER / table
                parts[table] = write_parts(con, table, folder, base)
                counts[table] = sum(part.rows for part in parts[table])
                _lay_view(con, table, folder)
            else:
                counts[table] = _write_whole(con, table, target / PARQUET_FOLDER / f"{table}.parquet")
    finally:
        con.execute("detach publication")
    manifest = {
        "id": uuid4().hex,
        "clock": written(facts.as_of),
        "published_at": written(datetime.now(UTC)),
        "steps": [written(step) for step in facts.steps],
        "tables": counts,
        "parts": {table: [part.as_json() for part in of_table] for table, of_table in parts.items()},
        "code": {"version": version("meterhouse"), "models": facts.fingerprints.get("models")},
    }
    _write_manifest(target, manifest)
    return manifest


def _base(con: duckdb.DuckDBPyConnection, folder: Path, facts: Facts) -> Base | None:
    """Return the publication to share parts with: the one that the warehouse noted last, if it is still there as it was."""
    hours, last = control.written_hours(con), control.last_published(con)
    if hours is None or last is None:
        return None
    for publication in publications(folder):
        manifest = read_manifest(publication) or {}
        if manifest.get("id") != last or manifest["code"]["models"] != facts.fingerprints.get("models"):
            continue
        parts = {table: [Part.from_json(told) for told in of_table] for table, of_table in manifest["parts"].items()}
        parquet = publication / PARQUET_FOLDER
        if all((parquet / table / part.file).exists() for table, of_table in parts.items() for part in of_table):
            return Base(parquet, parts, hours)
    return None


def _write_whole(con: duckdb.DuckDBPyConnection, table: str, target: Path) -> int:
    """Write a mart as a table of the DuckDB file and as one Parquet file; return the number of rows."""
    con.execute(f"create table publication.marts.{table} as select * from marts.{table}")
    con.execute(f"copy publication.marts.{table} to {quoted(target)} (format parquet, compression zstd)")
    rows: int = con.execute(f"select count(*) from publication.marts.{table}").fetchall()[0][0]
    return rows


def _lay_view(con: duckdb.DuckDBPyConnection, table: str, folder: Path) -> None:
    """Let the DuckDB file read a mart's parts: those of its own folder, so that what it answers is of one publication."""
    files = quoted(f"{glob.escape(str(folder.absolute()))}/*.parquet")
    # a folder above may be named like a Hive partition
    con.execute(f"create view publication.marts.{table} as select * from read_parquet({files}, hive_partitioning = false)")


def _write_manifest(target: Path, manifest: Mapping[str, Any]) -> None:
    """Make the folder a publication: all else is on the disk before."""
    for path in (*target.rglob("*"), target):
        # a file of two names is on the disk since the publication that it is shared with
        if path.is_dir() or path.stat().st_nlink == 1:
            _sync(path)
    fresh = target / f".{MANIFEST_FILE}"
    fresh.write_text(json.dumps(manifest, indent=2) + "\n")
    _sync(fresh)
    fresh.rename(target / MANIFEST_FILE)
    _sync(target)


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
