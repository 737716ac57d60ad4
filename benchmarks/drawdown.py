"""
Drawdown of 5,000 contracts with 10 balances each, over 50,000 and 200,000 lines: seconds, and how they grow.

The models of the credits room run as they are, from the catalogue's commits and the lines before drawdown to the lines after
it. A line costs about 7, a balance holds 25: most lines are covered, about every second balance is drawn down, and every
tenth commit has prices of its own.
"""

import time

import duckdb

from meterhouse.runner.render import Renderer
from meterhouse.runner.workspace import PROJECT_FOLDER

CONTRACTS, BALANCES, PRODUCTS = 5_000, 10, 20
LINES = (50_000, 200_000)
VIEWS = ("int_commit_scopes", "int_segment_products", "int_segment_tuples", "int_open_balances")
MODELS = (
    "int_commit_scopes",
    "int_segment_products",
    "int_balance_segments",
    "int_segment_tuples",
    "int_open_balances",
    "int_line_order",
    "int_line_balances",
    "int_line_draws",
    "int_line_parts",
    "int_drawn_lines",
)

CATALOGUE = f"""
create table int_product_versions as
select 'product' || p as product_id, '["llm"]' as tags, timestamptz '1900-01-01' as starting_at,
    timestamptz '9999-01-01' as ending_before from range({PRODUCTS}) as t(p);

create table int_commits as
select 'commit' || c || '_' || b as commit_id, 'customer' || c as customer_id, 'contract' || c as contract_id, 'prepaid' as type,
    'Prepaid ' || b as name, 'usd' as pricing_unit, cast(b % 3 as decimal(38, 12)) as priority,
    case when b % 5 = 0 then '["product1","product2"]' else '[]' end as applicable_product_ids,
    case when b % 5 = 1 then '["llm"]' else '[]' end as applicable_product_tags, '[]' as specifiers,
    timestamptz '2025-12-01' as created_at, cast(null as varchar) as rolled_over_from
from range({CONTRACTS}) as t(c), range({BALANCES}) as u(b);

create table int_commit_segments as
select commit_id || '_1' as segment_id, commit_id, cast(25 as decimal(38, 12)) as amount,
    timestamptz '2026-01-01' as starting_at, timestamptz '2027-01-01' as ending_before
from int_commits;

create table int_commit_purchases (commit_id varchar, quantity decimal(38, 12), unit_price decimal(38, 12));
create table stg_contracts as
select 'contract' || c as contract_id, 'card' as rate_card_id from range({CONTRACTS}) as t(c);
create table stg_rate_cards as select 'card' as rate_card_id, 'usd' as currency;
create table finalized_draws (invoice_id varchar, segment_id varchar, amount decimal(38, 24));
create table int_voided_invoices (invoice_id varchar);
create table int_manual_entries (segment_id varchar, amount decimal(38, 12));
create table int_run_customers as select distinct customer_id from int_commits;
"""

LINE = """
create table int_open_invoices as
select 'invoice' || c as invoice_id, 'contract' || c as contract_id, 'usd' as currency,
    cast(null as decimal(38, 12)) as contract_priority, timestamptz '2026-01-01' as ordered_at,
    timestamptz '2026-02-02' as finalizes_at
from range($contracts) as t(c);

create table int_usage_lines as
with lines as (
    select l % $contracts as c, l // $contracts as n from range($lines) as t(l)
)
select 'line' || c || '_' || n as line_key, 'invoice' || c as invoice_id, 'customer' || c as customer_id,
    'contract' || c as contract_id, 'product' || n % $products as product_id, 'rate' as rate_id,
    cast(null as varchar) as override_id, 'usage' as type, 'unit' as charge, 'list' as price_reason, 'usd' as pricing_unit,
    '{"n":"' || n || '"}' as pricing_group_values, '{}' as presentation_group_values, 1 as step_number,
    cast(null as integer) as tier, cast(0.35 as decimal(38, 12)) as unit_price, timestamptz '2025-01-01' as price_starting_at,
    timestamptz '2026-01-01' as drawn_at, timestamptz '2026-01-01' as line_start_at, timestamptz '2026-02-01' as line_end_at,
    cast(20 + n % 7 as decimal(38, 12)) as quantity, cast((20 + n % 7) * 0.35 as decimal(38, 24)) as amount,
    'Product ' || n % $products as name
from lines;

create table int_commit_prices as
select lines.contract_id, lines.product_id, lines.pricing_group_values, lines.presentation_group_values,
    lines.price_starting_at, lines.step_number, lines.charge, commits.commit_id, cast(0.3 as decimal(38, 12)) as unit_price,
    'commit rate' as rate_id, cast(null as varchar) as override_id, 'commit rate' as price_reason
from int_usage_lines as lines
inner join int_commits as commits on lines.contract_id = commits.contract_id and commits.commit_id like '%_7';

create table int_priced_tuples as
select distinct customer_id, contract_id, product_id, pricing_group_values, presentation_group_values from int_usage_lines;

create table int_spend_caps as
select invoice_id, cast(200 as decimal(38, 12)) as maximum from int_open_invoices where invoice_id like '%3';
"""


def seconds(lines: int) -> float:
    """Draw all balances for so many lines and return the seconds of the models."""
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        con.execute("set enable_progress_bar = false")
        con.execute(CATALOGUE)
        for statement in con.extract_statements(LINE):
            named = {"contracts": CONTRACTS, "lines": lines, "products": PRODUCTS}
            con.execute(statement, {name: named[name] for name in statement.named_parameters})
        started = time.perf_counter()
        for name in MODELS:
            con.execute(f"create {'view' if name in VIEWS else 'table'} {name} as {_sql(con, name)}")
        return time.perf_counter() - started


def _sql(con: duckdb.DuckDBPyConnection, name: str) -> str:
    def number_of_passes(table: str) -> int:
        return int(con.execute(f"select max(pass_number) from {table}").fetchall()[0][0])

    renderer = Renderer(source=lambda _, table: table, number_of_passes=number_of_passes)
    return renderer.render((PROJECT_FOLDER / "models" / "credits" / f"{name}.sql").read_text())


def main() -> None:
    """Print the seconds for each number of lines, and the ratio of the two."""
    taken = {lines: seconds(lines) for lines in LINES}
    for lines, spent in taken.items():
        print(f"drawdown: {CONTRACTS:,} contracts x {BALANCES} balances, {lines:,} lines: {spent:.2f} s")
    few, many = LINES
    print(f"drawdown: {many // few} times the lines cost {taken[many] / taken[few]:.1f} times the seconds")


if __name__ == "__main__":
    main()
