"""Invoices as the auditor makes them: what the marts should hold."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from meterhouse.auditor.line_hours import LineHour


@dataclass(frozen=True)
class AuditedLine:
    """A line of an invoice with its hours; the marts write the same columns. Some lines have no hours, some no fixed name."""

    type: str
    product_id: str | None
    name: str | None
    pricing_group_values: str
    presentation_group_values: str
    tier: int | None
    commit_id: str | None
    segment_id: str | None
    starting_at: datetime
    ending_before: datetime
    pricing_unit: str
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal
    charge: str = "unit"
    hours: tuple[LineHour, ...] = ()
    is_printed: bool = True
    is_owed: bool = False  # drawn from a postpaid commit: shown as covered, and due all the same


@dataclass(frozen=True)
class AuditedInvoice:
    """An invoice as it should be, of the run that stored it; without a run it is a draft."""

    invoice_id: str
    contract_id: str | None
    type: str
    currency: str
    finalizes_at: datetime
    step: int | None
    subtotal: Decimal
    credits_applied: Decimal
    total: Decimal
    amount_due: Decimal
    lines: tuple[AuditedLine, ...]
    is_void: bool = False
    regenerated_from: str | None = None
