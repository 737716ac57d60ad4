"""The tiers of a rate, and those of an override, cover every quantity once."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from meterhouse.catalogue.book import Book
from meterhouse.catalogue.errors import Fault, quoted
from meterhouse.catalogue.tables import Override, OverrideTier, Rate, RateTier
from meterhouse.catalogue.values import canonical

_ALWAYS_TIERED = ("tiered", "volume")
_NEVER_TIERED = ("flat", "subscription")


def check_tiers(book: Book) -> Iterator[Fault]:
    """Faults of tiers: missing, where none belong, with gaps, not growing, without an open last one."""
    if book.whole(RateTier):
        yield from _tiers_of_rates(book)
    if book.whole(OverrideTier):
        yield from _tiers_of_overrides(book)


def _tiers_of_rates(book: Book) -> Iterator[Fault]:
    rates = book.by_key(Rate)
    for rate_id, tiers in _by_owner(rates, book.rows(RateTier), "rate_id").items():
        rate = rates[rate_id]
        if rate.rate_type in _NEVER_TIERED:
            remedy = " or make the rate tiered" if rate.rate_type == "flat" else ""
            yield from _useless(book, tiers, f"rate_id {quoted(rate_id)} is a {rate.rate_type} rate", remedy)
        elif rate.rate_type in _ALWAYS_TIERED and not tiers:
            found = f"rate_id {quoted(rate_id)} is {rate.rate_type} and has no tiers"
            yield book.fault(rate, f"{found}; add rows to rate_tiers")
        else:
            yield from _steps(book, tiers, "up_to", f"rate {quoted(rate_id)}")
            yield from _growth(book, tiers)


def _tiers_of_overrides(book: Book) -> Iterator[Fault]:
    overrides = book.by_key(Override)
    for override_id, tiers in _by_owner(overrides, book.rows(OverrideTier), "override_id").items():
        override = overrides[override_id]
        if override.type != "tiered":
            found = f"override_id {quoted(override_id)} is of type {override.type}"
            yield from _useless(book, tiers, found, " or make the override tiered")
        elif not tiers:
            found = f"override_id {quoted(override_id)} is tiered and has no tiers"
            yield book.fault(override, f"{found}; add rows to override_tiers")
        else:
            yield from _steps(book, tiers, "size", f"override {quoted(override_id)}")


def _by_owner(owners: dict[str, Any], tiers: Sequence[Any], name: str) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {owner: [] for owner in owners}
    for tier in sorted(tiers, key=lambda row: (row.tier, row.line)):
        found.get(getattr(tier, name), []).append(tier)
    return found


def _useless(book: Book, tiers: Sequence[Any], found: str, remedy: str) -> Iterator[Fault]:
    for tier in tiers:
        yield book.fault(tier, f"{found}, which has no tiers; delete the row{remedy}")


def _steps(book: Book, tiers: Sequence[Any], bound: str, owner: str) -> Iterator[Fault]:
    """Numbers without gaps, and a bound in every tier but the last."""
    if len({tier.tier for tier in tiers}) < len(tiers):
        return  # the twin is a fault of its own
    for number, tier in enumerate(tiers, start=1):
        if tier.tier != number:
            found = f"tier {tier.tier} of {owner} stands where tier {number} belongs"
            yield book.fault(tier, f"{found}; number the tiers 1, 2, 3 ...")
            return
    for tier in tiers[:-1]:
        if getattr(tier, bound) is None:
            found = f"{bound} is blank in tier {tier.tier} of {owner}, not the last one"
            yield book.fault(tier, f"{found}; write its {'upper bound' if bound == 'up_to' else bound}")
    for tier in tiers[-1:]:
        if getattr(tier, bound) is not None:
            found = f"{bound} {quoted(canonical(getattr(tier, bound)))} bounds the last tier of {owner}"
            yield book.fault(tier, f"{found}; leave it blank, or add a tier without bound")


def _growth(book: Book, tiers: Sequence[RateTier]) -> Iterator[Fault]:
    if [tier.tier for tier in tiers] != list(range(1, len(tiers) + 1)):
        return  # their numbers are a fault of their own
    for tier, following in pairwise(tiers):
        if tier.up_to is not None and following.up_to is not None and following.up_to <= tier.up_to:
            found = f"up_to {quoted(canonical(following.up_to))} is not above the bound of tier {tier.tier}"
            yield book.fault(following, f"{found}; write more than {canonical(tier.up_to)}")
