"""The models of the credits room over a few lines and balances, without dbt: from lines before the drawdown to rows after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

import duckdb

from meterhouse.runner.render import Renderer
from meterhouse.runner.workspace import PROJECT_FOLDER

MODELS = ("int_line_order", "int_line_balances", "int_line_draws", "int_line_parts", "int_drawn_lines", "line_items_hourly")

INPUTS = """
create table int_open_invoices as select 'i' as invoice_id, 'c' as contract_id, 'usd' as currency, 1 as contract_priority,
    timestamptz '2026-01-01' as ordered_at, timestamptz '2026-02-02' as finalizes_at;
create table int_line_hours (line_key varchar, hour_start_at timestamptz, unit_price decimal(38, 12), quantity decimal(38, 12));
alter table int_line_hours add column amount decimal(38, 24);
create table run as select 1 as step_id;
create table int_split_lines (line_key varchar, is_split_anew boolean, kept_to decimal(38, 12));
create table int_spend_caps (invoice_id varchar, maximum decimal(38, 12));
create table int_late_line_hours (invoice_id varchar, line_item_id varchar, customer_id varchar, contract_id varchar,
    product_id varchar, rate_id varchar, override_id varchar, price_reason varchar, charge varchar, pricing_group_values varchar,
    presentation_group_values varchar, pricing_unit varchar, tier integer, quantity decimal(38, 12), unit_price decimal(38, 12),
    amount decimal(38, 24), hour_start_at timestamptz, period_start_at timestamptz);
create table int_open_balances (segment_id varchar, commit_id varchar, name varchar, available decimal(38, 24), draw_rank integer);
create table int_segment_tuples (segment_id varchar, product_id varchar, starting_at timestamptz, ending_before timestamptz);
create table int_commit_prices (commit_id varchar, product_id varchar, unit_price decimal(38, 12));
"""
ALWAYS = ("1900-01-01", "9999-01-01")
CONSTANTS = {
    "int_line_hours": """'i' as invoice_id, 'customer' as customer_id, 'c' as contract_id, line_key as product_id,
        'usage' as type, 'unit' as charge, 'r' as rate_id, cast(null as varchar) as override_id, 'list' as price_reason,
        'usd' as pricing_unit, '{}' as pricing_group_values, '{}' as presentation_group_values, 1 as step_number,
        cast(null as integer) as tier, timestamptz '2026-01-01' as price_starting_at, timestamptz '2026-01-01' as drawn_at,
        timestamptz '2026-01-01' as period_start_at,
        timestamptz '2026-01-01' as line_start_at, timestamptz '2026-02-01' as line_end_at, 1 as step_id""",
    "int_open_balances": """'customer' as customer_id, cast(null as varchar) as contract_id, 'usd' as pricing_unit,
        timestamptz '2026-01-01' as starting_at, timestamptz '2026-02-01' as ending_before""",
    "int_segment_tuples": "'c' as contract_id, '{}' as pricing_group_values, '{}' as presentation_group_values",
    "int_commit_prices": """'c' as contract_id, '{}' as pricing_group_values, '{}' as presentation_group_values,
        timestamptz '2026-01-01' as price_starting_at, 1 as step_number, 'unit' as charge, 'commit' as rate_id,
        cast(null as varchar) as override_id, 'commit rate' as price_reason""",
}
SUMMED = """
create or replace temp view int_usage_lines as
select * exclude (hour_start_at, quantity, amount), line_key as name, cast(sum(quantity) as decimal(38, 12)) as quantity,
    cast(sum(amount) as decimal(38, 24)) as amount
from int_line_hours group by all;
create or replace temp view int_balance_segments as select *, 'prepaid' as type from int_open_balances;
"""


@dataclass(frozen=True)
class Line:
    """A line of a product of its own name: what its hours use, at one price."""

    name: str
    unit_price: Decimal
    hours: tuple[Decimal, ...]


@dataclass(frozen=True)
class Balance:
    """A balance in the order of drawing; its own prices by product, and the products that it pays."""

    name: str
    available: Decimal
    products: tuple[str, ...]
    prices: tuple[tuple[str, Decimal], ...] = ()


Row = tuple[str, str, str | None, Decimal, Decimal, Decimal, str]


class Drawdown:
    """The room's models over one DuckDB connection, used again and again."""

    def __init__(self) -> None:
        self._con = duckdb.connect()
        self._con.execute("set TimeZone = 'UTC'")
        self._con.execute(INPUTS)
        self.hourly: list[tuple[str, Decimal, Decimal]] = []

    def lines_after(self, lines: Sequence[Line], balances: Sequence[Balance], maximum: Decimal | None = None) -> list[Row]:
        """Return (type, product, segment, quantity, unit_price, amount, id) of each line; `hourly` then has the sums of its hours."""
        self._fill(lines, balances, maximum)
        names = {name: f"(select *, {constants} from {name})" for name, constants in CONSTANTS.items()}
        self._con.execute(SUMMED.replace("from int_line_hours", f"from {names['int_line_hours']}"))
        for name in MODELS:
            sql = _sql(name, len(balances))
            for table, query in names.items():
                sql = sql.replace(f"select * from {table}\n", f"select * from {query}\n")
            self._con.execute(f"create or replace temp table {name} as {sql}")
        self.hourly = self._con.execute("select line_item_id, sum(quantity), sum(amount) from line_items_hourly group by 1").fetchall()
        return self._con.execute(
            "select type, product_id, segment_id, quantity, unit_price, amount, line_item_id from int_drawn_lines order by all"
        ).fetchall()

    def _fill(self, lines: Sequence[Line], balances: Sequence[Balance], maximum: Decimal | None) -> None:
        tables: dict[str, list[list[Any]]] = {
            "int_line_hours": [
                [line.name, f"2026-01-02T{hour:02}:00:00Z", line.unit_price, quantity, quantity * line.unit_price]
                for line in lines
                for hour, quantity in enumerate(line.hours)
            ],
            "int_spend_caps": [["i", maximum]] if maximum is not None else [],
            "int_open_balances": [[b.name, b.name, b.name, b.available, rank] for rank, b in enumerate(balances)],
            "int_segment_tuples": [[b.name, product, *ALWAYS] for b in balances for product in b.products],
            "int_commit_prices": [[b.name, product, price] for b in balances for product, price in b.prices],
        }
        for table, rows in tables.items():
            self._con.execute(f"delete from {table}")
            if rows:
                marks = ", ".join("?" for _ in rows[0])
                self._con.executemany(f"insert into {table} values ({marks})", rows)


@cache
def _sql(name: str, passes: int) -> str:
    renderer = Renderer(source=lambda _, table: table, number_of_passes=lambda _: passes)
    return renderer.render((PROJECT_FOLDER / "models" / "credits" / f"{name}.sql").read_text())
