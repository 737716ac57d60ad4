"""A commit rate is a second price of what a list rate prices, while a balance is drawn."""

from collections.abc import Iterator

from meterhouse.catalogue.book import Book
from meterhouse.catalogue.checks.in_force import ends_of_rates, list_rates, overlap
from meterhouse.catalogue.errors import Fault, quoted
from meterhouse.catalogue.tables import Product, Rate

#: Prices that can change while a quantity is partly covered: each unit has its own.
_BY_THE_UNIT = ("flat", "tiered", "percentage")


def check_commit_rates(book: Book) -> Iterator[Fault]:
    """Faults of commit rates: of a wrong type, without a list rate, or beside one that cannot be split."""
    products = book.by_key(Product)
    listed = list_rates(book)
    ends = ends_of_rates(book)
    for rate in book.rows(Rate):
        if rate.target != "commit":
            continue
        for message in _own(rate, products.get(rate.product_id)):
            yield book.fault(rate, message)
        beside = [
            other
            for other in listed[rate.rate_card_id, rate.product_id]
            if other.pricing_group_values == rate.pricing_group_values
            and overlap(rate.starting_at, ends[rate.rate_id], other.starting_at, ends[other.rate_id])
        ]
        if not beside and book.whole(Rate):
            found = f"rate_id {quoted(rate.rate_id)} is a commit rate without a list rate beside it"
            yield book.fault(rate, f"{found}; add one, usage without a list rate is not billed")
        for other in beside:
            if other.rate_type not in (*_BY_THE_UNIT, "subscription"):
                found = f"rate_id {quoted(rate.rate_id)} is a commit rate beside {quoted(other.rate_id)} on line {other.line}"
                yield book.fault(rate, f"{found}, a {other.rate_type} rate; only flat, tiered and percentage rates have commit rates")


def _own(rate: Rate, product: Product | None) -> Iterator[str]:
    if product and product.type in ("subscription", "composite"):
        found = f"{quoted(product.product_id)} is a {product.type} product"
        yield f'target "commit" is for usage products, and {found}; write list'
    elif rate.rate_type not in _BY_THE_UNIT:
        yield f"rate_type {quoted(rate.rate_type)} is not for commit rates; write flat, tiered or percentage"
    if not rate.entitled:
        yield 'entitled "false" means nothing for a commit rate; the list rate decides, leave it blank'
