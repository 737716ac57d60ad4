"""Late usage, the naive way: at each finalization, rate every closed period again and bill what no invoice has billed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from meterhouse.auditor.catalogue import Catalogue
from meterhouse.auditor.exact import ZERO, exactly
from meterhouse.auditor.periods import Period, billing_periods, usage_invoice_id
from meterhouse.auditor.rating import rate_usage
from meterhouse.auditor.tables import Contract
from meterhouse.auditor.usage import Measurement, usage_hours

# what sets a late line apart: product, pricing and presentation values, charge, tier, unit price, pricing unit
Key = tuple[str, str, str, str, int | None, Decimal, str]


@dataclass(frozen=True)
class Arrival:
    """A measurement and when it was taken in."""

    measurement: Measurement
    arrived_at: datetime


@dataclass(frozen=True)
class LateLine:
    """What an invoice bills of the usage of an earlier period, at one price; amount is quantity x unit_price."""

    invoice_id: str
    period_start_at: datetime
    product_id: str
    pricing_group_values: str
    presentation_group_values: str
    charge: str
    tier: int | None
    unit_price: Decimal
    pricing_unit: str
    quantity: Decimal
    amount: Decimal


@exactly
def late_usage_lines(catalogue: Catalogue, arrivals: Sequence[Arrival], as_of: datetime) -> list[LateLine]:
    """The lines of type late_usage at `as_of` (UTC), of stored invoices and of the draft that each contract finalizes next."""
    return [
        line
        for contract in catalogue.contracts
        if contract.late_usage == "next_invoice"
        for line in _of(catalogue, contract, arrivals, as_of)
    ]


def _of(catalogue: Catalogue, contract: Contract, arrivals: Sequence[Arrival], as_of: datetime) -> Iterator[LateLine]:
    closed: list[tuple[Period, datetime]] = []
    billed: dict[tuple[datetime, Key], Decimal] = {}
    for period in billing_periods(catalogue, contract, as_of):
        finalized_at = period.ending_before + timedelta(hours=contract.grace_period_hours)
        clock = min(finalized_at, as_of)
        for earlier, closed_at in closed:
            now, then = (_charged(catalogue, contract, earlier, arrivals, instant) for instant in (clock, closed_at))
            for key in sorted(now.keys() | then.keys(), key=str):
                place = earlier.starting_at, key
                open_quantity = now.get(key, ZERO) - then.get(key, ZERO) - billed.get(place, ZERO)
                if open_quantity:
                    billed[place] = billed.get(place, ZERO) + open_quantity
                    amount = open_quantity * key[5]
                    yield LateLine(usage_invoice_id(catalogue, contract, period), earlier.starting_at, *key, open_quantity, amount)
        if finalized_at > as_of:
            return
        closed.append((period, finalized_at))


def _charged(catalogue: Catalogue, contract: Contract, period: Period, arrivals: Sequence[Arrival], clock: datetime) -> dict[Key, Decimal]:
    """What the usage of a period that was taken in before `clock` comes to, by price."""
    known = [arrival.measurement for arrival in arrivals if arrival.arrived_at < clock]
    hours = [
        hour
        for hour in usage_hours(catalogue, known, clock)
        if hour.contract_id == contract.contract_id and hour.period_start_at == period.starting_at
    ]
    found: dict[Key, Decimal] = {}
    for row in rate_usage(catalogue, hours):
        key = (
            row.product_id,
            row.pricing_group_values,
            row.presentation_group_values,
            row.charge,
            row.tier,
            row.unit_price,
            row.pricing_unit,
        )
        found[key] = found.get(key, ZERO) + row.quantity
    return found
