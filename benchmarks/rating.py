"""
A month of 2,000 contracts and 20 products: seconds from hourly usage to rated hours, and how they grow with the rows.

The models of the rating room run as they are, from the staged catalogue and usage_hourly to int_rated_usage. Every rate type
has its products, prices change in mid-month, every tenth contract has an override, and every fifth commit its own prices.
"""

import time

import duckdb

from meterhouse.runner.render import Renderer
from meterhouse.runner.workspace import PROJECT_FOLDER

CONTRACTS, PRODUCTS = 2_000, 20
ROWS = (500_000, 5_000_000)
VIEWS = ("int_contract_products", "int_product_versions", "int_card_rates", "int_rate_tiers")
MODELS = (
    "usage/int_contract_products",
    "usage/int_product_versions",
    "rating/int_card_rates",
    "rating/int_rate_tiers",
    "rating/int_priced_tuples",
    "rating/int_override_windows",
    "rating/int_price_windows",
    "rating/int_commit_price_windows",
    "rating/int_price_bounds",
    "rating/int_price_steps",
    "rating/int_commit_prices",
    "rating/int_rated_usage",
)

CATALOGUE = f"""
create table stg_products as
select 'product' || p as product_id, 'Product ' || p as name, 'usage' as type, 'metric' || p as metric,
    'hour' as breakdown_granularity, '[]' as pricing_group_keys, '["user"]' as presentation_group_keys,
    cast(null as varchar) as conversion, cast(null as varchar) as rounding,
    case when p % 4 = 0 then '["llm"]' else '[]' end as tags, '[]' as composite_product_ids, '[]' as composite_tags,
    cast(null as decimal(38, 12)) as conversion_factor, cast(null as integer) as rounding_decimal_places,
    false as exclude_free_usage
from range({PRODUCTS}) as t(p);
create table stg_product_versions as select *, timestamptz '2026-01-01' as starting_at from stg_products where false;

create table stg_rate_cards as select 'card' as rate_card_id, 'usd' as currency;
create table stg_rates as
select 'rate' || p || '_' || half || target as rate_id, 'card' as rate_card_id, 'product' || p as product_id,
    case when target = 'commit' then 'flat' else ['flat', 'tiered', 'volume', 'package', 'percentage'][1 + p % 5] end as rate_type,
    case when target = 'commit' or p % 5 in (0, 3, 4) then cast(0.25 as decimal(38, 12)) end as unit_price,
    cast(null as varchar) as pricing_unit, '{{}}' as pricing_group_values, target, true as entitled,
    cast(null as varchar) as billing_frequency,
    case when target = 'list' and p % 5 = 3 then cast(100 as decimal(38, 12)) end as package_size,
    cast(null as decimal(38, 12)) as minimum_amount,
    timestamptz '2026-01-01' + half * interval '15 days' as starting_at, cast(null as timestamptz) as ending_before
from range({PRODUCTS}) as t(p), range(2) as u(half), (values ('list'), ('commit')) as v(target)
where target = 'list' or p % 5 = 1;
create table stg_rate_tiers as
select rate_id, cast(t as integer) as tier, case when t < 4 then cast(t * 200 as decimal(38, 12)) end as up_to,
    cast(0.4 - t * 0.05 as decimal(38, 12)) as unit_price, cast(t % 2 as decimal(38, 12)) as flat_fee
from stg_rates, range(1, 5) as u(t) where rate_type in ('tiered', 'volume');

create table stg_contracts as
select 'contract' || c as contract_id, 'customer' || c as customer_id, 'card' as rate_card_id,
    'lowest_multiplier' as multiplier_override_prioritization, timestamptz '2026-01-01' as starting_at,
    timestamptz '9999-01-01' as ending_before
from range({CONTRACTS}) as t(c);
create table stg_overrides as
select 'override' || c as override_id, 'contract' || c as contract_id, cast(null as varchar) as product_id, 'multiplier' as type,
    'list' as target, '["llm"]' as product_tags, '[]' as commit_ids, '{{}}' as pricing_group_values,
    '{{}}' as presentation_group_values, cast(0.9 as decimal(38, 12)) as multiplier, cast(null as decimal(38, 12)) as unit_price,
    cast(null as decimal(38, 12)) as priority, false as is_commit_specific, cast(null as boolean) as entitled,
    cast(null as timestamptz) as created_at, timestamptz '2026-01-10' as starting_at, timestamptz '9999-01-01' as ending_before
from range(0, {CONTRACTS}, 10) as t(c);
create table stg_override_tiers (
    override_id varchar, tier integer, lower_bound decimal(38, 12), upper_bound decimal(38, 12), multiplier decimal(38, 12)
);
create table int_commits as
select 'commit' || c as commit_id, 'customer' || c as customer_id, 'contract' || c as contract_id, 'commit' as rate_target
from range(0, {CONTRACTS}, 5) as t(c);
create table stg_subscriptions (contract_id varchar, product_id varchar, billing_frequency varchar);

create table int_open_periods as
select contract_id || '/usage/2026-01-01' as invoice_id, contract_id, customer_id, timestamptz '2026-01-01' as period_start_at,
    timestamptz '2026-02-01' as period_end_at
from stg_contracts;
create table billing_periods as select * from int_open_periods;
create table int_run_invoices as select *, period_start_at as from_hour_at from int_open_periods;
create table int_late_periods as select * from int_open_periods where false;
create table int_review_hours (hour_start_at timestamptz);
create table int_run_customers as select customer_id from stg_contracts;
"""

USAGE = """
create table usage_hourly as
with hours as (
    select n, n % $contracts as c, (n // $contracts) % $products as p, n // ($contracts * $products) as h from range($rows) as t(n)
)
select 'customer' || c as customer_id, 'contract' || c as contract_id, 'product' || p as product_id,
    timestamptz '2026-01-01' as period_start_at, timestamptz '2026-02-01' as period_end_at,
    timestamptz '2026-01-01' + cast(h * 744 // ($rows // ($contracts * $products) + 1) as integer) * interval '1 hour' as hour_start_at,
    '{}' as pricing_group_values, '{"user":"ann"}' as presentation_group_values,
    cast(7 + n % 3 as decimal(38, 12)) as quantity,
    cast(sum(7 + n % 3) over (partition by c, p order by h) as decimal(38, 12)) as cumulative_quantity
from hours;
"""


def seconds(rows: int) -> float:
    """Rate so many rows of hourly usage and return the seconds of the models."""
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        con.execute("set enable_progress_bar = false")
        con.execute(CATALOGUE)
        con.execute(USAGE, {"contracts": CONTRACTS, "products": PRODUCTS, "rows": rows})
        renderer = Renderer(source=lambda _, table: table, first_change=lambda *_: "timestamptz '1900-01-01'")
        started = time.perf_counter()
        for path in MODELS:
            name = path.rpartition("/")[2]
            sql = renderer.render((PROJECT_FOLDER / "models" / f"{path}.sql").read_text())
            con.execute(f"create {'view' if name in VIEWS else 'table'} {name} as {sql}")
        return time.perf_counter() - started


def main() -> None:
    """Print the seconds for each number of rows, and the ratio of the two."""
    taken = {rows: seconds(rows) for rows in ROWS}
    for rows, spent in taken.items():
        print(f"rating: {CONTRACTS:,} contracts x {PRODUCTS} products, {rows:,} hourly usage rows: {spent:.2f} s", flush=True)
    few, many = ROWS
    print(f"rating: {many // few} times the rows cost {taken[many] / taken[few]:.1f} times the seconds")


if __name__ == "__main__":
    main()
