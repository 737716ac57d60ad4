"""A warehouse that does not open: damaged is not the same as in use."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from meterhouse.runner.errors import WarehouseError
from meterhouse.runner.warehouse import open_warehouse


def with_broken_headers(content: bytes) -> bytes:
    """Spoil both headers; DuckDB says in which *block*, which was once read as a lock."""
    return content[:4116] + b"z" * 40 + content[4156:8212] + b"z" * 40 + content[8252:]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "no DuckDB file": lambda content: b"usage" * 1000,
    "cut short": lambda content: content[:20_000],
    "broken headers": with_broken_headers,
}


@pytest.mark.parametrize("read_only", [True, False])
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_warehouse_is_not_said_to_be_in_use(damage: Callable[[bytes], bytes], read_only: bool, tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("create table hours as select * from range(300000)")
    path.write_bytes(damage(path.read_bytes()))

    with pytest.raises(WarehouseError, match=r"warehouse.duckdb: cannot be read as a warehouse; mend or restore it") as raised:
        open_warehouse(path, read_only=read_only)
    assert len(str(raised.value).splitlines()) == 1
