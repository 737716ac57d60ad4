"""
Every number of a mart is guarded: break one, and a dbt test fails.

The compiled tests run over a warehouse in which one number of one row is one more, or one row is gone. Where a mart has drafts
the row is of a draft, because what is stored for good has its fingerprint. `METERHOUSE_PROFILE=nightly python -m pytest -s` on
this file prints which tests find what.
"""

import shutil
from itertools import islice
from pathlib import Path

import duckdb

from tests.conftest import NIGHTLY
from tests.runner.shop import CATALOGUE, FINAL_CLOCK, FIRST, UNITS
from tests.worlds import World, event

DRAFT = "invoice_id not in (select invoice_id from control.finalized_invoices)"
# what is broken: tables of marts, and of views the tables that they show; and which of their rows
ROWS = {
    "events.int_events": ("events.int_events", "true"),
    "events.int_rejected_events": ("events.int_rejected_events", "true"),
    "marts.unbilled_events": ("marts.unbilled_events", "reason = 'no_metric'"),
    "marts.usage_hourly": ("marts.usage_hourly", "period_start_at >= '2026-02-01T00:00:00Z'"),
    "marts.line_items_hourly": ("marts.line_items_hourly", f"{DRAFT} and segment_id is null and type = 'usage'"),
    "marts.line_items_hourly, covered": ("marts.line_items_hourly", f"{DRAFT} and segment_id is not null"),
    "marts.line_items_hourly, late": ("marts.line_items_hourly", f"{DRAFT} and type = 'late_usage'"),
    "marts.invoice_line_items": ("marts.invoice_line_items", DRAFT),
    "marts.invoices": ("marts.invoices", DRAFT),
    "marts.balances": ("marts.balances", "drawn > 0"),
    **{
        f"marts.balance_ledger, {entry_type}": ("marts.balance_ledger", f"entry_type = '{entry_type}'")
        for entry_type in ("segment_start", "invoice_deduction", "manual", "expiration")
    },
    "marts.billing_periods": ("marts.billing_periods", DRAFT),
    "marts.late_usage": ("rating.int_late_hours", "quantity <> invoiced_quantity"),
    "marts.budget_status": ("marts.budget_status", "spent > 0"),
    "marts.balance_topups": ("marts.balance_topups", "true"),
    "marts.alerts": ("budgets.int_raised_alerts", "true"),
}
NUMBERS = ("DECIMAL", "INTEGER")
# a setting of the catalogue that no other mart repeats
UNGUARDED = {"contract_priority"}
# by day one test that finds a thing is enough, by night all of them are asked
MOST = None if NIGHTLY else 1
# whether there should be one more is said nowhere else
KEPT_WITHOUT_A_ROW = {"marts.balance_topups"}


def mutations(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return the statements that break one thing each, by what they break: every number that a row has, and the row itself."""
    found = {}
    for label, (table, rows) in ROWS.items():
        # a table behind a view may hold more than the mart shows
        shown = {name for name, *_ in con.execute(f"describe {label.split(',')[0]}").fetchall()}
        for name, kind, *_ in con.execute(f"describe {table}").fetchall():
            if name not in shown or not kind.startswith(NUMBERS) or name in UNGUARDED or not label.startswith("marts."):
                continue
            row = f"(select min(rowid) from {table} where {rows} and {name} is not null)"
            if con.execute(f"select {row}").fetchall() != [(None,)]:
                found[f"{label}.{name}"] = f"update {table} set {name} = {name} + 1 where rowid = {row}"
        if label not in KEPT_WITHOUT_A_ROW:
            found[f"{label}: a row"] = f"delete from {table} where rowid = (select min(rowid) from {table} where {rows})"
    return found


def compiled_tests(project: Path) -> dict[str, str]:
    """Return the SQL of the dbt tests by name, as the last run ran them."""
    compiled = project / "target" / "compiled" / "meterhouse"
    files = [*compiled.glob("tests/**/*.sql"), *compiled.glob("models/**/*.yml/*.sql")]
    return {file.stem: file.read_text() for file in files}


def failing(con: duckdb.DuckDBPyConnection, tests: dict[str, str], statement: str, most: int | None = None) -> list[str]:
    """Return the tests that fail after a statement, which is undone; `most` of them, those that name its table first."""
    table = next(word for word in statement.split() if "." in word).split(".")[1]
    likely = sorted(tests, key=lambda name: (f'"{table}"' not in tests[name], name))
    con.execute("begin")
    try:
        # as it stood when the run was tested: none of its steps had passed
        con.execute("update control.steps set passed = false")
        changed = con.execute(statement).fetchall()
        assert changed == [(1,)], f"{statement}: changes {changed} rows, not one"
        fails = (name for name in likely if con.execute(f"select 1 from ({tests[name]}) limit 1").fetchall())
        return list(islice(fails, most))
    finally:
        con.execute("rollback")


def open_guarded_shop(world: World) -> None:
    """Build a shop with tiers, a credit, an unbilled and a rejected event: January is final, February a draft."""
    world.metric("units", UNITS)
    tiered = {
        "rates": "rate_id,rate_card_id,product_id,starting_at,rate_type\nr1,card,widgets,2026-01-01T00:00:00Z,tiered",
        "rate_tiers": "rate_id,tier,up_to,unit_price\nr1,1,1,2\nr1,2,,0.5",
        "ledger_entries": "entry_id,segment_id,amount,reason,entry_at\ne1,s1,20,Goodwill,2026-01-09T00:00:00Z",
        "contracts": "contract_id,customer_id,rate_card_id,starting_at,late_usage\nk1,acme,card,2026-01-01T00:00:00Z,next_invoice",
        "commits": "commit_id,customer_id,contract_id,type,name,pricing_unit,priority\n"
        "credit,acme,k1,credit,Credit,usd,1\nshort,acme,k1,credit,Short,usd,",
        "commit_segments": "segment_id,commit_id,amount,starting_at,ending_before\n"
        "s1,credit,4,2026-01-01T00:00:00Z,2027-01-01T00:00:00Z\ns2,short,9,2026-01-01T00:00:00Z,2026-01-02T00:00:00Z",
        "budgets": "budget_id,customer_id,window,amount,pricing_unit\nmonth,acme,monthly,30,usd",
        "balance_thresholds": "threshold_id,contract_id,threshold_amount,recharge_to_amount,starting_at\nt1,k1,10,50,2026-01-01T00:00:00Z",
    }
    world.catalog(**(CATALOGUE | tiered))
    february = [
        event("e", "2026-02-01T10:00:00Z", {"units": 2}),
        event("f", "2026-02-01T11:00:00Z", {"units": 90}),
        event("e", "2026-02-01T10:30:00Z", {"units": 2}),
        event("late", "2026-01-20T10:00:00Z", {"units": 4}, "2026-02-02T10:00:00Z"),
        event("g", "2026-02-01T12:00:00Z", {"units": 1}, event_type="nobody_counts_this"),
    ]
    world.events("events.csv", [*FIRST, *february])
    # other worlds of this process had other metrics, and their tests are still there
    shutil.rmtree(world.workspace.project / "target" / "compiled", ignore_errors=True)
    world.build(FINAL_CLOCK)


def test_every_broken_number_is_found(world: World) -> None:
    open_guarded_shop(world)
    tests = compiled_tests(world.workspace.project)
    assert "assert_lines_equal_their_hours" in tests
    con = world.warehouse()
    try:
        assert failing(con, tests, "update control.run set as_of = as_of") == []
        found = {broken: failing(con, tests, statement, MOST) for broken, statement in mutations(con).items()}
    finally:
        con.close()
    for broken, names in found.items():
        print(f"{broken:45} {', '.join(names) or 'NOBODY'}")
    assert [broken for broken, names in found.items() if not names] == []
