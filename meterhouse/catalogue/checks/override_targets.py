"""An override changes a rate that exists: of products with the keys that it names, in ways that their rates allow."""

from collections.abc import Iterator
from dataclasses import dataclass

from meterhouse.catalogue.book import Book
from meterhouse.catalogue.checks.in_force import ends_of_rates, keys_message, list_rates, overlap, versions_in_force
from meterhouse.catalogue.errors import Fault, listed, quoted, suggestion
from meterhouse.catalogue.tables import Contract, Override, Product, ProductVersion, Rate
from meterhouse.catalogue.values import canonical


@dataclass(frozen=True)
class _Target:
    """What an override can change: products as they are during it, and the list rates of its contract's card for them."""

    products: list[Product]
    rates: list[Rate]


def check_override_targets(book: Book) -> Iterator[Fault]:
    """Faults of overrides that no rate answers to: unknown group keys, no rate at all, tiers over a volume rate."""
    contracts = book.by_key(Contract)
    rates_known = book.whole(Product, ProductVersion, Rate)
    for override, target in _targets(book, contracts):
        messages = [*_overwrite(override, target.products), *_group_keys(override, target.products), *_tiered(override, target.rates)]
        if not messages and rates_known and target.products and not target.rates:
            messages = [*_no_rate(override, contracts[override.contract_id])]
        for message in messages:
            yield book.fault(override, message)


def _targets(book: Book, contracts: dict[str, Contract]) -> Iterator[tuple[Override, _Target]]:
    versions, rates, ends = book.versions(), list_rates(book), ends_of_rates(book)
    for override in book.rows(Override):
        if override.contract_id not in contracts:
            continue
        start, end = override.starting_at, override.ending_before
        products = [
            product
            for product_id in ([override.product_id] if override.product_id else versions)
            for product in versions_in_force(versions.get(product_id, []), start, end)
            if override.product_id or not override.product_tags or set(override.product_tags) & set(product.tags)
        ]
        card = contracts[override.contract_id].rate_card_id
        changed = [
            rate
            for product_id in dict.fromkeys(product.product_id for product in products)
            for rate in rates[card, product_id]
            if override.pricing_group_values.items() <= rate.pricing_group_values.items()
            and overlap(start, end, rate.starting_at, ends[rate.rate_id])
        ]
        yield override, _Target(products, changed)


def _overwrite(override: Override, products: list[Product]) -> Iterator[str]:
    if override.type != "overwrite":
        return
    if override.product_id:
        message = keys_message(override.pricing_group_values, override.product_id, products)
        if message:
            yield message
    elif override.product_tags:
        found = f"product_tags {quoted(canonical(override.product_tags))} selects by tag, and OVERWRITE cannot be targeted by tag"
        yield f"{found}; write one override per product_id"
    else:
        yield "product_id is blank; an overwrite is the price of one product, name it"


def _group_keys(override: Override, products: list[Product]) -> Iterator[str]:
    """Group values by keys that no product has match nothing; the pricing keys of an overwrite are judged by `_overwrite`."""
    whose = quoted(override.product_id) if override.product_id else "any product that it applies to"
    for name in ("pricing", "presentation"):
        if not products or (override.type == "overwrite" and name == "pricing"):
            continue
        known = {key for product in products for key in getattr(product, f"{name}_group_keys")}
        there = f"the keys are {listed(known)}" if known else "leave it blank"
        for key in getattr(override, f"{name}_group_values"):
            if key not in known:
                found = f"{name}_group_values names {quoted(key)}, which is no {name} key of {whose}"
                yield f"{found}; {suggestion(key, known, there)}"


def _no_rate(override: Override, contract: Contract) -> Iterator[str]:
    if override.product_id:
        values = override.pricing_group_values
        which = f"rate with {quoted(canonical(values))}" if values else "rate"
        found = f"product_id {quoted(override.product_id)} has no {which} on rate card {quoted(contract.rate_card_id)} during the override"
        yield f"{found}; an override changes a rate, add one to rates"


def _tiered(override: Override, rates: list[Rate]) -> Iterator[str]:
    if override.type != "tiered":
        return
    volume = next((rate for rate in rates if rate.rate_type == "volume"), None)
    if volume:
        yield f'type "tiered" meets the volume rate {quoted(volume.rate_id)}, on which tiers cannot be laid; name other products'
    if override.product_id and any(rate.rate_type == "subscription" for rate in rates):
        found = f"{quoted(override.product_id)} is a subscription product"
        yield f'type "tiered" is by the quantity of usage, and {found}; write a multiplier or an overwrite'
