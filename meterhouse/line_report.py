"""How `meterhouse explain-line` tells where a line comes from: one page, or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from rich.markup import escape

from meterhouse.display import as_table, as_text, plain
from meterhouse.explain_line import Explanation
from meterhouse.line_events import Listed
from meterhouse.printing import out
from meterhouse.publication import Fields

END_OF_TIME = "9999-01-01"
Facts = Iterator[tuple[str, str]]
HOUR_COLUMNS = ("hour_start_at", "hour_quantity", "cumulative_quantity", "quantity", "unit_price", "amount", "covered_amount", "due_amount")


def explanation_as_json(found: Explanation) -> str:
    """Return the explanation as JSON, rows by the names of the marts; decimals and instants are texts."""
    content = {**asdict(found), "price_reason": found.price_reason}
    return json.dumps(content, indent=2, ensure_ascii=False, default=as_text)


def print_explanation(found: Explanation) -> None:
    """Print the page: line, invoice, price, balance, hours, events."""
    out.print(f"[bold]{escape(found.line['line_item_id'])}[/bold]", highlight=False, soft_wrap=True)
    _print_facts("Line", _line(found))
    _print_facts("Invoice", _invoice(found))
    _print_facts("Price", _price(found))
    if found.tiers:
        _print_rows(found.tiers, ("tier", "lower_bound", "upper_bound", "unit_price", "flat_fee"))
    _print_facts("Balance", _balance(found))
    if found.converts:
        _print_title("Converts")
        _print_rows(found.converts, ("name", "type", "quantity", "unit_price", "amount", "pricing_unit", "line_item_id"))
    _print_hours(found)
    _print_events(found)
    for note in found.notes:
        out.print(f"\n[dim]{escape(note)}[/dim]", highlight=False, soft_wrap=True)


def _line(found: Explanation) -> Facts:
    line = found.line
    unit = line["pricing_unit"]
    yield "what", f"{line['name']} ({line['type']})"
    yield "amount", f"{plain(line['quantity'])} x {_money(line['unit_price'], unit)} = {_money(line['amount'], unit)}"
    yield "time", _range(line["starting_at"], line["ending_before"])
    if product := found.product:
        yield "product", ", ".join(_given([product["product_id"], product["type"], _named("metric", product["metric"])]))
    for name, column in (("priced by", "pricing_group_values"), ("shown by", "presentation_group_values")):
        if line[column] != "{}":
            yield name, line[column]
    if line["tier"] is not None:
        yield "tier", str(line["tier"])
    if found.takes_off:
        yield "takes off", f"{found.takes_off['line_item_id']}: a balance pays for it"


def _invoice(found: Explanation) -> Facts:
    invoice = found.invoice
    yield "invoice", f"{invoice['invoice_id']} ({invoice['type']}, {invoice['status']})"
    yield "of", ", ".join(_given([invoice["customer_id"], _named("contract", invoice["contract_id"])]))
    if invoice["period_start_at"] is not None:
        yield "period", _range(invoice["period_start_at"], invoice["period_end_at"])
    yield "due", f"{_money(invoice['amount_due'], invoice['currency'])} on {invoice['due_on']}"
    stored = invoice["finalized_at"]
    yield (
        "final",
        f"since {_minute(stored)}; it never changes" if stored else f"at {_minute(invoice['issued_at'])}; until then it may change",
    )
    if found.late_usage_of:
        yield "late for", f"{found.late_usage_of}: it came after that invoice was final"


def _price(found: Explanation) -> Facts:
    if found.price_reason is None:
        return
    yield "price is", found.price_reason
    if rate := found.rate:
        price = [] if rate["unit_price"] is None else [_money(rate["unit_price"], rate["pricing_unit"])]
        yield "rate", ", ".join([rate["rate_id"], rate["rate_type"], *price, _range(rate["starting_at"], rate["ending_before"])])
    elif found.line["rate_id"]:
        yield "rate", f"{found.line['rate_id']}, no longer in the catalogue"
    if override := found.override:
        changes = _given([_named("times", override["multiplier"]), _named("price", override["unit_price"])])
        window = _range(override["starting_at"], override["ending_before"])
        yield "override", ", ".join([override["override_id"], override["type"], *changes, window])
    elif found.line["override_id"]:
        yield "override", f"{found.line['override_id']}, no longer in the catalogue"


def _balance(found: Explanation) -> Facts:
    if balance := found.balance:
        unit = balance["pricing_unit"]
        yield "balance", f"{balance['name']} ({balance['type']}), commit {balance['commit_id']}, segment {balance['segment_id']}"
        yield "usable", _range(balance["starting_at"], balance["ending_before"])
        if found.hours.count:
            yield "this line", _money(abs(found.line["amount"]), unit)
        yield (
            "granted",
            f"{_money(balance['granted'], unit)}, drawn {_money(balance['drawn'], unit)}, left {_money(balance['remaining'], unit)}",
        )
    elif found.line["commit_id"]:
        yield "commit", found.line["commit_id"]


def _print_hours(found: Explanation) -> None:
    if not found.hours.count:
        return
    unit = found.line["pricing_unit"].upper()
    verdict = "they add up to the line" if found.sums_up else "THEY DO NOT ADD UP TO THE LINE: run `meterhouse verify`"
    titles = ("hour", "used", "so far in the period", "in this line", f"price, {unit}", f"amount, {unit}", "from a balance", "to pay")
    _print_title(f"Hours, {_shown(found.hours, '--hours')}: {verdict}")
    out.print(as_table(titles, [tuple(row[name] for name in HOUR_COLUMNS) for row in found.hours.rows]))


def _print_events(found: Explanation) -> None:
    if not found.events.count:
        return
    _print_title(f"Events, {_shown(found.events, '--events')}")
    columns = ["timestamp", "transaction_id", "event_type", "ingested_at", "properties"]
    rows = [[row[name] for name in columns] for row in found.events.rows]
    if any(row["late"] for row in found.events.rows):
        columns.append("")
        rows = [[*row, "late" if event["late"] else ""] for row, event in zip(rows, found.events.rows, strict=True)]
    out.print(as_table(columns, rows))


def _print_facts(title: str, facts: Facts) -> None:
    lines = [f"{name:<11}{escape(fact)}" for name, fact in facts]
    if not lines:
        return
    _print_title(title)
    for line in lines:
        out.print(line, highlight=False, soft_wrap=True)


def _print_rows(rows: list[Fields], columns: tuple[str, ...]) -> None:
    out.print(as_table(columns, [tuple(row[name] for name in columns) for row in rows]))


def _print_title(title: str) -> None:
    out.print(f"\n[bold]{escape(title)}[/bold]", highlight=False, soft_wrap=True)


def _shown(listed: Listed, option: str) -> str:
    if len(listed.rows) == listed.count:
        return f"{listed.count:,}"
    return f"{len(listed.rows):,} of {listed.count:,} ({option} 0 shows all)"


def _money(value: Decimal, unit: str) -> str:
    """An amount with every digit and its unit: a page that explains rounds nothing."""
    whole, _, fraction = plain(abs(value)).partition(".")
    return f"{'-' if value < 0 else ''}{int(whole):,}{'.' + fraction if fraction else ''} {unit.upper()}"


def _range(start: datetime, end: datetime) -> str:
    if start == end:
        return f"at {_minute(start)}"
    return f"from {_minute(start)} on" if _minute(end).startswith(END_OF_TIME) else f"{_minute(start)} to {_minute(end)}"


def _minute(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"


def _named(name: str, value: Any) -> str | None:
    return None if value is None else f"{name} {as_text(value)}"


def _given(values: list[Any]) -> list[str]:
    return [str(value) for value in values if value is not None]
