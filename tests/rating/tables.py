"""Tables of a catalogue as CSV text."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path


def csv_text(rows: Sequence[Mapping[str, str]]) -> str:
    """Rows as CSV; a column that a row does not name is blank."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def write_tables(folder: Path, tables: Mapping[str, Sequence[Mapping[str, str]]]) -> None:
    """Write each table that has rows as a file of the catalogue."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        if rows:
            (folder / f"{name}.csv").write_text(csv_text(rows), encoding="utf-8")
