"""The control tables: what a step is told, what it leaves behind, and how an interrupted one is undone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from meterhouse.runner.warehouse import open_warehouse

DDL = (Path(__file__).parent / "control.sql").read_text()

# Tables that only grow: a step that does not count is undone by deleting its rows.
APPENDED_TABLES = (
    "events.int_events",
    "events.int_amendments",
    "events.int_unknown_customer_events",
    "events.int_rejected_events",
    "budgets.int_raised_alerts",
    "control.event_files",
    "control.finalized_invoices",
    "control.finalized_draws",
    "control.finalized_charges",
    "control.written_hours",
    "control.steps",
)

# Tables that follow from events and catalogue, rebuilt hour by hour or customer by customer.
DERIVED_TABLES = (
    "events.int_sent_customers",
    "marts.usage_hourly",
    "marts.unbilled_events",
    "rating.int_late_hours",
    "credits.int_line_hours",
    "reporting.int_line_days",
)
# Tables of drafts and stored invoices; what is not registered as finalized follows from events and catalogue too.
INVOICE_TABLES = ("marts.line_items_hourly", "marts.invoice_line_items", "marts.invoices")

# stands in control.written_hours for all hours of all marts
EVERY_TABLE = "*"
# Hours of marts that are views: of events the hours that this step took in or amended; of draws those of lines, and those of
# invoices that are void from this step on. A void at the instant at which its invoice became final is seen by the next step.
VIEW_HOURS = """
insert into control.written_hours
select distinct written.table_name, written.hour_start_at, run.step_id
from (
    select 'events' as table_name, hour_start_at from events.int_run_hours
    union all
    select 'credit_drawdowns', hours.hour_start_at
    from control.written_hours as hours
    inner join control.run using (step_id)
    where hours.table_name = 'line_items_hourly'
    union all
    select 'credit_drawdowns', lines.hour_start_at
    from marts.line_items_hourly as lines
    inner join usage.int_voided_invoices as voided using (invoice_id)
    cross join control.run
    where lines.segment_id is not null and voided.voided_at >= run.previous_as_of
) as written
cross join control.run
where not run.rebuilds_all
"""


@contextmanager
def transaction(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Run the statements of a block together or not at all."""
    con.execute("begin")
    try:
        yield
    except BaseException:
        con.execute("rollback")
        raise
    con.execute("commit")


def create_control_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Create the control tables that are not there yet."""
    con.execute(DDL)


def last_clock_of(warehouse: Path) -> datetime | None:
    """
    Return the clock (UTC) of the last run that passed, None before the first.

    Raises:
        WarehouseBusyError: a run is writing.
        WarehouseError: the warehouse cannot be opened.
    """
    if not warehouse.exists():
        return None
    with open_warehouse(warehouse, read_only=True) as con:
        last = last_passed_clock(con) if "control.steps" in existing_tables(con) else None
        return last.astimezone(UTC) if last else None


def undo_unfinished_steps(con: duckdb.DuckDBPyConnection) -> None:
    """Delete what steps after the last passed one left behind, and forget what all other tables were built from."""
    last = con.execute("select coalesce(max(step_id), 0) from control.steps where passed").fetchall()[0][0]
    if not con.execute("select 1 from control.steps where step_id > ?", [last]).fetchall():
        return
    existing = existing_tables(con)
    with transaction(con):
        for table in APPENDED_TABLES:
            if table in existing:
                con.execute(f"delete from {table} where step_id > ?", [last])
        # such a step may have loaded another catalogue, made other models, dropped tables: the next run makes all anew
        con.execute("delete from control.fingerprints")


def existing_tables(con: duckdb.DuckDBPyConnection) -> set[str]:
    """Return the tables of the warehouse as schema.name."""
    return {f"{schema}.{name}" for schema, name in con.execute("select schema_name, table_name from duckdb_tables()").fetchall()}


def drop_derived_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Drop what a step that rebuilds everything makes anew: no row of an earlier catalogue or metric may stay behind."""
    with transaction(con):
        con.execute("drop schema if exists metrics cascade")
        for table in existing_tables(con) & set(DERIVED_TABLES):
            con.execute(f"drop table {table}")
        for table in existing_tables(con) & set(INVOICE_TABLES):
            con.execute(f"delete from {table} where invoice_id not in (select invoice_id from control.finalized_invoices)")


def last_passed_clock(con: duckdb.DuckDBPyConnection) -> datetime | None:
    """Return the clock (UTC) of the last step that passed, or None before the first."""
    clock: datetime | None = con.execute("select max(as_of) from control.steps where passed").fetchall()[0][0]
    return clock


def begin_step(con: duckdb.DuckDBPyConnection, as_of: datetime, *, rebuilds_all: bool, is_plain: bool = False) -> int:
    """Write the control row of a new step at clock `as_of` (UTC) and return the step's number."""
    with transaction(con):
        step_id, previous = con.execute("select coalesce(max(step_id), 0) + 1, max(as_of) from control.steps").fetchall()[0]
        con.execute("insert into control.steps values (?, ?, ?, false)", [step_id, as_of, is_plain])
        con.execute("delete from control.run")
        con.execute(
            "insert into control.run values (?, ?, ?, ?, ?)",
            [step_id, as_of, previous, rebuilds_all or previous is None, not is_plain],
        )
        con.execute("insert into control.written_hours select ?, null, step_id from control.run where rebuilds_all", [EVERY_TABLE])
    return int(step_id)


def finish_step(con: duckdb.DuckDBPyConnection, step_id: int) -> None:
    """Register what the step stored for good, so that the next step leaves it alone, and which hours of views it changed."""
    with transaction(con):
        con.execute(
            "insert into control.finalized_charges"
            " select charges.charge_id, charges.charge_invoice_id, charges.invoice_id, ?"
            " from rating.int_open_charges as charges"
            " inner join marts.invoices using (invoice_id) where invoices.status = 'finalized'",
            [step_id],
        )
        con.execute(
            "insert into control.finalized_invoices (invoice_id, fingerprint, step_id) select invoice_id, fingerprint, ?"
            " from invoicing.int_invoice_fingerprints"
            " where invoice_id not in (select invoice_id from control.finalized_invoices)",
            [step_id],
        )
        con.execute(
            "insert into control.finalized_draws select invoice_id, segment_id, sum(amount), ?"
            " from marts.line_items_hourly inner join control.finalized_invoices using (invoice_id)"
            " where step_id = ? and segment_id is not null group by invoice_id, segment_id",
            [step_id, step_id],
        )
        con.execute(VIEW_HOURS)


def pass_steps(con: duckdb.DuckDBPyConnection) -> None:
    """Mark every step as passed: from here on its rows count."""
    con.execute("update control.steps set passed = true where not passed")


def changed_fingerprints(con: duckdb.DuckDBPyConnection, fingerprints: dict[str, str]) -> set[str]:
    """Return the names whose fingerprint differs from the one that the rows were built from."""
    known = dict(con.execute("select name, arg_max(fingerprint, step_id) from control.fingerprints group by name").fetchall())
    return {name for name, fingerprint in fingerprints.items() if known.get(name) != fingerprint}


def store_fingerprints(con: duckdb.DuckDBPyConnection, fingerprints: dict[str, str], step_id: int) -> None:
    """Remember what the rows of a step are built from."""
    con.executemany(
        "insert into control.fingerprints values (?, ?, ?)",
        [[name, fingerprint, step_id] for name, fingerprint in sorted(fingerprints.items())],
    )


def written_hours(con: duckdb.DuckDBPyConnection) -> dict[str, set[datetime]] | None:
    """Return the hours (UTC) of each mart that steps changed since the last publication; None if it may be any hour of any mart."""
    hours: dict[str, set[datetime]] = {}
    for table, hour in con.execute("select distinct table_name, hour_start_at from control.written_hours").fetchall():
        if table == EVERY_TABLE:
            return None
        hours.setdefault(table, set()).add(hour.astimezone(UTC))
    return hours


def last_published(con: duckdb.DuckDBPyConnection) -> str | None:
    """Return the id of the publication that shows all that is not in control.written_hours, None before the first."""
    found = con.execute("select publication_id from control.published").fetchall()
    return found[0][0] if found else None


def note_published(con: duckdb.DuckDBPyConnection, publication_id: str) -> None:
    """Remember that a publication shows what all steps wrote; only once readers see it, so that no hour is ever lost."""
    with transaction(con):
        con.execute("delete from control.published")
        con.execute("insert into control.published select ?, coalesce(max(step_id), 0) from control.steps where passed", [publication_id])
        con.execute("delete from control.written_hours where step_id <= (select step_id from control.published)")
