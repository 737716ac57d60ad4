"""
Usage per hour: what a metric measured, as cumulative quantities of each contract's periods.

For metrics whose hours can simply be summed (COUNT, SUM). A measurement is one event's part of such a metric.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from meterhouse.auditor.catalogue import Catalogue, canonical
from meterhouse.auditor.exact import ZERO, divide, exactly, multiply, rounded
from meterhouse.auditor.periods import Period, billing_periods, hour_of
from meterhouse.auditor.tables import Contract, Product, UsageFilter, Values


@dataclass(frozen=True)
class Measurement:
    """What one event adds to a metric's quantity, with the values of all the metric's group keys."""

    customer_id: str
    metric: str
    at: datetime
    group_values: Values
    quantity: Decimal


@dataclass(frozen=True)
class UsageHour:
    """The quantity of an hour, and of its period up to the end of the hour, for a contract, a product and its group values."""

    contract_id: str
    product_id: str
    period_start_at: datetime
    period_end_at: datetime
    hour_start_at: datetime
    pricing_group_values: str
    presentation_group_values: str
    quantity: Decimal
    cumulative_quantity: Decimal


@exactly
def usage_hours(catalogue: Catalogue, measurements: Iterable[Measurement], as_of: datetime) -> list[UsageHour]:
    """The hours of every contract in which something was measured before `as_of`, in the order of the periods."""
    by_customer: dict[str, list[Measurement]] = {}
    for measured in measurements:
        if measured.at < as_of:
            by_customer.setdefault(measured.customer_id, []).append(measured)
    return [
        hour
        for contract in catalogue.contracts
        for period in billing_periods(catalogue, contract, as_of)
        for hour in hours_of_period(catalogue, contract, period, by_customer.get(contract.customer_id, []))
    ]


def hours_of_period(catalogue: Catalogue, contract: Contract, period: Period, measurements: Iterable[Measurement]) -> Iterator[UsageHour]:
    """The hours of a contract's period over measurements of its customer."""
    inside = [m for m in measurements if period.holds(m.at) and _passes(catalogue.usage_filters, contract, m)]
    sold = sorted({rate.product_id for rate in catalogue.rates if rate.rate_card_id == contract.rate_card_id})
    for product_id in sold:
        last = catalogue.product_at(product_id, period.last_hour_at)
        sums: dict[tuple[str, str], dict[datetime, Decimal]] = {}
        for measured in inside:
            product = catalogue.product_at(product_id, hour_of(measured.at))
            if product.metric == measured.metric:
                hour = period.last_hour_at if last.breakdown_granularity == "service_period" else hour_of(measured.at)
                hours = sums.setdefault(_tuples(product, measured.group_values), {})
                hours[hour] = hours.get(hour, ZERO) + measured.quantity
        for (pricing, presentation), hours in sums.items():
            total = ZERO
            for hour, quantity in sorted(hours.items()):
                product = catalogue.product_at(product_id, hour)
                before, total = converted(product, total), total + quantity
                now = converted(product, total)
                yield UsageHour(
                    contract.contract_id,
                    product_id,
                    period.starting_at,
                    period.ending_before,
                    hour,
                    pricing,
                    presentation,
                    now - before,
                    now,
                )


def converted(product: Product, cumulative: Decimal) -> Decimal:
    """A cumulative quantity after the product's conversion, then its rounding."""
    if product.conversion and product.conversion_factor:
        operation = multiply if product.conversion == "multiply" else divide
        cumulative = operation(cumulative, product.conversion_factor)
    return rounded(cumulative, product.rounding, product.rounding_decimal_places or 0) if product.rounding else cumulative


def _tuples(product: Product, values: Values) -> tuple[str, str]:
    return tuple(
        canonical({key: values.get(key) for key in keys}) for keys in (product.pricing_group_keys, product.presentation_group_keys)
    )  # type: ignore[return-value]


def _passes(filters: Iterable[UsageFilter], contract: Contract, measured: Measurement) -> bool:
    """Whether the filters in force in the measurement's hour let it through: for each key the last one that has begun."""
    current: dict[str, UsageFilter] = {}
    for found in sorted(filters, key=lambda row: row.starting_at):
        if found.contract_id == contract.contract_id and found.starting_at <= hour_of(measured.at):
            current[found.group_key] = found
    return all(measured.group_values.get(key) in found.group_values for key, found in current.items())
