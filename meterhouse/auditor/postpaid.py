"""Postpaid commits: what was promised and not drawn is billed at the end."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from meterhouse.auditor.balances import Balance, balances
from meterhouse.auditor.catalogue import Catalogue
from meterhouse.auditor.exact import ZERO, exactly, rounded
from meterhouse.auditor.invoices import Invoice, InvoiceLine, decimal_places
from meterhouse.auditor.periods import billing_periods


@exactly
def true_up_invoices(catalogue: Catalogue, drawn: Mapping[str, Decimal], as_of: datetime) -> list[Invoice]:
    """
    The invoice of every postpaid commit that has begun at `as_of`: what was promised less what is drawn.

    `drawn` says what all usage that may draw it has taken from each segment.
    """
    return [
        _true_up_invoice(catalogue, balance, balance.segment.amount - drawn.get(balance.segment.segment_id, ZERO))
        for customer in catalogue.customers
        for balance in balances(catalogue, customer.customer_id)
        if balance.commit.type == "postpaid" and balance.segment.starting_at <= as_of
    ]


def true_up_at(catalogue: Catalogue, balance: Balance) -> datetime:
    """When a true-up is final: at the commitment's end, but not before the last usage invoice that may draw it."""
    ends = [
        period.ending_before + timedelta(hours=contract.grace_period_hours)
        for contract in catalogue.contracts
        if contract.customer_id == balance.commit.customer_id and balance.commit.contract_id in (None, contract.contract_id)
        for period in billing_periods(catalogue, contract, balance.ending_before)
        if period.starting_at < balance.ending_before and period.ending_before > balance.segment.starting_at
    ]
    return max([balance.ending_before, *ends])


def true_up_invoice_id(balance: Balance) -> str:
    """The id of a true-up: its contract, or for a commit of all contracts the customer, and the commit."""
    return f"{balance.commit.contract_id or balance.commit.customer_id}/true_up/{balance.commit.commit_id}"


def _true_up_invoice(catalogue: Catalogue, balance: Balance, rest: Decimal) -> Invoice:
    commit, unit = balance.commit, balance.pricing_unit
    line = InvoiceLine("true_up", commit.product_id, Decimal(1), rest, unit, rest, commit.commit_id, balance.segment.segment_id)
    return Invoice(
        invoice_id=true_up_invoice_id(balance),
        contract_id=commit.contract_id,
        currency=unit,
        lines=(line,) if rest else (),
        subtotal=rest,
        credits_applied=ZERO,
        total=rest,
        amount_due=rounded(rest, "half_up", decimal_places(catalogue, unit)),
    )
