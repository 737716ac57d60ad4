"""From the columns of an event file, whatever their types, to the columns of raw.incoming_events."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb

# RFC 3339 with a zone: a cast alone would also take dates, local times and "infinity"
INSTANT = r"^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?([Zz]|[+-]\d{2}:?\d{2})$"
TEXT_COLUMNS = ("transaction_id", "customer_id", "event_type")
NEEDED_COLUMNS = (*TEXT_COLUMNS, "timestamp")
# when a projected row arrived; a row without any instant arrived before everything
ARRIVED_AT = "coalesce(ingested_at, occurred_at, timestamptz '1900-01-01 00:00:00+00')"


def layout_of(con: duckdb.DuckDBPyConnection, path: Path) -> str:
    """Return the JSON object of a Parquet file's event columns and their types, keys sorted."""
    described = con.execute("describe select * from read_parquet(?)", [str(path)]).fetchall()
    wanted = {*TEXT_COLUMNS, "timestamp", "properties", "ingested_at", "source_row"}
    columns = {name.lower(): kind for name, kind, *_ in described if name.lower() in wanted}
    return json.dumps(columns, sort_keys=True)


def projection(layout: str) -> str:
    """Return the select list that reads files of a layout: one row per event row, as it came."""
    columns = json.loads(layout)
    texts = [f"{_text(name, columns)} as {name}" for name in TEXT_COLUMNS]
    return ", ".join(
        [
            "filename",
            f"{'source_row' if 'source_row' in columns else 'file_row_number + 1'} as source_row",
            *texts,
            f"{_text('timestamp', columns)} as timestamp_text",
            f"{_instant('timestamp', columns)} as occurred_at",
            f"{_properties(columns)} as properties",
            f"{_text('ingested_at', columns)} as ingested_at_text",
            f"{_instant('ingested_at', columns)} as ingested_at",
            f"{_is_bad_instant('ingested_at', columns)} as has_bad_ingestion",
        ]
    )


def _text(name: str, columns: dict[str, str]) -> str:
    return f'cast("{name}" as varchar)' if name in columns else "cast(null as varchar)"


def _instant(name: str, columns: dict[str, str]) -> str:
    kind = columns.get(name, "")
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f'"{name}"'
    if kind.startswith("TIMESTAMP"):
        return f"timezone('UTC', cast(\"{name}\" as timestamp))"
    if kind == "VARCHAR":
        return f'case when regexp_matches("{name}", \'{INSTANT}\') then try_cast("{name}" as timestamptz) end'
    return "cast(null as timestamptz)"


def _is_bad_instant(name: str, columns: dict[str, str]) -> str:
    # asked of the column as it is: to write ten million instants as text takes seconds
    return f'"{name}" is not null and {_instant(name, columns)} is null' if name in columns else "false"


def _properties(columns: dict[str, str]) -> str:
    kind = columns.get("properties", "")
    if kind.startswith(("STRUCT", "MAP")):
        return 'cast(to_json("properties") as varchar)'
    return _text("properties", columns)
