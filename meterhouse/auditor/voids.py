"""Invoices that are voided, and the ones that are made in their place (docs/contracts.md, "Void an invoice, make it anew")."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from meterhouse.auditor.audited import AuditedInvoice
from meterhouse.auditor.catalogue import Catalogue


@dataclass(frozen=True)
class Void:
    """
    What is voided, from an instant on (UTC): a usage invoice by its id, others by type, contract and when they became final.

    `base` is the id of the period's first invoice, `regenerated_as` of the one that bills it from `regenerated_at` on.
    """

    contract_id: str
    invoice_type: str
    named_at: datetime
    voided_at: datetime
    base: str | None = None
    invoice_id: str | None = None
    regenerated_as: str | None = None
    regenerated_at: datetime | None = None

    def names(self, invoice: AuditedInvoice) -> bool:
        """Whether it is the one that is voided."""
        if self.base is not None:
            return invoice.invoice_id == self.invoice_id
        return (invoice.type, invoice.contract_id, invoice.finalizes_at) == (self.invoice_type, self.contract_id, self.named_at)


def voids(catalogue: Catalogue, periods: Sequence[tuple[str, datetime, str]], clock: datetime) -> list[Void]:
    """
    What is voided by `clock`, in the order of its instants.

    `periods` are contracts, starts and first invoices: the first void of a period is of that, the next of its successor.
    """
    found = [
        Void(row.contract_id, row.invoice_type, row.period_start_at, row.acted_at)
        for row in catalogue.invoice_actions
        if row.invoice_type != "usage" and row.acted_at <= clock
    ]
    for contract_id, period_start_at, base in periods:
        found += _of_period(catalogue, contract_id, period_start_at, base, clock)
    return sorted(found, key=lambda void: void.voided_at)


def _of_period(catalogue: Catalogue, contract_id: str, period_start_at: datetime, base: str, clock: datetime) -> Iterator[Void]:
    actions = sorted(
        (row.acted_at, row.action != "void")
        for row in catalogue.invoice_actions
        if (row.invoice_type, row.contract_id, row.period_start_at) == ("usage", contract_id, period_start_at) and row.acted_at <= clock
    )
    name, voided = base, 0
    for place, (at, is_regeneration) in enumerate(actions):
        if is_regeneration:
            continue
        voided += 1
        following = actions[place + 1] if place + 1 < len(actions) else None
        anew = following[0] if following and following[1] else None
        successor = f"{base}/r{voided}" if anew else None
        yield Void(contract_id, "usage", period_start_at, at, base, name, successor, anew)
        name = f"{base}/r{voided}"
