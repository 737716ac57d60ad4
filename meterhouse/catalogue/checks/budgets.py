"""A budget's scope names products and group keys that usage may have."""

from collections.abc import Iterator

from meterhouse.catalogue.book import Book
from meterhouse.catalogue.errors import Fault, listed, quoted, suggestion
from meterhouse.catalogue.tables import Budget, Product, ProductVersion


def check_budgets(book: Book) -> Iterator[Fault]:
    """Faults of scopes that nothing could ever be spent in: unknown products, and group keys that their products lack."""
    if not book.whole(Product, ProductVersion):
        return
    products = [product for versions in book.versions().values() for _, product in versions]
    for budget in book.rows(Budget):
        for message in _faults(budget.scope, products):
            yield book.fault(budget, message)


def _faults(scope: dict[str, str], products: list[Product]) -> Iterator[str]:
    ids = {product.product_id for product in products}
    product_id = scope.get("product_id")
    if product_id is not None and product_id not in ids:
        remedy = suggestion(product_id, ids, f"products has {listed(ids)}")
        yield f"scope names product_id {quoted(product_id)}, which is not in products; {remedy}"
        return
    named = [product for product in products if product_id in (None, product.product_id)]
    known = {key for product in named for key in (*product.pricing_group_keys, *product.presentation_group_keys)}
    there = f"the keys are product_id, {listed(known)}" if known else "its only key may be product_id"
    for key in scope:
        if key not in known | {"product_id"}:
            found = f"scope names {quoted(key)}, which is no group key of any product that it applies to"
            yield f"{found}; {suggestion(key, known, there)}"
