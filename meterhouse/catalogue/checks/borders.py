"""What cuts usage begins and ends where it can be cut: on UTC hours and on the customer's local midnights."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from meterhouse.catalogue.book import Book
from meterhouse.catalogue.errors import Fault, quoted
from meterhouse.catalogue.tables import (
    Commitment,
    Contract,
    ContractTransition,
    Customer,
    RecurringCommit,
    Subscription,
    SubscriptionQuantity,
)
from meterhouse.catalogue.values import canonical


def check_borders(book: Book) -> Iterator[Fault]:
    """Faults of contracts, and of what follows their calendar, that begin or end inside a UTC hour, other than at midnight."""
    zones = {customer.customer_id: customer.timezone for customer in book.rows(Customer)}
    zone_of = {contract.contract_id: zones.get(contract.customer_id, "UTC") for contract in book.rows(Contract)}
    contract_of = {row.subscription_id: row.contract_id for row in book.rows(Subscription)}
    of_contracts: list[Any] = [row for table in (Contract, Subscription, Commitment, RecurringCommit) for row in book.rows(table)]
    for row in of_contracts:
        yield from _off_border(book, row, zone_of.get(row.contract_id, "UTC"), "starting_at", "ending_before")
    for quantity in book.rows(SubscriptionQuantity):
        zone = zone_of.get(contract_of.get(quantity.subscription_id, ""), "UTC")
        yield from _off_border(book, quantity, zone, "starting_at")
    for transition in book.rows(ContractTransition):
        yield from _off_border(book, transition, zone_of.get(transition.to_contract_id, "UTC"), "transition_at")


def _off_border(book: Book, row: Any, zone: str, *columns: str) -> Iterator[Fault]:
    for column in columns:
        instant = getattr(row, column)
        if instant is not None and not _is_border(instant, zone):
            hour = canonical(instant.replace(minute=0, second=0, microsecond=0))
            remedy = f"write {hour} or another full hour" + (f", or midnight in {zone}" if zone != "UTC" else "")
            yield book.fault(row, f"{column} {quoted(canonical(instant))} is not on a full hour (UTC); {remedy}")


def _is_border(instant: datetime, zone: str) -> bool:
    local = instant.astimezone(ZoneInfo(zone))
    on_hour = not (instant.minute or instant.second or instant.microsecond)
    return on_hour or (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0)
