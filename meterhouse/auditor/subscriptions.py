"""
Subscriptions: a price for a quantity in each of their own periods, and for what is added within one.

Their periods hang on the contract's anchor and zone. The price is the one at the period's start. Decreases wait for the next
period; an increase costs its share of the period's remaining hours.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from meterhouse.auditor.catalogue import Catalogue
from meterhouse.auditor.exact import ZERO, divide, exactly
from meterhouse.auditor.periods import Period, anchor_of, billing_periods, hour_of, hours, local_date, periods, usage_invoice_id
from meterhouse.auditor.prices import Price, Priced, Unbilled, price_in_force
from meterhouse.auditor.rating import RatedRow
from meterhouse.auditor.tables import Contract, Subscription, SubscriptionQuantity

INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Charge:
    """What is paid for [starting_at, ending_before), collected at an instant."""

    quantity: Decimal
    unit_price: Decimal
    starting_at: datetime
    ending_before: datetime
    dated_at: datetime


@exactly
def rate_subscriptions(catalogue: Catalogue, as_of: datetime) -> list[RatedRow]:
    """The charges of all subscriptions for their periods, on invoices, that have begun at `as_of`."""
    return [
        row
        for subscription in catalogue.subscriptions
        for period in _periods(catalogue, subscription, as_of)
        for row in _rows(catalogue, subscription, period, as_of)
    ]


def _periods(catalogue: Catalogue, subscription: Subscription, as_of: datetime) -> Iterator[Period]:
    contract = catalogue.contracts_by_id[subscription.contract_id]
    zone, frequency = catalogue.timezone(contract), subscription.billing_frequency
    start = max(contract.starting_at, subscription.starting_at)
    end = min((at for at in (contract.ending_before, subscription.ending_before) if at), default=None)
    for period in periods(anchor_of(contract, frequency, zone), frequency, zone, start, end):
        if period.starting_at > as_of:
            return
        yield period


def _rows(catalogue: Catalogue, subscription: Subscription, period: Period, as_of: datetime) -> Iterator[RatedRow]:
    contract = catalogue.contracts_by_id[subscription.contract_id]
    priced = Priced(contract, subscription.product_id, {}, {}, subscription.billing_frequency)
    price = price_in_force(catalogue, priced, period.starting_at)
    if isinstance(price, Unbilled):
        return
    quantities = [row for row in catalogue.subscription_quantities if row.subscription_id == subscription.subscription_id]
    usage_periods = list(billing_periods(catalogue, contract, as_of))
    for charge in _charges(subscription, period, price, quantities):
        if subscription.collection_schedule == "arrears" and not any(usage.holds(charge.dated_at) for usage in usage_periods):
            continue  # its usage invoice begins later
        invoice_id = _invoice_id(catalogue, contract, subscription, charge, price, as_of)
        yield RatedRow(
            invoice_id=invoice_id,
            contract_id=contract.contract_id,
            product_id=subscription.product_id,
            type="subscription",
            hour_start_at=hour_of(charge.dated_at),
            pricing_group_values="{}",
            presentation_group_values="{}",
            charge="unit",
            tier=None,
            unit_price=charge.unit_price,
            quantity=charge.quantity,
            amount=charge.quantity * charge.unit_price,
            pricing_unit=price.pricing_unit,
            rate_id=price.rate.rate_id,
            override_id=price.override.override_id if price.override else None,
            price_reason=price.reason,
            dated_at=charge.dated_at,
            window=(charge.starting_at, charge.ending_before),
        )


def _charges(subscription: Subscription, period: Period, price: Price, quantities: list[SubscriptionQuantity]) -> Iterator[Charge]:
    """The quantity at the period's start, then each increase over the highest quantity that is already charged."""
    unit_price = price.function.steps[0].unit_price
    changes = sorted((row.starting_at, row.quantity) for row in quantities if row.starting_at < period.ending_before)
    begun = [quantity for at, quantity in changes if at <= period.starting_at]
    highest = begun[-1] if begun else ZERO
    if highest:
        full = _share(subscription, period, period.starting_at, unit_price)
        yield Charge(highest, full, period.starting_at, period.ending_before, _dated(subscription, period, period.starting_at))
    for at, quantity in changes:
        if at > period.starting_at and quantity > highest:
            share = _share(subscription, period, at, unit_price)
            yield Charge(quantity - highest, share, at, period.ending_before, _dated(subscription, period, at))
            highest = quantity


def _share(subscription: Subscription, period: Period, since: datetime, unit_price: Decimal) -> Decimal:
    """The price from `since` to the period's end: its share of the hours of the whole period of the grid, if prorated."""
    whole, part = period.grid_ending_before - period.grid_starting_at, period.ending_before - since
    if not subscription.is_prorated or part == whole:
        return unit_price
    return divide(unit_price * hours(part), hours(whole))


def _dated(subscription: Subscription, period: Period, at: datetime) -> datetime:
    """When a charge from `at` on is collected."""
    if subscription.collection_schedule == "arrears":
        return period.ending_before - INSTANT
    if at == period.starting_at or subscription.proration_invoice == "bill_immediately":
        return at
    return period.ending_before


def _invoice_id(catalogue: Catalogue, contract: Contract, subscription: Subscription, charge: Charge, price: Price, as_of: datetime) -> str:
    """Arrears are on the usage invoice of their last instant; others on the scheduled one of their local date, as the contract wants."""
    usage_periods = list(billing_periods(catalogue, contract, max(as_of, charge.dated_at)))
    if subscription.collection_schedule == "arrears":
        return next(usage_invoice_id(catalogue, contract, period) for period in usage_periods if period.holds(charge.dated_at))
    ended = [period for period in usage_periods if period.ending_before == charge.dated_at]
    if contract.scheduled_charges_on_usage_invoices and ended:
        return usage_invoice_id(catalogue, contract, ended[0])
    day = local_date(charge.dated_at, catalogue.timezone(contract))
    return f"{contract.contract_id}/scheduled/{day}/{catalogue.currency(contract)}"
