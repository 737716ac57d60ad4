"""Charges that the catalogue dates: purchases of commits, and scheduled charges. They draw nothing."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from meterhouse.auditor.catalogue import Catalogue
from meterhouse.auditor.periods import billing_periods, local_date, usage_invoice_id
from meterhouse.auditor.tables import Contract


@dataclass(frozen=True)
class Charge:
    """A line of a scheduled invoice, or of the usage invoice whose period ends at its date, where the contract wants it so."""

    charge_id: str
    type: str
    invoice_id: str
    contract_id: str | None
    product_id: str | None
    commit_id: str | None
    name: str | None
    quantity: Decimal
    unit_price: Decimal
    currency: str
    dated_at: datetime

    @property
    def amount(self) -> Decimal:
        return self.quantity * self.unit_price


def dated_charges(catalogue: Catalogue, customer_id: str, clock: datetime) -> list[Charge]:
    """All purchases and scheduled charges of a customer, whatever their date; usage invoices are those that have begun at `clock`."""
    return [*_purchases(catalogue, customer_id, clock), *_scheduled(catalogue, customer_id, clock)]


def _purchases(catalogue: Catalogue, customer_id: str, clock: datetime) -> Iterator[Charge]:
    zone = next(row.timezone for row in catalogue.customers if row.customer_id == customer_id)
    commits = {row.commit_id: row for row in catalogue.commits if row.customer_id == customer_id}
    items = [item for item in catalogue.commit_invoice_items if item.commit_id in commits]
    numbers: Counter[str] = Counter()
    for item in sorted(items, key=lambda item: (item.invoice_at, item.unit_price, item.quantity)):
        commit = commits[item.commit_id]
        contract = catalogue.contracts_by_id.get(commit.contract_id or "")
        currency = item.pricing_unit or (catalogue.currency(contract) if contract else commit.pricing_unit or "usd")
        day = local_date(item.invoice_at, zone)
        numbers[f"{commit.commit_id}/purchase/{day}"] += 1
        yield Charge(
            charge_id=f"{commit.commit_id}/purchase/{day}/{numbers[f'{commit.commit_id}/purchase/{day}']}",
            type="commit_purchase",
            invoice_id=_invoice_id(catalogue, contract, customer_id, zone, (item.invoice_at, clock), currency),
            contract_id=commit.contract_id,
            product_id=commit.product_id,
            commit_id=commit.commit_id,
            name=commit.name,
            quantity=item.quantity,
            unit_price=item.unit_price,
            currency=currency,
            dated_at=item.invoice_at,
        )


def _scheduled(catalogue: Catalogue, customer_id: str, clock: datetime) -> Iterator[Charge]:
    for row in catalogue.scheduled_charges:
        contract = catalogue.contracts_by_id.get(row.contract_id)
        if contract is None or contract.customer_id != customer_id:
            continue
        currency = row.pricing_unit or catalogue.currency(contract)
        yield Charge(
            charge_id=f"{row.contract_id}/charge/{row.charge_id}",
            type="scheduled",
            invoice_id=_invoice_id(catalogue, contract, customer_id, catalogue.timezone(contract), (row.invoice_at, clock), currency),
            contract_id=row.contract_id,
            product_id=row.product_id,
            commit_id=None,
            name=row.name or catalogue.products_by_id[row.product_id].name,
            quantity=row.quantity,
            unit_price=row.unit_price,
            currency=currency,
            dated_at=row.invoice_at,
        )


def _invoice_id(
    catalogue: Catalogue, contract: Contract | None, customer_id: str, zone: str, instants: tuple[datetime, datetime], currency: str
) -> str:
    at, clock = instants
    if contract is not None and contract.scheduled_charges_on_usage_invoices and currency == catalogue.currency(contract):
        for period in billing_periods(catalogue, contract, min(at, clock)):
            if period.ending_before == at:
                return usage_invoice_id(catalogue, contract, period)
    return f"{contract.contract_id if contract else customer_id}/scheduled/{local_date(at, zone)}/{currency}"
