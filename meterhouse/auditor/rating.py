"""Rated usage: each hour of usage as the increments of its price function."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache

from meterhouse.auditor.catalogue import Catalogue
from meterhouse.auditor.commit_prices import cut_by_commits
from meterhouse.auditor.exact import exactly
from meterhouse.auditor.periods import local_date
from meterhouse.auditor.prices import Priced, Unbilled, price_in_force
from meterhouse.auditor.usage import UsageHour


@dataclass(frozen=True)
class RatedRow:
    """What an hour of usage costs in one step of its price; amount is quantity x unit_price, exactly."""

    invoice_id: str
    contract_id: str
    product_id: str
    type: str  # usage, subscription or composite
    hour_start_at: datetime
    pricing_group_values: str
    presentation_group_values: str
    charge: str
    tier: int | None
    unit_price: Decimal
    quantity: Decimal
    amount: Decimal
    pricing_unit: str
    rate_id: str
    override_id: str | None
    price_reason: str
    low: Decimal | None = None  # lower bound of the step, on the billed quantity of the period
    dated_at: datetime | None = None  # of a subscription: when it is collected
    window: tuple[datetime, datetime] | None = None  # of a subscription: what it pays for


@dataclass(frozen=True)
class UnbilledHour:
    """An hour of usage that no line bills, and why."""

    usage: UsageHour
    reason: str


def rate_usage(catalogue: Catalogue, usage: Iterable[UsageHour]) -> list[RatedRow]:
    """The rated rows of hours of usage, in their order. Hours without a price give none: see `unbilled_usage`."""
    return [row for row in _rated(catalogue, usage) if isinstance(row, RatedRow)]


def unbilled_usage(catalogue: Catalogue, usage: Iterable[UsageHour]) -> list[UnbilledHour]:
    """The hours of usage that have no rate or are not entitled."""
    return [row for row in _rated(catalogue, usage) if isinstance(row, UnbilledHour)]


@exactly
def _rated(catalogue: Catalogue, usage: Iterable[UsageHour]) -> list[RatedRow | UnbilledHour]:
    return [row for hour in usage if hour.quantity for row in _rows(catalogue, hour)]


def _rows(catalogue: Catalogue, hour: UsageHour) -> Iterator[RatedRow | UnbilledHour]:
    contract = catalogue.contracts_by_id[hour.contract_id]
    priced = Priced(contract, hour.product_id, _values(hour.pricing_group_values), _values(hour.presentation_group_values))
    price = price_in_force(catalogue, priced, hour.hour_start_at)
    if isinstance(price, Unbilled):
        yield UnbilledHour(hour, price.reason)
        return
    before = hour.cumulative_quantity - hour.quantity
    function = cut_by_commits(catalogue, priced, price.function, hour.hour_start_at)
    for step, quantity in function.increments(before, hour.cumulative_quantity):
        yield RatedRow(
            invoice_id=f"{hour.contract_id}/usage/{local_date(hour.period_start_at, catalogue.timezone(contract))}",
            contract_id=hour.contract_id,
            product_id=hour.product_id,
            type="usage",
            hour_start_at=hour.hour_start_at,
            pricing_group_values=hour.pricing_group_values,
            presentation_group_values=hour.presentation_group_values,
            charge=step.charge,
            tier=step.tier,
            unit_price=step.unit_price,
            quantity=quantity,
            amount=quantity * step.unit_price,
            pricing_unit=price.pricing_unit,
            rate_id=price.rate.rate_id,
            override_id=price.override.override_id if price.override else None,
            price_reason=price.reason,
            low=step.low,
        )


@cache
def _values(text: str) -> dict[str, str | None]:
    return dict(json.loads(text))
