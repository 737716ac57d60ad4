"""
Drawdown, the naive way: for each line in order, for each balance in order, take what the line still needs and the balance has.

Drawing is by quantity: while a commit is drawn, a line costs that commit's price; what no balance covers keeps its own.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from meterhouse.auditor.balances import Balance, balances
from meterhouse.auditor.catalogue import Catalogue
from meterhouse.auditor.commit_prices import price_while_drawn
from meterhouse.auditor.commitments import commitment
from meterhouse.auditor.exact import ZERO, divide, exactly
from meterhouse.auditor.grants import corrections, with_grants
from meterhouse.auditor.lines import Line, LineKey, contract_of, lines_of
from meterhouse.auditor.periods import billing_periods, usage_invoice_id
from meterhouse.auditor.prices import Priced
from meterhouse.auditor.rating import RatedRow

NOTHING: Mapping[str, Decimal] = {}
TYPES = ("usage", "subscription", "composite")


@dataclass(frozen=True)
class Draw:
    """What a balance pays of a line: this quantity at the price while its commit is drawn."""

    commit_id: str
    segment_id: str
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal
    list_amount: Decimal  # what the covered quantity costs at the line's own price


@dataclass(frozen=True)
class DrawnLine:
    """A line, what balances pay of it in their order, and the rest."""

    line: Line
    draws: tuple[Draw, ...]
    rest_quantity: Decimal
    rest_amount: Decimal


@exactly
def draw_down(
    catalogue: Catalogue,
    rows: Iterable[RatedRow],
    as_of: datetime,
    tie_break: Callable[[Line], str] = lambda line: str(line.key),
    drawn: Mapping[str, Decimal] = NOTHING,
) -> list[DrawnLine]:
    """
    The lines of rated rows after balances, in the order in which they draw.

    Lines that the rules do not tell apart are ordered by `tie_break`: an id of the line. `drawn` says what invoices that
    were final before have taken from each segment.
    """
    catalogue = with_grants(catalogue, as_of)
    by_customer: dict[str, list[RatedRow]] = {}
    for row in rows:
        by_customer.setdefault(catalogue.contracts_by_id[row.contract_id].customer_id, []).append(row)
    return [
        line for customer_id in sorted(by_customer) for line in _of_customer(catalogue, customer_id, by_customer, as_of, tie_break, drawn)
    ]


def _of_customer(
    catalogue: Catalogue,
    customer_id: str,
    rows: dict[str, list[RatedRow]],
    as_of: datetime,
    tie_break: Callable[[Line], str],
    drawn: Mapping[str, Decimal],
) -> list[DrawnLine]:
    in_order = balances(catalogue, customer_id)
    left = {
        balance.segment.segment_id: balance.segment.amount
        + corrections(catalogue, balance.segment, as_of)
        - drawn.get(balance.segment.segment_id, ZERO)
        for balance in in_order
    }
    lines = lines_of(catalogue, rows[customer_id], in_order, as_of)
    starts = {
        usage_invoice_id(catalogue, contract, period): period.starting_at
        for contract in catalogue.contracts
        if contract.customer_id == customer_id
        for period in billing_periods(catalogue, contract, as_of)
    }
    ordered = sorted(lines, key=lambda line: (*_order(catalogue, line, starts), tie_break(line)))
    capped = _drawable(catalogue, ordered, as_of)
    return [_drawn(catalogue, line, capped[line.key], in_order, left) for line in ordered]


def _drawable(catalogue: Catalogue, ordered: list[Line], as_of: datetime) -> dict[LineKey, Decimal]:
    """How much of each line's amount may be drawn: what lies beyond the maximum spend of its invoice's period may not."""
    limits = {
        usage_invoice_id(catalogue, contract, period): commitment(catalogue, contract, period, "maximum")
        for contract in {line.key.contract_id: contract_of(catalogue, line) for line in ordered}.values()
        for period in billing_periods(catalogue, contract, as_of)
    }
    spent: dict[str, Decimal] = {}
    capped = {}
    for line in ordered:
        limit, before = limits.get(line.key.invoice_id), spent.get(line.key.invoice_id, ZERO)
        is_limited = limit is not None and line.key.pricing_unit == catalogue.currency(contract_of(catalogue, line))
        capped[line.key] = max(ZERO, min(line.amount, limit - before)) if limit is not None and is_limited else line.amount
        if is_limited:
            spent[line.key.invoice_id] = before + line.amount
    return capped


def _order(catalogue: Catalogue, line: Line, starts: dict[str, datetime]) -> tuple[object, ...]:
    """Invoices by start, contract priority and contract; their lines by type, start, the dearer first, and name."""
    contract, key = contract_of(catalogue, line), line.key
    dated = next((row.dated_at for row in line.rows if row.dated_at), key.starting_at)
    return (
        starts.get(key.invoice_id, dated),
        (contract.priority is None, contract.priority or ZERO),
        contract.contract_id,
        key.invoice_id,
        TYPES.index(key.type),
        key.starting_at,
        -key.unit_price,
        line_name(catalogue, line),
    )


def line_name(catalogue: Catalogue, line: Line) -> str:
    """The product's name, and which of its charges it is, where that is not its units."""
    product = catalogue.products_by_id[line.key.product_id]
    charge = {"unit": "", "flat_fee": f" (tier {line.key.tier} flat fee)", "minimum": " (minimum)"}[line.key.charge]
    return f"{product.name or product.product_id}{charge}"


def _drawn(catalogue: Catalogue, line: Line, drawable: Decimal, in_order: list[Balance], left: dict[str, Decimal]) -> DrawnLine:
    """Take from the balances that apply up to a `drawable` amount, and write down in `left` what stays in them."""
    rest_amount = drawable
    rest_quantity = line.quantity if drawable == line.amount else divide(drawable, line.key.unit_price)
    kept_quantity, kept_amount = line.quantity - rest_quantity, line.amount - drawable
    draws = []
    for balance in in_order if rest_quantity > 0 else []:
        segment_id = balance.segment.segment_id
        if rest_quantity == 0 or left[segment_id] <= 0 or not _applies(catalogue, balance, line):
            continue
        unit_price = _price(catalogue, line, balance)
        is_own_price = unit_price == line.key.unit_price
        needed = rest_amount if is_own_price else rest_quantity * unit_price
        # what is free is not drawn for, unless the commit has a price of its own: then it covers all, also for nothing
        if needed > 0 or not is_own_price:
            amount = min(needed, left[segment_id])
            quantity = rest_quantity if amount == needed else min(rest_quantity, divide(amount, unit_price))
            left[segment_id] -= amount
            # a covered quantity is rounded, its amount is not: both amounts add up to the line, to the last digit
            list_value = rest_amount if amount == needed else amount if is_own_price else min(rest_amount, quantity * line.key.unit_price)
            draws.append(Draw(balance.commit.commit_id, segment_id, quantity, unit_price, amount, list_value))
            rest_quantity -= quantity
            rest_amount -= list_value
    return DrawnLine(line, tuple(draws), rest_quantity + kept_quantity, rest_amount + kept_amount)


def _applies(catalogue: Catalogue, balance: Balance, line: Line) -> bool:
    key = line.key
    # a subscription is drawn for when it is charged; usage lies in a window between the borders of balances
    at = line.rows[0].dated_at or key.starting_at
    return (
        balance.pricing_unit == key.pricing_unit
        and balance.segment.starting_at <= at < balance.ending_before
        and balance.is_for(
            contract_of(catalogue, line),
            catalogue.product_at(key.product_id, key.starting_at),
            json.loads(key.pricing_group_values),
            json.loads(key.presentation_group_values),
        )
    )


def _price(catalogue: Catalogue, line: Line, balance: Balance) -> Decimal:
    key = line.key
    if key.charge == "minimum":
        return key.unit_price
    priced = Priced(
        contract_of(catalogue, line), key.product_id, json.loads(key.pricing_group_values), json.loads(key.presentation_group_values)
    )
    found = price_while_drawn(catalogue, priced, balance.commit, (key.charge, key.low), line.rows[0].hour_start_at)
    return key.unit_price if found is None else found
