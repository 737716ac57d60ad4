"""A finalized invoice never changes (product promise P4), and whoever touches it is found out."""

from pathlib import Path

import duckdb
import pytest

from meterhouse.runner import MeterhouseError
from meterhouse.runner.render import Renderer
from meterhouse.runner.workspace import PROJECT_FOLDER
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
STORED = "invoice_id in (select invoice_id from control.finalized_invoices)"
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
        customers="customer_id,name\nacme,Acme",
    )
    january.build(NEXT_CLOCK)

    assert stored(january) == before
    assert january.rows("select sum(quantity) from usage_hourly where hour_start_at < '2026-02-01'") == [(108,)]
    assert january.rows("select subtotal from invoices where status = 'draft'") == [(6,)]


def test_a_new_time_zone_moves_no_stored_deduction(january: World) -> None:
    before = stored(january)

    january.catalog(customers="customer_id,timezone\nacme,Asia/Kolkata")
    january.build(NEXT_CLOCK)

    assert stored(january) == before


def test_every_column_of_a_stored_invoice_is_guarded(january: World, subtests: pytest.Subtests) -> None:
    with january.warehouse() as con:
        guard = guard_query(con)
        assert con.execute(guard).fetchall() == []
        for mart in ("invoices", "invoice_line_items"):
            for column, kind, *_ in con.execute(f"describe marts.{mart}").fetchall():
                with subtests.test(f"{mart}.{column}"):
                    touch = f"update marts.{mart} set {column} = {another(column, kind)} where {STORED}"
                    assert found_after(con, touch, guard), f"{column} goes unseen: name it in int_invoice_fingerprints"


TAMPERING = {
    "a line is deleted": f"delete from marts.invoice_line_items where type = 'applied_commit_or_credit' and {STORED}",
    "an invoice is deleted": f"delete from marts.invoices where {STORED}",
    "a line is doubled": f"insert into marts.invoice_line_items from marts.invoice_line_items where {STORED} limit 1",
}


def test_missing_and_added_rows_are_found(january: World, subtests: pytest.Subtests) -> None:
    with january.warehouse() as con:
        guard = guard_query(con)
        for name, statement in TAMPERING.items():
            with subtests.test(name):
                assert found_after(con, statement, guard)


def test_a_tampered_invoice_stops_the_next_publication(january: World) -> None:
    before = january.workspace.publication.read_bytes()
    with january.warehouse() as con:
        con.execute(f"update marts.invoice_line_items set amount = amount + 1 where {STORED}")

    with pytest.raises(MeterhouseError, match=r"tests/dbt/invoicing/assert_finalized_invoices_never_change\.sql"):
        january.build(NEXT_CLOCK)

    assert january.workspace.publication.read_bytes() == before


def test_an_invoice_tells_what_it_was_made_from(january: World) -> None:
    january.catalog(rates=CATALOGUE["rates"].replace("flat,1", "flat,3"))
    january.build("2026-03-03T00:00:00Z")

    stored_inputs = january.rows("select inputs_fingerprint from invoices where status = 'finalized' order by period_start_at")
    before, after = (dict(part.split(" ") for part in inputs.split(", ")) for (inputs,) in stored_inputs)
    assert {name for name in before | after if before[name] != after[name]} == {"usage", "catalogue"}
    assert set(before) == {"usage", "catalogue", "metrics", "code"}
    assert january.rows("select distinct inputs_fingerprint from invoices where status = 'draft'") == [(None,)]


VOID = "action_id,contract_id,period_start_at,action,acted_at\n"


def test_an_invoice_made_anew_has_todays_prices_and_the_voided_one_stays(january: World) -> None:
    lines = "select l.* from invoice_line_items as l where invoice_id = 'k1/usage/2026-01-01' order by all"
    before = january.rows(lines)

    january.catalog(
        rates=CATALOGUE["rates"].replace("flat,1", "flat,3"),
        invoice_actions=f"{VOID}v,k1,2026-01-01,void,2026-02-03T06:00:00Z\nr,k1,2026-01-01,regenerate,2026-02-03T07:00:00Z",
    )
    january.build(NEXT_CLOCK)

    assert january.rows(lines) == before
    assert january.rows("select invoice_id, status, subtotal, credits_applied from invoices order by invoice_id") == [
        ("k1/usage/2026-01-01", "void", 8, 4),
        ("k1/usage/2026-01-01/r1", "finalized", 24, 4),
        ("k1/usage/2026-02-01", "draft", 6, 0),
    ]


def test_an_action_that_meets_no_final_invoice_stops_the_run(january: World) -> None:
    january.catalog(invoice_actions=f"{VOID}v,k1,2026-01-02,void,2026-02-03T06:00:00Z")

    with pytest.raises(MeterhouseError, match="assert_invoice_actions_meet_their_invoice"):
        january.build(NEXT_CLOCK)


def test_a_void_whose_action_is_taken_back_is_final_again(january: World) -> None:
    january.catalog(invoice_actions=f"{VOID}v,k1,2026-01-01,void,2026-02-03T06:00:00Z")
    january.build(NEXT_CLOCK)
    assert january.rows("select status, drawn from invoices, balances where finalized_at is not null") == [("void", 2)]

    january.catalog(invoice_actions=VOID)
    january.build(NEXT_CLOCK)
    assert january.rows("select status, drawn from invoices, balances where finalized_at is not null") == [("finalized", 4)]


def guard_query(con: duckdb.DuckDBPyConnection) -> str:
    """The dbt test as SQL on this warehouse."""
    schemas = con.execute("select table_name, table_schema from information_schema.tables").fetchall()
    places = {name: f"{schema}.{name}" for name, schema in schemas}
    renderer = Renderer(ref=places.__getitem__, source=lambda schema, name: f"{schema}.{name}")
    return renderer.render(Path(GUARD).read_text())


def found_after(con: duckdb.DuckDBPyConnection, statement: str, guard: str) -> list[Row]:
    """What the guard finds after a statement, which is taken back."""
    con.execute("begin")
    con.execute(statement)
    found = con.execute(guard).fetchall()
    con.execute("rollback")
    return found


def another(column: str, kind: str) -> str:
    """SQL of a value that the column does not hold."""
    if kind.startswith("TIMESTAMP") or kind == "DATE":
        return f"coalesce({column} + interval '1 day', '2020-01-01')"
    if kind == "VARCHAR":
        return f"coalesce({column}, '') || 'x'"
    return f"coalesce({column}, 0) + 1"
