"""dbt in this process: one invocation at a time, the manifest parsed once for as long as the project stays as it is (architecture 5)."""

from __future__ import annotations

import gc
import hashlib
import logging
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from meterhouse.runner.errors import BuildFailed, GatesFailed


@contextmanager
def _root_logger_kept() -> Iterator[None]:
    """Undo what an import does to everybody's logging: a package of dbt's lets the root logger print on stderr."""
    before = list(logging.root.handlers)
    try:
        yield
    finally:
        logging.root.handlers[:] = before


with _root_logger_kept():
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner, dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest
    from dbt.tracking import track_behavior_change_warn
    from dbt_common.events.base_types import BaseEvent, EventLevel, EventMsg
    from dbt_common.events.event_manager import EventManager
    from dbt_common.events.event_manager_client import ctx_set_event_manager, get_event_manager

QUIET = ("--no-write-json", "--no-populate-cache", "--log-level", "none", "--log-level-file", "none", "--no-use-colors")
WRITTEN_BY_DBT = ("target", "logs", ".user.yml")
# what dbt calls a model or a test that failed
FAILED = ("error", "fail", "runtime error")
_one_at_a_time = threading.Lock()
# the manifest parsed last, by what it says: Dagster and tests build the same project again and again in one process
_parsed: dict[str, Manifest] = {}


@dataclass(frozen=True)
class Outcome:
    """What came of a model or a test of a run; `unique_id` is dbt's, `status` its word: success, pass, warn, fail, error, skipped."""

    unique_id: str
    status: str
    seconds: float
    message: str | None


Watch = Callable[[Outcome], None]


class Dbt:
    """A dbt project in `folder` over the warehouse at `warehouse`; usable inside `opened` only."""

    def __init__(self, folder: Path, warehouse: Path, watch: Watch = lambda outcome: None) -> None:
        self.folder = folder
        self.warehouse = warehouse
        self.watch = watch
        self._manifest: Manifest | None = None
        self._failures: list[str] = []

    @contextmanager
    def opened(self) -> Iterator[Dbt]:
        """Hold dbt for this process, and let go of the warehouse's lock at the end."""
        variables = _environment(METERHOUSE_WAREHOUSE=str(self.warehouse), METERHOUSE_PREPARED="yes")
        with _one_at_a_time, variables, _events_as_heard(), _garbage_seldom_collected():
            try:
                yield self
            finally:
                DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]

    def seed(self, names: Iterable[str]) -> None:
        """Load these tables of the catalogue. Raises: BuildFailed."""
        self._invoke("seed", "--select", *names)

    def run(self, *selection: str) -> None:
        """Build the models of a selection, all when it is empty. Raises: BuildFailed."""
        self._invoke("run", *selection)

    def test(self) -> None:
        """Run every data test. Raises: GatesFailed."""
        self._invoke("test")

    def _invoke(self, command: str, *arguments: str) -> None:
        runner = dbtRunner(manifest=self._known_manifest())
        result = runner.invoke([command, *arguments, *self._places(), *QUIET])
        for node in getattr(result.result, "results", []):
            self.watch(Outcome(node.node.unique_id, str(node.status), node.execution_time, node.message))
        if not result.success:
            failed = [node.node for node in getattr(result.result, "results", []) if node.status in FAILED]
            message = _failure_text(command, result)
            raise GatesFailed(message, [node.name for node in failed]) if command == "test" else BuildFailed(message)

    def manifest(self) -> dict[str, Any]:
        """Return what dbt knows of the project, as in its manifest.json; the warehouse is not opened. Raises: BuildFailed."""
        return self._known_manifest().writable_manifest().to_dict(omit_none=False)

    def _known_manifest(self) -> Manifest:
        if self._manifest is None:
            key = _what_a_manifest_says(self.folder)
            if key not in _parsed:
                manifest = self._parse()
                _parsed.clear()  # one is as large as all the rest of this process
                _parsed[key] = manifest
            self._manifest = _parsed[key]
        return self._manifest

    def _parse(self) -> Manifest:
        result = dbtRunner(callbacks=[self._note_failure]).invoke(["parse", *self._places(), *QUIET])
        if not isinstance(result.result, Manifest):
            raise BuildFailed(f"dbt cannot parse the project in {self.folder}: {result.exception or self._failures}")
        return result.result

    def _note_failure(self, event: EventMsg) -> None:
        info: Any = event.info
        if info.level == "error":
            self._failures.append(info.msg)

    def _places(self) -> list[str]:
        return [
            *("--project-dir", str(self.folder)),
            *("--profiles-dir", str(self.folder)),
            *("--target-path", str(self.folder / "target")),
            *("--log-path", str(self.folder / "logs")),
        ]


def _what_a_manifest_says(folder: Path) -> str:
    """A digest of what dbt parses: the project's files, of seeds only their names, and the variables that profiles may read."""
    sha = hashlib.sha256(str(folder).encode())
    for name, value in sorted(os.environ.items()):
        if name.startswith(("DBT_", "METERHOUSE_")):
            sha.update(f"\0{name}={value}".encode())
    parts = sorted(part for part in folder.iterdir() if part.name not in WRITTEN_BY_DBT)
    for path in (each for part in parts for each in ([part] if part.is_file() else sorted(part.rglob("*")))):
        if path.is_file():
            sha.update(f"\0{path.relative_to(folder)}\0".encode() + (b"" if path.suffix == ".csv" else path.read_bytes()))
    return sha.hexdigest()


class _Heard(EventManager):
    """Makes messages only of events that somebody hears; dbt makes one of each of thousands, which is a tenth of a small run."""

    def fire_event(
        self, e: BaseEvent, level: EventLevel | None = None, node: Any = None, force_warn_or_error_handling: bool = False
    ) -> None:
        heard = self.loggers or any(callback is not track_behavior_change_warn for callback in self.callbacks)
        if heard or force_warn_or_error_handling or (level or e.level_tag()) in (EventLevel.WARN, EventLevel.ERROR):
            super().fire_event(e, level, node, force_warn_or_error_handling)


@contextmanager
def _events_as_heard() -> Iterator[None]:
    before = get_event_manager()
    ctx_set_event_manager(_Heard())
    try:
        yield
    finally:
        ctx_set_event_manager(before)


@contextmanager
def _garbage_seldom_collected() -> Iterator[None]:
    """Let garbage lie a little longer: a manifest is a large heap to search, and a node of dbt makes thousands of objects."""
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, before[2])
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def _environment(**variables: str) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _failure_text(command: str, result: dbtRunnerResult) -> str:
    if result.exception is not None:
        return f"dbt {command}: {result.exception}"
    lines = []
    for node in getattr(result.result, "results", []):
        if node.status in FAILED:
            lines.append(f"{node.node.original_file_path}: {node.node.name}: {str(node.message).strip()}")
    return "\n".join(lines) or f"dbt {command} failed"
