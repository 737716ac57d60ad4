"""Each rate prices one thing at a time, in the way that its type says."""

from collections.abc import Iterator
from itertools import pairwise

from meterhouse.catalogue.book import Book, grouped
from meterhouse.catalogue.checks.in_force import SAME_PRICE, ends_of_rates, keys_message, versions_in_force
from meterhouse.catalogue.checks.ranges import overlaps
from meterhouse.catalogue.errors import Fault, quoted
from meterhouse.catalogue.tables import Product, Rate, RateTier
from meterhouse.catalogue.values import canonical

#: Column of a rate -> the rate types that need it; no other type has it.
_USED_BY = {
    "billing_frequency": ("subscription",),
    "package_size": ("package",),
}
_ALWAYS_TIERED = ("tiered", "volume")
_EITHER = ("package", "percentage")
#: Product type -> the rate types by which it is priced.
_TYPES_FOR = {
    "usage": ("flat", "tiered", "volume", "package", "percentage"),
    "subscription": ("subscription",),
    "composite": ("percentage",),
}


def check_rates(book: Book) -> Iterator[Fault]:
    """Faults of rates: columns that do not fit the type, wrong products, wrong group values, overlaps, changing units."""
    products = book.by_key(Product)
    for rate in book.rows(Rate):
        for message in (*_columns(rate), *_product(rate, products.get(rate.product_id))):
            yield book.fault(rate, message)
    yield from _prices(book)
    yield from _group_values(book)
    for rates in grouped(book.rows(Rate), *SAME_PRICE):
        yield from overlaps(book, rates, "rate_id", blank_ends_at_next=True)
    yield from _units(book)


def _columns(rate: Rate) -> Iterator[str]:
    for name, types in _USED_BY.items():
        value = getattr(rate, name)
        if value is None and rate.rate_type in types:
            yield f"{name} is blank; a {rate.rate_type} rate needs one"
        if value is not None and rate.rate_type not in types:
            yield f"{name} {quoted(canonical(value))} means nothing for a {rate.rate_type} rate; leave it blank"


def _product(rate: Rate, product: Product | None) -> Iterator[str]:
    if product is None:
        return
    named = f"{quoted(product.product_id)} is a {product.type} product"
    if product.type == "fixed":
        yield f"product_id {named}, priced where it is charged; delete the row"
    elif rate.rate_type not in _TYPES_FOR[product.type]:
        remedy = _either(_TYPES_FOR[product.type])
        yield f"rate_type {quoted(rate.rate_type)} does not price {quoted(product.product_id)}, a {product.type} product; write {remedy}"
    if rate.minimum_amount is not None and product.type != "composite":
        yield f"minimum_amount {quoted(canonical(rate.minimum_amount))} is for composite products, and {named}; leave it blank"


def _prices(book: Book) -> Iterator[Fault]:
    """A rate has one price or tiers; a percentage is a share."""
    tiered = {tier.rate_id for tier in book.rows(RateTier)}
    all_tiers_known = book.whole(RateTier)
    rates = book.by_key(Rate)
    for rate in book.rows(Rate):
        has_tiers = rate.rate_id in tiered if all_tiers_known else None
        for message in _price(rate, has_tiers):
            yield book.fault(rate, message)
    for tier in book.rows(RateTier):
        owner = rates.get(tier.rate_id)
        if owner and owner.rate_type == "percentage" and tier.unit_price > 1:
            yield book.fault(tier, _too_large_a_share(tier))


def _price(rate: Rate, has_tiers: bool | None) -> Iterator[str]:
    if rate.unit_price is None:
        if rate.rate_type in _EITHER and has_tiers is False:
            yield f"unit_price is blank, and the rate has no tiers; a {rate.rate_type} rate needs a price or rows in rate_tiers"
        elif rate.rate_type not in (*_ALWAYS_TIERED, *_EITHER):
            yield f"unit_price is blank; a {rate.rate_type} rate needs one"
    elif rate.rate_type in _ALWAYS_TIERED:
        found = f"unit_price {quoted(canonical(rate.unit_price))} means nothing for a {rate.rate_type} rate"
        yield f"{found}; its prices stand in rate_tiers"
    elif rate.rate_type in _EITHER and has_tiers:
        yield f"unit_price {quoted(canonical(rate.unit_price))} stands beside tiers in rate_tiers; leave it blank or delete the tiers"
    elif rate.rate_type == "percentage" and rate.unit_price > 1:
        yield _too_large_a_share(rate)


def _too_large_a_share(row: Rate | RateTier) -> str:
    price = row.unit_price or 0
    found = f"unit_price {quoted(canonical(price))} of a percentage rate is {canonical(price * 100)} %"
    return f"{found}; write {canonical(price / 100)} for {canonical(price)} %, or make a rate above 100 % flat"


def _group_values(book: Book) -> Iterator[Fault]:
    versions = book.versions()
    ends = ends_of_rates(book)
    for rate in book.rows(Rate):
        known = versions.get(rate.product_id)
        if known and known[0][1].type != "fixed":
            in_force = versions_in_force(known, rate.starting_at, ends[rate.rate_id])
            message = keys_message(rate.pricing_group_values, rate.product_id, in_force)
            if message:
                yield book.fault(rate, message)


def _units(book: Book) -> Iterator[Fault]:
    """A tuple's position in its tiers runs on over a change of price, so its unit stays."""
    for rates in grouped(book.rows(Rate), "rate_card_id", "product_id", "pricing_group_values"):
        for earlier, later in pairwise(sorted(rates, key=lambda rate: (rate.starting_at, rate.line))):
            if earlier.pricing_unit != later.pricing_unit and None not in (earlier.pricing_unit, later.pricing_unit):
                found = f"pricing_unit {quoted(later.pricing_unit)} is not {quoted(earlier.pricing_unit)}, as in"
                remedy = "a price keeps its unit, write another product for the new one"
                yield book.fault(later, f"{found} {quoted(earlier.rate_id)} on line {earlier.line}; {remedy}")


def _either(words: tuple[str, ...]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else words[0]
