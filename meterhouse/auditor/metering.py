"""
From events to hours of usage: a metric's cumulative quantity at the end of each hour, and what the hour added to it.

cum(t) is the query over the period's events before t. Only hours in which something happened can add anything.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from meterhouse.auditor.catalogue import Catalogue
from meterhouse.auditor.exact import ZERO
from meterhouse.auditor.periods import Period, hour_of
from meterhouse.auditor.query import Metric
from meterhouse.auditor.query_expressions import UsageEvent
from meterhouse.auditor.tables import Contract
from meterhouse.auditor.usage import Measurement, UsageHour, hours_of_period


def metered_hours(
    catalogue: Catalogue, contract: Contract, period: Period, metrics: Mapping[str, Metric], events: Iterable[UsageEvent]
) -> list[UsageHour]:
    """The hours of usage of a contract's period, of its customer's events."""
    inside = [event for event in events if period.holds(event.timestamp)]
    slots = list(_slots(period, inside))
    measured = [
        measurement
        for name in sorted(metrics_sold(catalogue, contract))
        for measurement in _increments(contract.customer_id, name, metrics[name], slots)
    ]
    return list(hours_of_period(catalogue, contract, period, measured))


def metrics_sold(catalogue: Catalogue, contract: Contract) -> set[str]:
    """The metrics of all versions of the products that the contract's card prices."""
    sold = {rate.product_id for rate in catalogue.rates if rate.rate_card_id == contract.rate_card_id}
    versions = [catalogue.products_by_id[name] for name in sold]
    named = {product.metric for product in versions} | {row.metric for name in sold for row in catalogue.versions_of(name)}
    return {name for name in named if name}


def _slots(period: Period, events: Sequence[UsageEvent]) -> Iterator[tuple[datetime, list[UsageEvent]]]:
    """The hours with events, in order; the first of a period begins with it, which may be inside a UTC hour."""
    slots: dict[datetime, list[UsageEvent]] = {}
    for event in events:
        slots.setdefault(max(hour_of(event.timestamp), period.starting_at), []).append(event)
    yield from sorted(slots.items())


def _increments(customer_id: str, name: str, metric: Metric, slots: Iterable[tuple[datetime, list[UsageEvent]]]) -> Iterator[Measurement]:
    running = metric.running()
    before: dict[str, Decimal] = {}
    for start, events in slots:
        running.add(events)
        after = running.quantities()
        for group in sorted(before.keys() | after.keys()):
            change = after.get(group, ZERO) - before.get(group, ZERO)
            if change:
                yield Measurement(customer_id, name, start, json.loads(group), change)
        before = after
