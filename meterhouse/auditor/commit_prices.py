"""The price of a step while a commit is drawn: commit rates, and overrides that count for drawn usage alone."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from meterhouse.auditor.catalogue import Catalogue
from meterhouse.auditor.overrides import matches, winner
from meterhouse.auditor.prices import Priced, overridden, rate_in_force
from meterhouse.auditor.rating import RatedRow
from meterhouse.auditor.steps import PriceFunction, price_function
from meterhouse.auditor.tables import Commit, Override


def price_while_drawn(catalogue: Catalogue, priced: Priced, commit: Commit, row: RatedRow) -> Decimal | None:
    """The unit price of a rated row while a commit is drawn; None where it is the row's own."""
    found = function_while_drawn(catalogue, priced, commit, row.hour_start_at)
    if found is None:
        return None
    steps = [step for step in found.steps if step.charge == row.charge and step.begins_before(row.low)]
    return steps[-1].unit_price if steps else None


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
