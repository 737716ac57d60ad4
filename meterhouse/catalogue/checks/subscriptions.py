"""A subscription lies inside its contract, has a price, and a quantity from its first instant on."""

from collections.abc import Iterator
from datetime import datetime

from meterhouse.catalogue.book import Book
from meterhouse.catalogue.checks.in_force import ends_of_rates, list_rates
from meterhouse.catalogue.errors import Fault, listed, quoted
from meterhouse.catalogue.tables import BalanceThreshold, Contract, Product, Rate, RecurringCommit, Subscription, SubscriptionQuantity
from meterhouse.catalogue.values import canonical


def check_subscriptions(book: Book) -> Iterator[Fault]:
    """Faults of subscriptions: wrong product, outside the contract, without a rate, wrong quantities."""
    contracts, products = book.by_key(Contract), book.by_key(Product)
    for row in book.rows(Subscription):
        product, contract = products.get(row.product_id), contracts.get(row.contract_id)
        if product and product.type != "subscription":
            found = f"product_id {quoted(row.product_id)} is of type {product.type}"
            yield book.fault(row, f"{found}; write a subscription product")
        if contract:
            yield from check_inside_contract(book, row, contract)
        if row.collection_schedule == "arrears" and row.proration_invoice == "bill_immediately" and _is_written(row):
            found = 'proration_invoice "bill_immediately" is for collection in advance, and this one is in arrears'
            yield book.fault(row, f"{found}; leave it blank")
    yield from _without_rate(book, contracts, products)
    yield from _quantities(book)


def check_inside_contract(book: Book, row: Subscription | RecurringCommit | BalanceThreshold, contract: Contract) -> Iterator[Fault]:
    """Faults of a row that begins before its contract or after it, or ends after it."""
    begin, end, name = contract.starting_at, contract.ending_before, quoted(contract.contract_id)
    if row.starting_at < begin:
        found = f"starting_at {quoted(canonical(row.starting_at))} is before contract {name} begins"
        yield book.fault(row, f"{found}; write {canonical(begin)} or later")
    elif end and row.starting_at >= end:
        found = f"starting_at {quoted(canonical(row.starting_at))} is not before contract {name} ends at {canonical(end)}"
        yield book.fault(row, f"{found}; write an earlier instant")
    elif end and row.ending_before and row.ending_before > end:
        found = f"ending_before {quoted(canonical(row.ending_before))} is after contract {name} ends"
        yield book.fault(row, f"{found}; write {canonical(end)} or earlier, or leave it blank")


def _is_written(row: Subscription) -> bool:
    return "proration_invoice" in row.model_fields_set


def _without_rate(book: Book, contracts: dict[str, Contract], products: dict[str, Product]) -> Iterator[Fault]:
    if not book.whole(Rate):
        return
    rates, ends = list_rates(book), ends_of_rates(book)
    for row in book.rows(Subscription):
        contract, product = contracts.get(row.contract_id), products.get(row.product_id)
        if contract is None or product is None or product.type != "subscription":
            continue
        on_card = rates[contract.rate_card_id, row.product_id]
        fitting = [rate for rate in on_card if rate.billing_frequency == row.billing_frequency]
        name, card = quoted(row.product_id), quoted(contract.rate_card_id)
        if not fitting:
            known = {rate.billing_frequency for rate in on_card if rate.billing_frequency}
            there = f"its rates are {listed(known)}" if known else "add one"
            found = f"billing_frequency {quoted(row.billing_frequency)} has no rate of {name} on rate card {card}"
            yield book.fault(row, f"{found}; {there}")
        elif not any(_holds(rate.starting_at, row.starting_at, ends[rate.rate_id]) for rate in fitting):
            begin = canonical(row.starting_at)
            found = f"starting_at {quoted(begin)} has no {row.billing_frequency} rate of {name} on rate card {card} in force"
            yield book.fault(row, f"{found}; begin a rate at {begin} or earlier")


def _holds(start: datetime, instant: datetime, end: datetime | None) -> bool:
    return start <= instant and (end is None or instant < end)


def _quantities(book: Book) -> Iterator[Fault]:
    subscriptions = book.by_key(Subscription)
    first: dict[str, SubscriptionQuantity] = {}
    for row in sorted(book.rows(SubscriptionQuantity), key=lambda row: row.starting_at):
        first.setdefault(row.subscription_id, row)
        owner = subscriptions.get(row.subscription_id)
        if owner is None:
            continue
        at, begin, end = canonical(row.starting_at), owner.starting_at, owner.ending_before
        if row.starting_at < begin:
            found = f"starting_at {quoted(at)} is before subscription {quoted(row.subscription_id)} begins"
            yield book.fault(row, f"{found}; write {canonical(begin)} or later")
        elif row is first[row.subscription_id] and row.starting_at > begin:
            found = f"starting_at {quoted(at)} of the first quantity is after subscription {quoted(row.subscription_id)} begins"
            yield book.fault(row, f"{found}; write {canonical(begin)}")
        elif end and row.starting_at >= end:
            found = f"starting_at {quoted(at)} is not before subscription {quoted(row.subscription_id)} ends at {canonical(end)}"
            yield book.fault(row, f"{found}; write an earlier instant or delete the row")
    for subscription_id, owner in subscriptions.items():
        if subscription_id not in first and book.whole(SubscriptionQuantity):
            found = f"subscription_id {quoted(subscription_id)} has no quantity"
            yield book.fault(owner, f"{found}; add a row from {canonical(owner.starting_at)} on to subscription_quantities")
