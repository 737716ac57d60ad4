"""What holds at some time of a range: products as they are then, and rates, whose blank end is the start of the next one."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime

from meterhouse.catalogue.book import Book, grouped
from meterhouse.catalogue.errors import quoted
from meterhouse.catalogue.tables import Product, ProductVersion, Rate, Row
from meterhouse.catalogue.values import canonical

#: Rates that agree in these columns exclude each other in time.
SAME_PRICE = ("rate_card_id", "product_id", "pricing_group_values", "target", "billing_frequency")


def overlap(start: datetime, end: datetime | None, other_start: datetime | None, other_end: datetime | None) -> bool:
    """Whether two ranges, ends excluded, have an instant in common; None is open."""
    return (other_end is None or start < other_end) and (end is None or other_start is None or other_start < end)


def ends_of_rates(book: Book) -> dict[str, datetime | None]:
    """When each rate really ends: a blank end is the start of the next rate of the same price."""
    ends: dict[str, datetime | None] = {}
    for rates in grouped(book.rows(Rate), *SAME_PRICE):
        ordered = sorted(rates, key=lambda rate: rate.starting_at)
        for rate, following in zip(ordered, [*ordered[1:], None], strict=True):
            ends[rate.rate_id] = rate.ending_before or (following.starting_at if following else None)
    return ends


def list_rates(book: Book) -> dict[tuple[str, str], list[Rate]]:
    """The list rates of each rate card and product."""
    found: dict[tuple[str, str], list[Rate]] = defaultdict(list)
    for rate in book.rows(Rate):
        if rate.target == "list":
            found[rate.rate_card_id, rate.product_id].append(rate)
    return found


def versions_in_force(versions: list[tuple[Row, Product]], start: datetime, end: datetime | None) -> Iterator[Product]:
    """The product as it is at some time of [start, end); `versions` as Book.versions() gives them."""
    begins = [row.starting_at if isinstance(row, ProductVersion) else None for row, _ in versions]
    for (_, product), begin, until in zip(versions, begins, [*begins, None][1:], strict=True):
        if overlap(start, end, begin, until):
            yield product


def keys_message(values: dict[str, str], product_id: str, products: Iterable[Product]) -> str | None:
    """What is wrong with group values that must name exactly the pricing keys that one of `products` has."""
    allowed = [product.pricing_group_keys for product in products]
    # A range of no length, in which no product is in force, is a fault of its own.
    if not allowed or set(values) in map(set, allowed):
        return None
    found, product, keys = quoted(canonical(values)), quoted(product_id), sorted(allowed[0])
    if not keys:
        return f"pricing_group_values {found} is given, and {product} has no pricing keys; leave it blank"
    shown = canonical(dict.fromkeys(keys, "..."))
    return f"pricing_group_values {found} must name exactly the pricing keys of {product}; write it like {shown}"
