"""The price of a step while a commit is drawn: commit rates, and overrides that count for drawn usage alone."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from meterhouse.auditor.catalogue import Catalogue
from meterhouse.auditor.exact import ZERO
from meterhouse.auditor.overrides import matches, winner
from meterhouse.auditor.prices import Priced, overridden, rate_in_force
from meterhouse.auditor.steps import PriceFunction, Step, cut, price_function
from meterhouse.auditor.tables import Commit, Override


def cut_by_commits(catalogue: Catalogue, priced: Priced, function: PriceFunction, at: datetime) -> PriceFunction:
    """The same prices, with steps so small that each has one price while any of the contract's commits is drawn."""
    contract = priced.contract
    borders = {
        step.high
        for commit in catalogue.commits
        if commit.customer_id == contract.customer_id and commit.contract_id in (None, contract.contract_id)
        for step in _steps(function_while_drawn(catalogue, priced, commit, at))
    }
    return cut(function, [border for border in borders if border is not None])


def price_while_drawn(
    catalogue: Catalogue, priced: Priced, commit: Commit, place: tuple[str, Decimal | None], at: datetime
) -> Decimal | None:
    """
    The unit price of a step while a commit is drawn; None where it is the price that holds without a balance.

    `place` is the step's charge and lower bound. A fee that the price while drawn does not have is 0.
    """
    found = function_while_drawn(catalogue, priced, commit, at)
    if found is None:
        return None
    charge, low = place
    if charge == "flat_fee":
        return next((step.unit_price for step in found.steps if step.charge == charge and step.low == low), ZERO)
    return [step.unit_price for step in found.steps if step.charge == charge and step.begins_before(low)][-1]


def function_while_drawn(catalogue: Catalogue, priced: Priced, commit: Commit, at: datetime) -> PriceFunction | None:
    """The price function of what is drawn from a commit; None where it is that of usage that no balance covers."""
    listed = rate_in_force(catalogue, priced, "list", at)
    special = rate_in_force(catalogue, priced, "commit", at) if commit.rate_target == "commit" else None
    rate = special or listed
    if rate is None:
        return None
    agreed = list(_agreed(catalogue, priced, commit, "commit" if special else "list", at))
    override = winner(agreed, priced.contract.multiplier_override_prioritization)
    if override is None and special is None:
        return None
    function = price_function(rate, catalogue.tiers_of(rate.rate_id))
    return function if override is None else overridden(catalogue, function, override)


def _agreed(catalogue: Catalogue, priced: Priced, commit: Commit, target: str, at: datetime) -> Iterable[Override]:
    """The commit-specific overrides of a rate that match."""
    product = catalogue.product_at(priced.product_id, at)
    for override in catalogue.overrides_of(priced.contract.contract_id):
        is_of_commit = override.is_commit_specific and (not override.commit_ids or commit.commit_id in override.commit_ids)
        if is_of_commit and override.target == target and matches(override, product, priced.pricing, priced.presentation, at):
            yield override


def _steps(function: PriceFunction | None) -> tuple[Step, ...]:
    return function.steps if function else ()
