"""What the command line prints: rows, metrics, invoices and balances, and how far a run is."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum

from rich.console import Console
from rich.markup import escape

from meterhouse.compiler import CompiledMetric
from meterhouse.display import as_csv, as_json, as_table, money
from meterhouse.publication import read_mart
from meterhouse.runner.workspace import Workspace

# a pipe or a file has no width; tables then get what they need
WIDE = None if sys.stdout.isatty() else 1000
out = Console(width=WIDE)
err = Console(stderr=True)


class Format(StrEnum):
    """How rows are printed."""

    table = "table"
    csv = "csv"
    json = "json"


def print_rows(names: Sequence[str], rows: Sequence[Sequence[object]], format: Format, total: int | None = None) -> None:
    """Print rows; a table says how many there are, `total` if some are left out."""
    if format is Format.csv:
        sys.stdout.write(as_csv(names, rows))
    elif format is Format.json:
        sys.stdout.write(as_json(names, rows) + "\n")
    else:
        out.print(as_table(names, rows))
        is_cut = total is not None and len(rows) < total
        shown = f"{len(rows):,} of {total:,} rows; --limit 0 shows all" if is_cut else f"{len(rows):,} rows"
        out.print(f"[dim]{shown}[/dim]")


@contextmanager
def shown_progress() -> Iterator[Callable[[str], None]]:
    """Give a function that shows what a run is doing: in one line of a terminal, else line by line."""
    if not out.is_terminal:
        yield lambda message: out.print(message, highlight=False)
        return
    with out.status("starting") as status:
        yield status.update


def print_metric(metric: CompiledMetric) -> None:
    """Print what `meterhouse explain` tells of a metric."""
    facts = {
        "metric": metric.name,
        "is": metric.description,
        "written in": metric.source_path,
        "class": metric.metric_class,
        "because": metric.reason,
        "costs": metric.cost,
        "keeps": ", ".join(metric.states),
        "reads": ", ".join(f"properties.{name}" for name in metric.properties) or "no property",
        "group keys": ", ".join(metric.group_keys) or "none",
    }
    for name, fact in facts.items():
        out.print(f"[bold]{name:<11}[/bold]{escape(fact)}", highlight=False, soft_wrap=True)
    for title, sql in (("hourly states", metric.hourly_sql), ("increments", metric.increments_sql)):
        out.print(f"\n[bold]{title}[/bold]")
        out.print(escape(sql.rstrip()), highlight=False, soft_wrap=True)


def print_invoices(workspace: Workspace) -> None:
    """Print the published invoices."""
    names = "invoice_id, status, subtotal, credits_applied, amount_due, currency, due_on"
    _, rows, _ = read_mart(workspace, "invoices", None, names, 0)
    printed = [
        (invoice, status, money(subtotal, currency), money(credits, currency), money(due, currency), due_on)  # type: ignore[arg-type]
        for invoice, status, subtotal, credits, due, currency, due_on in rows
    ]
    out.print(as_table(("invoice", "status", "subtotal", "from balances", "amount due", "due on"), printed, "\nInvoices"))


def print_balances(workspace: Workspace) -> None:
    """Print the published balances."""
    _, rows, _ = read_mart(workspace, "balances", None, "name, customer_id, granted, drawn, expired, remaining, pricing_unit", 0)
    printed = [
        (name, customer, *(money(value, unit) for value in values))  # type: ignore[arg-type]
        for name, customer, *values, unit in rows
    ]
    out.print(as_table(("balance", "customer", "granted", "drawn", "expired", "remaining"), printed, "\nBalances"))
