"""
Late usage from events: a closed period is rated again with all that is known, and what no invoice holds of it is billed.

Hour by hour and price by price; it draws nothing, and what it leaves of a custom unit is converted apart.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from meterhouse.auditor.audited import AuditedLine
from meterhouse.auditor.catalogue import Catalogue
from meterhouse.auditor.exact import ZERO, rounded
from meterhouse.auditor.line_hours import LineHour
from meterhouse.auditor.metering import metered_hours
from meterhouse.auditor.periods import Period
from meterhouse.auditor.query import Metric
from meterhouse.auditor.query_expressions import UsageEvent
from meterhouse.auditor.rating import RatedRow, rate_usage
from meterhouse.auditor.tables import Contract

# product, pricing and presentation values, charge, tier, unit price and pricing unit of a line
Price = tuple[str, str, str, str, int | None, Decimal, str]
Hours = dict[tuple[Price, datetime], Decimal]


class LateUsage:
    """What closed periods were invoiced with, and what later invoices have billed of the rest."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._closed: dict[str, list[tuple[Period, int, Hours]]] = {}
        self._billed: dict[tuple[str, datetime], Hours] = {}
        self._lines: dict[str, Sequence[AuditedLine]] = {}

    def close(self, contract: Contract, period: Period, step: int, rows: Sequence[RatedRow]) -> None:
        """Remember the usage of a period as the run that stored its invoice rated it."""
        self._closed.setdefault(contract.contract_id, []).append((period, step, _hours(rows)))

    def bill(self, contract: Contract, invoice_id: str, lines: Sequence[AuditedLine]) -> None:
        """Remember the late lines of an invoice that is stored."""
        self._lines[invoice_id] = lines
        self._add(contract.contract_id, lines, 1)

    def void(self, contract_id: str, period_start_at: datetime, invoice_id: str) -> None:
        """Nothing of a voided period is late any more, and what its invoice billed of other periods is open again."""
        periods = self._closed.get(contract_id, [])
        self._closed[contract_id] = [one for one in periods if one[0].starting_at != period_start_at]
        self._add(contract_id, self._lines.pop(invoice_id, ()), -1)

    def _add(self, contract_id: str, lines: Sequence[AuditedLine], sign: int) -> None:
        for line in lines:
            billed = self._billed.setdefault((contract_id, line.starting_at), {})
            for hour in line.hours:
                place = (_price_of(line), hour.hour_start_at)
                billed[place] = billed.get(place, ZERO) + sign * hour.quantity

    def lines(
        self,
        contract: Contract,
        metrics: Mapping[str, Metric],
        known: Sequence[UsageEvent],
        changed: Sequence[tuple[int, datetime]],
        onto: Period,
    ) -> list[AuditedLine]:
        """
        The late lines of a contract from what a run knows; `changed` are the runs up to it that changed usage, and where.

        What is in a custom unit is converted in the period of the invoice.
        """
        lines: list[AuditedLine] = []
        for period, closed_by, then in self._closed.get(contract.contract_id, []):
            billed = self._billed.get((contract.contract_id, period.starting_at), {})
            # a period that was billed anew has nothing new, but what was billed late of it is given back
            if billed or any(closed_by < step and period.holds(at) for step, at in changed):
                now = _hours(rate_usage(self.catalogue, metered_hours(self.catalogue, contract, period, metrics, known)))
                lines += self._lines_of(period, now, then, billed)
        return [*lines, *self._conversions(contract, lines, onto)]

    def _lines_of(self, period: Period, now: Hours, then: Hours, billed: Hours) -> Iterator[AuditedLine]:
        open_hours = {place: now.get(place, ZERO) - then.get(place, ZERO) - billed.get(place, ZERO) for place in now | then | billed}
        for price in sorted({price for price, _ in open_hours}, key=str):
            quantities = {hour: quantity for (of, hour), quantity in open_hours.items() if of == price and quantity}
            if quantities:
                yield self._line(period, price, quantities)

    def _line(self, period: Period, price: Price, quantities: Mapping[datetime, Decimal]) -> AuditedLine:
        product_id, pricing, presentation, charge, tier, unit_price, pricing_unit = price
        total = sum(quantities.values(), ZERO)
        product = self.catalogue.products_by_id[product_id]
        return AuditedLine(
            type="late_usage",
            product_id=product_id,
            name=f"{product.name or product_id} (late usage)",
            pricing_group_values=pricing,
            presentation_group_values=presentation,
            tier=tier,
            commit_id=None,
            segment_id=None,
            starting_at=period.starting_at,
            ending_before=period.ending_before,
            pricing_unit=pricing_unit,
            quantity=total,
            unit_price=unit_price,
            amount=total * unit_price,
            charge=charge,
            hours=tuple(LineHour(None, hour, quantity, unit_price, quantity * unit_price) for hour, quantity in sorted(quantities.items())),
            is_printed=total != 0,
        )

    def _conversions(self, contract: Contract, lines: Sequence[AuditedLine], onto: Period) -> Iterator[AuditedLine]:
        currency = self.catalogue.currency(contract)
        for row in self.catalogue.pricing_unit_conversions:
            late = [line for line in lines if line.pricing_unit == row.pricing_unit and line.pricing_unit != currency]
            quantity = rounded(sum((line.amount for line in late), ZERO))
            if row.rate_card_id == contract.rate_card_id and quantity:
                yield replace(
                    late[0],
                    type="unit_conversion",
                    product_id=None,
                    name=None,
                    pricing_group_values="{}",
                    presentation_group_values="{}",
                    tier=None,
                    starting_at=onto.starting_at,
                    ending_before=onto.ending_before,
                    pricing_unit=currency,
                    quantity=quantity,
                    unit_price=row.currency_per_unit,
                    amount=quantity * row.currency_per_unit,
                    hours=(),
                    is_printed=True,
                )


def _hours(rows: Sequence[RatedRow]) -> Hours:
    found: Hours = {}
    for row in rows:
        place = (_price_of(row), row.hour_start_at)
        found[place] = found.get(place, ZERO) + row.quantity
    return found


def _price_of(row: RatedRow | AuditedLine) -> Price:
    return (
        str(row.product_id),
        row.pricing_group_values,
        row.presentation_group_values,
        row.charge,
        row.tier,
        row.unit_price,
        row.pricing_unit,
    )
