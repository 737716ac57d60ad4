"""Contracts: they begin and end where usage can be cut, on UTC hours and on the customer's local midnights."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from meterhouse.catalogue.book import Book
from meterhouse.catalogue.errors import Fault, quoted
from meterhouse.catalogue.tables import Contract, Customer
from meterhouse.catalogue.values import canonical


def check_contracts(book: Book) -> Iterator[Fault]:
    """Faults of contracts that begin or end inside a UTC hour, other than at the customer's midnight."""
    zones = {customer.customer_id: customer.timezone for customer in book.rows(Customer)}
    for contract in book.rows(Contract):
        zone = zones.get(contract.customer_id, "UTC")
        for column in ("starting_at", "ending_before"):
            instant = getattr(contract, column)
            if instant is not None and not _is_border(instant, zone):
                hour = canonical(instant.replace(minute=0, second=0, microsecond=0))
                remedy = f"write {hour} or another full hour" + (f", or midnight in {zone}" if zone != "UTC" else "")
                yield book.fault(contract, f"{column} {quoted(canonical(instant))} is not on a full hour (UTC); {remedy}")


def _is_border(instant: datetime, zone: str) -> bool:
    local = instant.astimezone(ZoneInfo(zone))
    on_hour = not (instant.minute or instant.second or instant.microsecond)
    return on_hour or (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0)
