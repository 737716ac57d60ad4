"""What a step reads: raw.incoming_events, a view over event files and over events that waited for their customer."""

from __future__ import annotations

from pathlib import Path

import duckdb

from meterhouse.runner.control import existing_tables
from meterhouse.runner.errors import EventFileError
from meterhouse.runner.event_files import IS_GONE, find_event_files, hash_file, open_event_file, parquet, size_and_time
from meterhouse.runner.event_layout import ARRIVED_AT, projection

KNOWN_CUSTOMERS = "select customer_id from catalogue.customers union all select alias from catalogue.customer_aliases"
COLUMNS = (
    "source_file_id, source_row, transaction_id, customer_id, event_type, timestamp_text, occurred_at,"
    " properties, ingested_at_text, ingested_at"
)
HAS_BAD_INGESTION = "ingested_at_text is not null and ingested_at is null as has_bad_ingestion"

HAS_CHANGED = "has changed since it was read; event files are never changed: put new events into a new file"
# the files of which a row may arrive in the step
FILES_OF_STEP = (
    "from control.event_files where row_count > 0 and exists (select 1 from control.run where run.previous_as_of is null"
    " or event_files.last_arrival_at >= run.previous_as_of or event_files.step_id = run.step_id)"
)
# A file that is new in this step is read from its beginning, whatever its rows say of their arrival. Most are read to their end too;
# to ask each row then is a fifth of the time of reading.
IS_NEW = "event_files.step_id = run.step_id or run.previous_as_of is null"
ARRIVES_WHOLE = f"(select event_files.last_arrival_at < run.as_of and ({IS_NEW}) from control.run)"


def register_event_files(con: duckdb.DuckDBPyConnection, events: str, staged: Path, step_id: int) -> int:
    """
    Register the event files that are new since the last step, and return how many there are.

    Raises:
        EventFileError: a file is broken, or one that was registered earlier has changed.
    """
    # a file is where it lies, whichever way leads there: a relative path or a link to its folder is no second delivery
    known = {
        Path(path).resolve(): seen
        for path, *seen in con.execute("select path, size_bytes, modified_ns, content_hash from control.event_files").fetchall()
    }
    new = {}
    for path in find_event_files(events):
        place = path.resolve()
        if place in known:
            if _has_changed(path, *known[place]):
                raise EventFileError(f"{path}: {HAS_CHANGED}")
        elif place not in new:
            new[place] = open_event_file(con, path, staged)
    first = con.execute("select coalesce(max(file_id), 0) + 1 from control.event_files").fetchall()[0][0]
    for file_id, file in enumerate(new.values(), start=first):
        con.execute(
            "insert into control.event_files values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                file_id,
                file.path,
                file.size_bytes,
                file.modified_ns,
                file.content_hash,
                file.read_path,
                file.layout,
                file.row_count,
                file.last_arrival_at,
                step_id,
            ],
        )
    return len(new)


def lay_incoming_view(con: duckdb.DuckDBPyConnection) -> None:
    """
    Point raw.incoming_events at the rows that arrived in [clock of the step before, clock of this step).

    Raises:
        EventFileError: a file with such rows is gone.
    """
    alike: dict[tuple[str, bool], list[str]] = {}
    for path, read_path, layout, is_whole in con.execute(
        f"select path, read_path, layout, {ARRIVES_WHOLE} {FILES_OF_STEP} order by file_id"
    ).fetchall():
        if not Path(read_path).exists():
            raise EventFileError(f"{path}: {IS_GONE}")
        alike.setdefault((layout, is_whole), []).append(read_path)
    parts = [_files_sql(layout, is_whole, paths) for (layout, is_whole), paths in alike.items()] or [_no_rows_sql()]
    if "events.int_unknown_customer_events" in existing_tables(con):
        parts.append(_waiting_sql())
    con.execute("create or replace view raw.incoming_events as " + " union all ".join(parts))


def refuse_moving_files(con: duckdb.DuckDBPyConnection) -> None:
    """
    Make sure that the files which the step has read are still what was registered: Parquet is read where it lies.

    Raises:
        EventFileError: such a file is gone or has changed.
    """
    query = f"select path, read_path, size_bytes, modified_ns, content_hash {FILES_OF_STEP} order by file_id"
    for path, read_path, *seen in con.execute(query).fetchall():
        # text was read from a copy, so its file may go
        if read_path == str(Path(path).resolve()) and _has_changed(Path(path), *seen):
            raise EventFileError(f"{path}: {HAS_CHANGED}")


def _has_changed(path: Path, size_bytes: int, modified_ns: int, content_hash: str) -> bool:
    size, modified = size_and_time(path)
    if (size, modified) == (size_bytes, modified_ns):
        return False
    return size != size_bytes or hash_file(path) != content_hash


def _files_sql(layout: str, is_whole: bool, paths: list[str]) -> str:
    rows = (
        f"select event_files.file_id as source_file_id, rows.* exclude (filename)"
        f" from (select {projection(layout)} from {parquet(paths)}) as rows"
        " inner join control.event_files on rows.filename = event_files.read_path"
    )
    if is_whole:
        return rows
    return f"{rows} cross join control.run where {ARRIVED_AT} < run.as_of and ({IS_NEW} or {ARRIVED_AT} >= run.previous_as_of)"


def _waiting_sql() -> str:
    taken = " union all ".join(
        f"select source_file_id, source_row from {table}" for table in ("events.int_events", "events.int_rejected_events")
    )
    return (
        f"select waiting.* from (select {COLUMNS}, {HAS_BAD_INGESTION} from events.int_unknown_customer_events"
        f" where customer_id in ({KNOWN_CUSTOMERS})) as waiting left join ({taken}) as taken"
        " on waiting.source_file_id = taken.source_file_id and waiting.source_row = taken.source_row"
        " where taken.source_row is null"
    )


def _no_rows_sql() -> str:
    return (
        "select null::bigint as source_file_id, null::bigint as source_row, null::varchar as transaction_id,"
        " null::varchar as customer_id, null::varchar as event_type, null::varchar as timestamp_text,"
        " null::timestamptz as occurred_at, null::varchar as properties, null::varchar as ingested_at_text,"
        " null::timestamptz as ingested_at, null::boolean as has_bad_ingestion where false"
    )
