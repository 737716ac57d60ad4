"""The warehouse file, opened: that another process holds it, or that it is damaged, is said in one way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from meterhouse.runner.errors import WarehouseBusyError, WarehouseError

# not just "lock": a damaged file is told of by its blocks
HELD = "Could not set lock on file"


def open_warehouse(path: Path, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """
    Open a warehouse, whose instants are then read in UTC; one that is to be written is made where there is none.

    Raises:
        WarehouseBusyError: another process writes to it, or reads what is to be written.
        WarehouseError: it is no warehouse, or damaged.
    """
    with opening(path):
        con = duckdb.connect(str(path.resolve()), read_only=read_only)
    con.execute("set TimeZone = 'UTC'")
    return con


@contextmanager
def opening(path: Path) -> Iterator[None]:
    """
    Say why a warehouse does not open.

    Raises:
        WarehouseBusyError, WarehouseError: as `open_warehouse`.
    """
    try:
        yield
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        if HELD in reason:
            raise WarehouseBusyError(f"{path}: another process writes to this warehouse; wait for it to end ({reason})") from error
        raise WarehouseError(f"{path}: cannot be read as a warehouse; mend or restore it, see docs/operations.md ({reason})") from error
