"""Invoices: the lines after balances, what is converted and made up for, and totals that are rounded once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from meterhouse.auditor.catalogue import Catalogue
from meterhouse.auditor.commitments import commitment
from meterhouse.auditor.drawdown import DrawnLine
from meterhouse.auditor.exact import ZERO, exactly, rounded
from meterhouse.auditor.periods import Period, billing_periods, usage_invoice_id
from meterhouse.auditor.tables import Contract

# ISO 4217, where it is not two decimals
DECIMAL_PLACES = {
    **dict.fromkeys(("bif", "clp", "djf", "gnf", "isk", "jpy", "kmf", "krw", "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf"), 0),
    **dict.fromkeys(("bhd", "iqd", "jod", "kwd", "lyd", "omr", "tnd"), 3),
}


@dataclass(frozen=True)
class InvoiceLine:
    """A line as it is printed; amount is quantity x unit_price, but for covered parts, whose quantity is rounded."""

    type: str
    product_id: str | None
    quantity: Decimal
    unit_price: Decimal
    pricing_unit: str
    amount: Decimal
    commit_id: str | None = None
    segment_id: str | None = None


@dataclass(frozen=True)
class Invoice:
    """An invoice; sums are of lines in its currency."""

    invoice_id: str
    contract_id: str | None
    currency: str
    lines: tuple[InvoiceLine, ...]
    subtotal: Decimal
    credits_applied: Decimal
    total: Decimal
    amount_due: Decimal


@exactly
def usage_invoices(catalogue: Catalogue, drawn: Iterable[DrawnLine], as_of: datetime) -> list[Invoice]:
    """The usage invoice of every contract and period that has begun at `as_of`."""
    by_invoice: dict[str, list[DrawnLine]] = {}
    for line in drawn:
        by_invoice.setdefault(line.line.key.invoice_id, []).append(line)
    return [
        _invoice(catalogue, contract, period, by_invoice.get(usage_invoice_id(catalogue, contract, period), []))
        for contract in catalogue.contracts
        for period in billing_periods(catalogue, contract, as_of)
    ]


def decimal_places(catalogue: Catalogue, currency: str) -> int:
    """Digits of the currency's minor unit: those of pricing_units, else of ISO 4217."""
    written = {unit.pricing_unit: unit.decimal_places for unit in catalogue.pricing_units}
    return DECIMAL_PLACES.get(currency, 2) if written.get(currency) is None else int(written[currency] or 0)


def _invoice(catalogue: Catalogue, contract: Contract, period: Period, drawn: list[DrawnLine]) -> Invoice:
    currency = catalogue.currency(contract)
    lines = [part for line in drawn for part in _parts(line)]
    lines += conversions(catalogue, contract, drawn, currency)
    lines += _true_ups(catalogue, contract, period, _spend(drawn, lines, currency), currency)
    due = [line for line in lines if line.pricing_unit == currency]
    subtotal = sum((line.amount for line in due if line.type != "applied_commit_or_credit"), ZERO)
    promised = {commit.commit_id for commit in catalogue.commits if commit.type == "postpaid"}
    # what is drawn from a postpaid commit is shown, and owed all the same
    applied = -sum((line.amount for line in due if line.type == "applied_commit_or_credit" and line.commit_id not in promised), ZERO)
    return Invoice(
        invoice_id=usage_invoice_id(catalogue, contract, period),
        contract_id=contract.contract_id,
        currency=currency,
        lines=tuple(lines),
        subtotal=subtotal,
        credits_applied=applied,
        total=subtotal - applied,
        amount_due=rounded(subtotal - applied, "half_up", decimal_places(catalogue, currency)),
    )


def _parts(drawn: DrawnLine) -> Iterator[InvoiceLine]:
    """For each balance what it covers and the same taken off again; then the rest."""
    key = drawn.line.key
    for draw in drawn.draws:
        covered = InvoiceLine(
            key.type, key.product_id, draw.quantity, draw.unit_price, key.pricing_unit, draw.amount, draw.commit_id, draw.segment_id
        )
        yield covered
        yield InvoiceLine(
            "applied_commit_or_credit",
            key.product_id,
            draw.quantity,
            -draw.unit_price,
            key.pricing_unit,
            -draw.amount,
            draw.commit_id,
            draw.segment_id,
        )
    if not drawn.draws or drawn.rest_quantity or drawn.rest_amount:
        yield InvoiceLine(key.type, key.product_id, drawn.rest_quantity, key.unit_price, key.pricing_unit, drawn.rest_amount)


def conversions(catalogue: Catalogue, contract: Contract, drawn: list[DrawnLine], currency: str) -> Iterator[InvoiceLine]:
    """What balances leave of each custom unit, converted once."""
    prices = {
        row.pricing_unit: row.currency_per_unit for row in catalogue.pricing_unit_conversions if row.rate_card_id == contract.rate_card_id
    }
    for unit in sorted({line.line.key.pricing_unit for line in drawn} - {currency}):
        rest = rounded(sum((line.rest_amount for line in drawn if line.line.key.pricing_unit == unit), ZERO))
        if rest:
            yield InvoiceLine("unit_conversion", None, rest, prices[unit], currency, rest * prices[unit])


def _spend(drawn: list[DrawnLine], lines: list[InvoiceLine], currency: str) -> Decimal:
    """Usage, subscriptions and composites before balances, and what was converted."""
    before = sum((line.line.amount for line in drawn if line.line.key.pricing_unit == currency), ZERO)
    return before + sum((line.amount for line in lines if line.type == "unit_conversion"), ZERO)


def _true_ups(catalogue: Catalogue, contract: Contract, period: Period, spend: Decimal, currency: str) -> Iterator[InvoiceLine]:
    """First what lies beyond the maximum comes off, then what is missing to the minimum is added."""
    most, least = (commitment(catalogue, contract, period, kind) for kind in ("maximum", "minimum"))
    if most is not None and spend > most:
        yield InvoiceLine("true_up", None, Decimal(1), most - spend, currency, most - spend)
        spend = most
    if least is not None and spend < least:
        yield InvoiceLine("true_up", None, Decimal(1), least - spend, currency, least - spend)
