"""A usage product measures a metric that exists, by keys that the metric returns; a composite is a share of other products."""

from collections.abc import Iterator

from meterhouse.catalogue.book import Book
from meterhouse.catalogue.errors import Fault, listed, quoted, suggestion
from meterhouse.catalogue.tables import Product

_USAGE_ONLY = (
    "metric",
    "pricing_group_keys",
    "presentation_group_keys",
    "conversion",
    "conversion_factor",
    "rounding",
)
_COMPOSITE_ONLY = ("composite_product_ids", "composite_tags", "exclude_free_usage")
_IN_COMPOSITES = ("usage", "subscription")


def check_products(book: Book) -> Iterator[Fault]:
    """Faults of products, at the row (of products or product_versions) from which on they are wrong."""
    for versions in book.versions().values():
        known: set[str] = set()
        for row, product in versions:
            for message in _messages(book, product):
                if message not in known:
                    yield book.fault(row, message)
                known.add(message)


def _messages(book: Book, product: Product) -> Iterator[str]:
    if product.type == "composite":
        yield from _parts(book, product)
    else:
        yield from _not_for(product, "composite", _COMPOSITE_ONLY)
    if product.type != "usage":
        yield from _not_for(product, "usage", _USAGE_ONLY)
        return
    yield from _metric(book, product)
    if (product.conversion is None) != (product.conversion_factor is None):
        missing = "conversion" if product.conversion is None else "conversion_factor"
        given = "conversion_factor" if product.conversion is None else "conversion"
        yield f"{given} stands without {missing}; write both or neither"
    if product.rounding is None and product.rounding_decimal_places is not None:
        yield "rounding_decimal_places stands without rounding; write up, down or half_up, or neither"


def _not_for(product: Product, wanted: str, names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        if getattr(product, name) not in (None, [], False):
            found = f"{quoted(product.product_id)} is of type {product.type}"
            yield f"{name} is for {wanted} products, and {found}; leave it blank"


def _parts(book: Book, composite: Product) -> Iterator[str]:
    products = book.by_key(Product)
    for name in composite.composite_product_ids:
        part = products.get(name)
        if part and part.type not in _IN_COMPOSITES:
            yield f"composite_product_ids {quoted(name)} is of type {part.type}; name usage and subscription products"


def _metric(book: Book, product: Product) -> Iterator[str]:
    if product.metric is None:
        yield "metric is blank; a usage product needs the name of a metric"
        return
    if product.metric not in book.metrics:
        there = f"the metrics are {listed(book.metrics)}" if book.metrics else "the project has no metrics"
        remedy = suggestion(product.metric, book.metrics, there)
        yield f"metric {quoted(product.metric)} does not exist; {remedy}"
        return
    yield from _keys(product, book.metrics[product.metric])


def _keys(product: Product, returned: tuple[str, ...]) -> Iterator[str]:
    there = f"it returns {listed(returned)}" if returned else "it returns no group keys"
    for name in ("pricing_group_keys", "presentation_group_keys"):
        for key in getattr(product, name):
            if key not in returned:
                found = f"{name} {quoted(key)} is not returned by metric {quoted(product.metric)}"
                yield f"{found}; {suggestion(key, returned, there)}"
