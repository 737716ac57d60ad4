"""A finalized invoice never changes (product promise P4), and whoever touches it is found out."""

from pathlib import Path

import duckdb
import pytest

from meterhouse.runner import MeterhouseError
from meterhouse.runner.workspace import PROJECT_FOLDER
from tests.compiler.warehouse import ENVIRONMENT
from tests.runner.shop import CATALOGUE
from tests.worlds import Row, World, event

NEXT_CLOCK = "2026-02-04T00:00:00Z"
STORED_ROWS = {
    "invoices": "select * from invoices where status = 'finalized'",
    "lines": "select l.* from invoice_line_items as l inner join invoices using (invoice_id) where status = 'finalized'",
    "hours": "select h.* from line_items_hourly as h inner join invoices using (invoice_id) where status = 'finalized'",
    "draws": "select d.* from credit_drawdowns as d inner join invoices using (invoice_id) where status = 'finalized'",
    "deductions": "select l.* from balance_ledger as l inner join invoices using (invoice_id) where status = 'finalized'",
}
GUARD = PROJECT_FOLDER / "tests" / "dbt" / "invoicing" / "assert_finalized_invoices_never_change.sql"


def stored(world: World) -> dict[str, list[Row]]:
    return {name: world.rows(f"{query} order by all") for name, query in STORED_ROWS.items()}


def test_late_events_and_new_prices_change_drafts_only(january: World) -> None:
    before = stored(january)
    assert {name: len(rows) for name, rows in before.items()} == {
        "invoices": 1, "lines": 3, "hours": 3, "draws": 2, "deductions": 1,
    }  # fmt: skip

    january.events("late.ndjson", [event("late", "2026-01-20T10:00:00Z", {"units": 100}, "2026-02-03T10:00:00Z")])
    january.catalog(
        rates=CATALOGUE["rates"].replace("flat,1", "flat,3"),
        products=CATALOGUE["products"].replace("Widgets", "Gadgets"),
        customers="customer_id,name,timezone\nacme,Acme,Asia/Tokyo",
    )
    january.build(NEXT_CLOCK)

    assert stored(january) == before
    assert january.rows("select sum(quantity) from usage_hourly where hour_start_at < '2026-02-01'") == [(108,)]
    assert january.rows("select subtotal from invoices where status = 'draft'") == [(6,)]


def test_every_column_of_a_stored_invoice_is_guarded(january: World) -> None:
    tables = {"int_final_invoices": "invoices", "int_final_line_items": "invoice_line_items"}
    with january.warehouse() as con:
        guard = guard_query(con)
        assert con.execute(guard).fetchall() == []
        for table, mart in tables.items():
            for column, kind in columns_in_both(con, f"invoicing.{table}", f"marts.{mart}"):
                con.execute("begin")
                con.execute(f"update invoicing.{table} set {column} = {another(column, kind)}")
                found = con.execute(guard).fetchall()
                con.execute("rollback")
                assert found, f"a changed {column} of {table} goes unseen: name it in int_invoice_fingerprints"


TAMPERING = {
    "a line is deleted": "delete from invoicing.int_final_line_items where type = 'applied_commit_or_credit'",
    "an invoice is deleted": "delete from invoicing.int_final_invoices",
    "a line is doubled": "insert into invoicing.int_final_line_items from invoicing.int_final_line_items limit 1",
}


def test_missing_and_added_rows_are_found(january: World, subtests: pytest.Subtests) -> None:
    with january.warehouse() as con:
        guard = guard_query(con)
        for name, statement in TAMPERING.items():
            with subtests.test(name):
                con.execute("begin")
                con.execute(statement)
                found = con.execute(guard).fetchall()
                con.execute("rollback")
                assert found


def test_a_tampered_invoice_stops_the_next_publication(january: World) -> None:
    before = january.workspace.publication.read_bytes()
    with january.warehouse() as con:
        con.execute("update invoicing.int_final_line_items set amount = amount + 1 where type = 'usage'")

    with pytest.raises(MeterhouseError, match=r"tests/dbt/invoicing/assert_finalized_invoices_never_change\.sql"):
        january.build(NEXT_CLOCK)

    assert january.workspace.publication.read_bytes() == before


def guard_query(con: duckdb.DuckDBPyConnection) -> str:
    """The dbt test as SQL on this warehouse."""
    schemas = con.execute("select table_name, table_schema from information_schema.tables").fetchall()
    places = {name: f"{schema}.{name}" for name, schema in schemas}
    template = ENVIRONMENT.from_string(Path(GUARD).read_text())
    return template.render(ref=places.__getitem__, source=lambda schema, name: f"{schema}.{name}")


def columns_in_both(con: duckdb.DuckDBPyConnection, table: str, mart: str) -> list[tuple[str, str]]:
    promised = {name for name, *_ in con.execute(f"describe {mart}").fetchall()}
    return [(name, kind) for name, kind, *_ in con.execute(f"describe {table}").fetchall() if name in promised]


def another(column: str, kind: str) -> str:
    """SQL of a value that the column does not hold."""
    if kind.startswith("TIMESTAMP") or kind == "DATE":
        return f"coalesce({column} + interval '1 day', '2020-01-01')"
    if kind == "VARCHAR":
        return f"coalesce({column}, '') || 'x'"
    return f"coalesce({column}, 0) + 1"
