"""An override changes a rate that exists: of products with the keys that it names, in ways that their rates allow."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from meterhouse.catalogue.book import Book
from meterhouse.catalogue.checks.in_force import ends_of_rates, keys_message, list_rates, overlap, versions_in_force
from meterhouse.catalogue.errors import Fault, listed, quoted, suggestion
from meterhouse.catalogue.tables import Contract, Override, Product, ProductVersion, Rate, Row
from meterhouse.catalogue.values import canonical


@dataclass(frozen=True)
class _Reach:
    """What overrides can change: products as they are during them, and the list rates of rate cards."""

    contracts: dict[str, Contract]
    versions: dict[str, list[tuple[Row, Product]]]
    listed: dict[tuple[str, str], list[Rate]]
    ends: dict[str, datetime | None]

    def products(self, override: Override) -> list[Product]:
        """The versions of products that the override applies to."""
        found = [
            product
            for product_id in ([override.product_id] if override.product_id else self.versions)
            for product in versions_in_force(self.versions.get(product_id, []), override.starting_at, override.ending_before)
        ]
        wanted = set() if override.product_id else set(override.product_tags)
        return [product for product in found if not wanted or wanted & set(product.tags)]

    def rates(self, override: Override, products: list[Product]) -> Iterator[Rate]:
        """The list rates that the override can change."""
        card = self.contracts[override.contract_id].rate_card_id
        for product_id in dict.fromkeys(product.product_id for product in products):
            for rate in self.listed.get((card, product_id), []):
                fits = override.pricing_group_values.items() <= rate.pricing_group_values.items()
                if fits and overlap(override.starting_at, override.ending_before, rate.starting_at, self.ends[rate.rate_id]):
                    yield rate


def check_override_targets(book: Book) -> Iterator[Fault]:
    """Faults of overrides that no rate answers to: unknown group keys, no rate at all, tiers over a volume rate."""
    reach = _Reach(book.by_key(Contract), book.versions(), list_rates(book), ends_of_rates(book))
    rates_known = book.whole(Product, ProductVersion, Rate)
    for override in book.rows(Override):
        if override.contract_id not in reach.contracts:
            continue
        products = reach.products(override)
        messages = [*_overwrite(override, products), *_group_keys(override, products)]
        if override.type == "tiered":
            messages += _tiered(override, list(reach.rates(override, products)))
        if not messages and override.product_id and products and rates_known and not any(reach.rates(override, products)):
            messages = [_no_rate(override, reach.contracts[override.contract_id])]
        for message in messages:
            yield book.fault(override, message)


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


def _no_rate(override: Override, contract: Contract) -> str:
    values = override.pricing_group_values
    which = f"rate with {quoted(canonical(values))}" if values else "rate"
    found = f"product_id {quoted(override.product_id)} has no {which} on rate card {quoted(contract.rate_card_id)} during the override"
    return f"{found}; an override changes a rate, add one to rates"


def _tiered(override: Override, rates: list[Rate]) -> Iterator[str]:
    volume = next((rate for rate in rates if rate.rate_type == "volume"), None)
    if volume:
        yield f'type "tiered" meets the volume rate {quoted(volume.rate_id)}, on which tiers cannot be laid; name other products'
    if override.product_id and any(rate.rate_type == "subscription" for rate in rates):
        found = f"{quoted(override.product_id)} is a subscription product"
        yield f'type "tiered" is by the quantity of usage, and {found}; write a multiplier or an overwrite'
