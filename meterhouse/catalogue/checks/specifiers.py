"""A specifier of a commit names products that exist, and group keys that they have."""

from collections.abc import Iterator
from typing import Any

from meterhouse.catalogue.book import Book
from meterhouse.catalogue.errors import Fault, listed, quoted, suggestion
from meterhouse.catalogue.tables import Commit, Product, ProductVersion, RecurringCommit
from meterhouse.catalogue.values import canonical

_ELSE = ("applicable_product_ids", "applicable_product_tags")


def check_specifiers(book: Book) -> Iterator[Fault]:
    """Faults of specifiers: beside lists of products, unknown products, tags and group keys."""
    versions = [product for versions in book.versions().values() for _, product in versions]
    products_known = book.whole(Product, ProductVersion)
    rows: list[Any] = [*book.rows(Commit), *book.rows(RecurringCommit)]
    for row in rows:
        messages = list(_beside(row))
        for specifier in row.specifiers if products_known else ():
            messages += _unknown(specifier, versions) or _keys(specifier, versions)
        for message in messages:
            yield book.fault(row, message)


def _beside(row: Any) -> Iterator[str]:
    for name in _ELSE:
        if row.specifiers and getattr(row, name):
            found = f"{name} {quoted(canonical(getattr(row, name)))} stands beside specifiers"
            yield f"{found}; keep one of them, a specifier may name a product_id or product_tags"


def _unknown(specifier: dict[str, Any], versions: list[Product]) -> list[str]:
    """Products and tags that there are not, and tags that no product has together."""
    ids = {product.product_id for product in versions}
    tags = {tag for product in versions for tag in product.tags}
    messages = []
    if "product_id" in specifier and specifier["product_id"] not in ids:
        remedy = suggestion(specifier["product_id"], ids, f"products has {listed(ids)}")
        messages.append(f"specifiers name product_id {quoted(specifier['product_id'])}, which is not in products; {remedy}")
    for tag in specifier.get("product_tags", ()):
        if tag not in tags:
            remedy = suggestion(tag, tags, f"the tags are {listed(tags)}" if tags else "no product has tags")
            messages.append(f"specifiers name the tag {quoted(tag)} of no product; {remedy}")
    if not messages and not _named(specifier, versions):
        found = f"specifiers hold {quoted(canonical(specifier))}, and no product is all of it"
        messages.append(f"{found}; product_tags are those that a product has together")
    return messages


def _keys(specifier: dict[str, Any], versions: list[Product]) -> list[str]:
    """Group keys that no product which the specifier names has: it would never pay for anything."""
    messages = []
    for name in ("pricing", "presentation"):
        known = {key for product in _named(specifier, versions) for key in getattr(product, f"{name}_group_keys")}
        there = f"the keys are {listed(known)}" if known else f"leave {name}_group_values away"
        for key in specifier.get(f"{name}_group_values", {}):
            if key not in known:
                found = f"specifiers name {quoted(key)}, which is no {name} key of any product that they apply to"
                messages.append(f"{found}; {suggestion(key, known, there)}")
    return messages


def _named(specifier: dict[str, Any], versions: list[Product]) -> list[Product]:
    """The versions of products that have the id and all tags."""
    return [
        product
        for product in versions
        if specifier.get("product_id") in (None, product.product_id) and {*specifier.get("product_tags", ())} <= {*product.tags}
    ]
