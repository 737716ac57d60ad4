"""How `meterhouse backtest` tells what would have been billed: tables for a person, or JSON with every row."""

from __future__ import annotations

import json
from dataclasses import asdict
from decimal import Decimal

from meterhouse.backtest import SIDES, Backtest
from meterhouse.display import as_table, as_text, money
from meterhouse.printing import out
from meterhouse.publication import Fields

HUNDRED = Decimal(100)


def print_backtest(found: Backtest, top: int) -> None:
    """Print what differs per customer and product, the `top` invoices that change most (0: all), and the totals."""
    products = [row for row in found.products if row["difference"]]
    invoices = [row for row in found.invoices if row["difference"]]
    if products:
        rows = [(row["customer_id"], row["product_id"], *_amounts(row, row["unit"])) for row in products]
        out.print(as_table(("customer", "product", *SIDES, "change"), rows, "Billed before balances, where it differs"))
    if invoices:
        shown = invoices[:top] if top else invoices
        rows = [(row["invoice_id"], *_amounts(row, row["currency"])) for row in shown]
        out.print(as_table(("invoice", *SIDES, "change"), rows, "\nAmount due, largest difference first"))
        if len(shown) < len(invoices):
            out.print(f"[dim]{len(shown)} of {len(invoices)} invoices; --top 0 shows all[/dim]")
    rows = [(row["currency"].upper(), *_amounts(row, row["currency"])) for row in found.totals]
    if rows:
        out.print(as_table(("currency", *SIDES, "change"), rows, "\nAll invoices"))
    out.print(f"\n{_summary(found, len(products), len(invoices))}", highlight=False, soft_wrap=True)


def backtest_as_json(found: Backtest) -> str:
    """Every row of both sides, also without a difference; decimals and instants are texts."""
    return json.dumps({**asdict(found), "clock": as_text(found.clock)}, indent=2, ensure_ascii=False, default=as_text)


def _amounts(row: Fields, unit: str) -> tuple[str, ...]:
    return (*(money(row[side], unit) for side in SIDES), _percent(row["now"], row["difference"]))


def _percent(now: Decimal, difference: Decimal) -> str:
    if now == 0:
        return "new" if difference else "-"
    return f"{difference * HUNDRED / abs(now):+.1f} %"


def _summary(found: Backtest, products: int, invoices: int) -> str:
    clock = f"{found.clock:%Y-%m-%d %H:%M} UTC"
    if not found.differs:
        return f"no difference up to {clock}: {len(found.invoices)} invoices are the same on both sides"
    return f"up to {clock}: {products} products of customers and {invoices} of {len(found.invoices)} invoices differ"
