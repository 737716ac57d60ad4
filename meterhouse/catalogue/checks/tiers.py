"""The tiers of a rate cover every quantity once."""

from collections.abc import Iterator
from itertools import pairwise

from meterhouse.catalogue.book import Book
from meterhouse.catalogue.errors import Fault, quoted
from meterhouse.catalogue.tables import Rate, RateTier
from meterhouse.catalogue.values import canonical

_TIERED = ("tiered", "volume")


def check_tiers(book: Book) -> Iterator[Fault]:
    """Faults of tiers: missing, where none belong, with gaps, not growing, without an open last one."""
    if not book.whole(RateTier):
        return
    rates = book.by_key(Rate)
    tiers: dict[str, list[RateTier]] = {rate_id: [] for rate_id in rates}
    for tier in book.rows(RateTier):
        tiers.get(tier.rate_id, []).append(tier)
    for rate_id, rate in rates.items():
        ordered = sorted(tiers[rate_id], key=lambda row: row.tier)
        if rate.rate_type == "flat":
            yield from _useless(book, ordered)
        elif rate.rate_type in _TIERED and not ordered:
            found = f"rate_id {quoted(rate_id)} is {rate.rate_type} and has no tiers"
            yield book.fault(rate, f"{found}; add rows to rate_tiers")
        elif ordered:
            yield from _steps(book, ordered)


def _useless(book: Book, tiers: list[RateTier]) -> Iterator[Fault]:
    for tier in tiers:
        found = f"rate_id {quoted(tier.rate_id)} is a flat rate, which has no tiers"
        yield book.fault(tier, f"{found}; delete the row or make the rate tiered")


def _steps(book: Book, tiers: list[RateTier]) -> Iterator[Fault]:
    if len({tier.tier for tier in tiers}) < len(tiers):
        return  # the twin is a fault of its own
    for number, tier in enumerate(tiers, start=1):
        if tier.tier != number:
            found = f"tier {tier.tier} of rate {quoted(tier.rate_id)} stands where tier {number} belongs"
            yield book.fault(tier, f"{found}; number the tiers 1, 2, 3 ...")
            return
    for tier, following in pairwise(tiers):
        if tier.up_to is None:
            found = f"up_to is blank in tier {tier.tier} of rate {quoted(tier.rate_id)}, not the last one"
            yield book.fault(tier, f"{found}; write its upper bound")
        elif following.up_to is not None and following.up_to <= tier.up_to:
            found = f"up_to {quoted(canonical(following.up_to))} is not above the bound of tier {tier.tier}"
            yield book.fault(following, f"{found}; write more than {canonical(tier.up_to)}")
    last = tiers[-1]
    if last.up_to is not None:
        found = f"up_to {quoted(canonical(last.up_to))} bounds the last tier of rate {quoted(last.rate_id)}"
        yield book.fault(last, f"{found}; leave it blank, or add a tier without bound")
