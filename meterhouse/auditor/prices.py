"""The price of an hour: the rate in force at its start, whether the product is entitled, and the override that wins."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from meterhouse.auditor.catalogue import Catalogue, in_force
from meterhouse.auditor.overrides import last_created, matches, winner
from meterhouse.auditor.steps import PriceFunction, multiplied, multiplied_by_tier, overwritten, price_function
from meterhouse.auditor.tables import Contract, Override, Rate, Values

REASONS = {"overwrite": "overwrite", "multiplier": "multiplier", "tiered": "tiered override"}


@dataclass(frozen=True)
class Price:
    """A price function, and where it comes from: `override` is None for the list price."""

    function: PriceFunction
    rate: Rate
    override: Override | None
    reason: str
    pricing_unit: str


@dataclass(frozen=True)
class Unbilled:
    """Why an hour is not billed: no_rate or not_entitled."""

    reason: str


@dataclass(frozen=True)
class Priced:
    """What is priced: a product of a contract, with the tuples of group values."""

    contract: Contract
    product_id: str
    pricing: Values
    presentation: Values
    billing_frequency: str | None = None  # of a subscription


def price_in_force(catalogue: Catalogue, priced: Priced, at: datetime) -> Price | Unbilled:
    """The price at an instant, or why there is none. An override changes a rate, it does not make one."""
    rate = rate_in_force(catalogue, priced, "list", at)
    if rate is None:
        return Unbilled("no_rate")
    matching = list(_matching(catalogue, priced, at))
    entitlement = last_created([override for override in matching if override.type == "entitlement"])
    if not (rate.entitled if entitlement is None else entitlement.entitled):
        return Unbilled("not_entitled")
    override = winner(matching, priced.contract.multiplier_override_prioritization)
    function = price_function(rate, catalogue.tiers_of(rate.rate_id))
    if override is not None:
        function = overridden(catalogue, function, override)
    return Price(
        function=function,
        rate=rate,
        override=override,
        reason="list" if override is None else REASONS[override.type],
        pricing_unit=rate.pricing_unit or catalogue.currency(priced.contract),
    )


def rate_in_force(catalogue: Catalogue, priced: Priced, target: str, at: datetime) -> Rate | None:
    """The card's rate whose range holds the instant; one without an end lasts until the next one starts."""
    begun = [
        rate
        for rate in catalogue.rates_of(priced.contract.rate_card_id, priced.product_id)
        if rate.target == target
        and rate.starting_at <= at
        and rate.pricing_group_values == priced.pricing
        and rate.billing_frequency == priced.billing_frequency
    ]
    latest = max(begun, key=lambda rate: rate.starting_at, default=None)
    return latest if latest and in_force(latest.starting_at, latest.ending_before, at) else None


def overridden(catalogue: Catalogue, function: PriceFunction, override: Override) -> PriceFunction:
    """The price function under an override."""
    if override.type == "overwrite":
        assert override.unit_price is not None, f"overwrite {override.override_id} has no unit_price"
        return overwritten(function, override.unit_price)
    if override.type == "tiered":
        return multiplied_by_tier(function, catalogue.override_tiers_of(override.override_id))
    assert override.multiplier is not None, f"multiplier {override.override_id} has no multiplier"
    return multiplied(function, override.multiplier)


def _matching(catalogue: Catalogue, priced: Priced, at: datetime) -> Iterable[Override]:
    product = catalogue.product_at(priced.product_id, at)
    for override in catalogue.overrides_of(priced.contract.contract_id):
        is_of_contract = not override.is_commit_specific and override.target == "list"
        if is_of_contract and matches(override, product, priced.pricing, priced.presentation, at):
            yield override
