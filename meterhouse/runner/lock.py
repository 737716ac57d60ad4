"""One run at a time: a lock on a file beside the warehouse, which the system lets go of when the run ends or dies."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from meterhouse.runner.errors import WarehouseBusyError
from meterhouse.runner.workspace import Workspace

FILE = "run.lock"
# longer than a look of `is_run_at_work` takes, shorter than a person waits
ATTEMPTS, PAUSE_SECONDS = 10, 0.02


@contextmanager
def one_run_at_a_time(workspace: Workspace) -> Iterator[None]:
    """
    Hold the right to run: before the project is written, long before the warehouse is opened.

    Raises:
        WarehouseBusyError: another run holds it.
    """
    workspace.state_folder.mkdir(parents=True, exist_ok=True)
    with (workspace.state_folder / FILE).open("a") as file:
        for _ in range(ATTEMPTS):
            if _take(file):
                break
            time.sleep(PAUSE_SECONDS)
        else:
            raise WarehouseBusyError(f"{workspace.warehouse}: another run is at work on this warehouse; wait for it to end")
        yield


def is_run_at_work(workspace: Workspace) -> bool:
    """Return whether a run holds the lock, from its first moment on."""
    path = workspace.state_folder / FILE
    if not path.exists():
        return False
    with path.open() as file:
        return not _take(file)


def _take(file: IO[str]) -> bool:
    """Take the lock, which ends when the file is closed; return whether that worked."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
