"""Each rate prices one thing at a time."""

from collections.abc import Iterator
from datetime import datetime

from meterhouse.catalogue.book import Book, grouped
from meterhouse.catalogue.checks.ranges import overlaps
from meterhouse.catalogue.errors import Fault, quoted
from meterhouse.catalogue.tables import Product, ProductVersion, Rate, Row
from meterhouse.catalogue.values import canonical

_TUPLE = ("rate_card_id", "product_id", "pricing_group_values", "target")
#: Column of a rate -> the rate types that use it.
_USED_BY = {
    "unit_price": ("flat", "package", "percentage", "subscription"),
    "billing_frequency": ("subscription",),
    "package_size": ("package",),
}


def check_rates(book: Book) -> Iterator[Fault]:
    """Faults of rates: columns that do not fit the type, wrong products, wrong group values, overlaps."""
    products = book.by_key(Product)
    for rate in book.rows(Rate):
        for message in (*_columns(rate), *_product(rate, products.get(rate.product_id))):
            yield book.fault(rate, message)
    yield from _group_values(book)
    for rates in grouped(book.rows(Rate), *_TUPLE):
        yield from overlaps(book, rates, "rate_id", blank_ends_at_next=True)


def _columns(rate: Rate) -> Iterator[str]:
    for name, types in _USED_BY.items():
        value = getattr(rate, name)
        if value is None and rate.rate_type in types:
            yield f"{name} is blank; a {rate.rate_type} rate needs one"
        if value is not None and rate.rate_type not in types:
            remedy = "its prices stand in rate_tiers" if name == "unit_price" else "leave it blank"
            yield f"{name} {quoted(canonical(value))} means nothing for a {rate.rate_type} rate; {remedy}"


def _product(rate: Rate, product: Product | None) -> Iterator[str]:
    if product and product.type == "fixed":
        yield f"product_id {quoted(rate.product_id)} is a fixed product; a rate prices usage, delete the row"


def _group_values(book: Book) -> Iterator[Fault]:
    versions = book.versions()
    ends = _ends(book)
    for rate in book.rows(Rate):
        known = versions.get(rate.product_id)
        if not known or known[0][1].type != "usage":
            continue
        allowed = [set(keys) for keys in _keys_in_force(known, rate.starting_at, ends[rate.rate_id])]
        # A rate of no length is a fault of its own.
        if allowed and set(rate.pricing_group_values) not in allowed:
            yield book.fault(rate, _keys_message(rate, sorted(allowed[0])))


def _ends(book: Book) -> dict[str, datetime | None]:
    """When each rate really ends: a blank end is the start of the next rate of its tuple."""
    ends: dict[str, datetime | None] = {}
    for rates in grouped(book.rows(Rate), *_TUPLE):
        ordered = sorted(rates, key=lambda rate: rate.starting_at)
        for rate, following in zip(ordered, [*ordered[1:], None], strict=True):
            ends[rate.rate_id] = rate.ending_before or (following.starting_at if following else None)
    return ends


def _keys_in_force(versions: list[tuple[Row, Product]], start: datetime, end: datetime | None) -> Iterator[list[str]]:
    """The product's pricing keys at some time of [start, end)."""
    begins = [row.starting_at if isinstance(row, ProductVersion) else None for row, _ in versions]
    for (_, product), begin, until in zip(versions, begins, [*begins[1:], None], strict=True):
        if (until is None or until > start) and (begin is None or end is None or begin < end):
            yield product.pricing_group_keys


def _keys_message(rate: Rate, keys: list[str]) -> str:
    found, product = quoted(canonical(rate.pricing_group_values)), quoted(rate.product_id)
    if not keys:
        return f"pricing_group_values {found} is given, and {product} has no pricing keys; leave it blank"
    shown = canonical(dict.fromkeys(keys, "..."))
    return f"pricing_group_values {found} must name exactly the pricing keys of {product}; write it like {shown}"
