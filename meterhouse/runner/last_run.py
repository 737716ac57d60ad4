"""How the last run on a warehouse ended, kept beside it: a run that died leaves no other trace."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from meterhouse.runner.errors import GatesFailed
from meterhouse.runner.texts import written
from meterhouse.runner.workspace import Workspace

FILE = "last_run.json"


@contextmanager
def noted(workspace: Workspace, as_of: datetime) -> Iterator[None]:
    """Write down that a run up to `as_of` (UTC) is at work, and how it ends."""
    run = {"clock": written(as_of), "started_at": written(datetime.now(UTC))}
    _note(workspace, {**run, "state": "running"})
    try:
        yield
    except BaseException as error:
        try:
            _note(workspace, {**run, "state": "failed", "ended_at": written(datetime.now(UTC)), **_failure(error)})
        except OSError as failure:
            # the disk is full, most likely: what went wrong in the run matters more
            error.add_note(f"that the run failed could not be written down: {failure}")
        raise
    _note(workspace, {**run, "state": "passed", "ended_at": written(datetime.now(UTC))})


def read_last_run(workspace: Workspace) -> dict[str, Any] | None:
    """Return what is known of the last run: clock, state (running, failed, passed), times, error, failed checks; None before the first."""
    path = workspace.state_folder / FILE
    if not path.exists():
        return None
    run: dict[str, Any] = json.loads(path.read_text())
    return run


def _failure(error: BaseException) -> dict[str, Any]:
    checks = {"failed_checks": list(error.checks)} if isinstance(error, GatesFailed) else {}
    return {"error": str(error) or repr(error), **checks}


def _note(workspace: Workspace, run: dict[str, Any]) -> None:
    workspace.state_folder.mkdir(parents=True, exist_ok=True)
    part = workspace.state_folder / f".{FILE}.part"
    part.write_text(json.dumps(run) + "\n")
    part.replace(workspace.state_folder / FILE)
