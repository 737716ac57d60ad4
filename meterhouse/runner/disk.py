"""A full disk: one message, wherever in a run it shows, be it in the runner, in DuckDB or in a model of dbt."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from meterhouse.runner.errors import DiskFullError
from meterhouse.runner.workspace import Workspace

CODES = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# what the operating system says, which DuckDB and dbt pass on; the last is DuckDB's own limit for files on the way
TEXTS = ("No space left on device", "Disk quota exceeded", "File too large", "max_temp_directory_size")


@contextmanager
def full_disk_is_said(workspace: Workspace) -> Iterator[None]:
    """Raise DiskFullError in place of whatever a full disk led to."""
    try:
        yield
    except Exception as error:
        if (cause := _full_disk(error)) is None:
            raise
        folder = workspace.warehouse.resolve().parent
        raise DiskFullError(
            f"{folder}: no space left; nothing is published, the next run undoes this one: free some space and run again ({cause})"
        ) from error


def _full_disk(error: BaseException | None) -> str | None:
    """Return the line that tells of a full disk, in an error or in one that led to it."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in CODES:
            return str(error)
        for line in str(error).splitlines():
            if any(text in line for text in TEXTS):
                return line.strip()
        error = error.__cause__ or error.__context__
    return None
