"""
Price functions: what a cumulative quantity of the period comes to, step by step.

An hour costs the increment of the function between the cumulative quantities before and after it. A function is a set of
steps; each says how much of a cumulative quantity it prices. So every price model is one question: the share of a step.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from meterhouse.auditor.exact import ZERO, multiply, packages
from meterhouse.auditor.tables import OverrideTier, Rate, RateTier

GRADUATED = ("tiered", "percentage", "package")


@dataclass(frozen=True)
class Step:
    """Billed quantities above `low` up to and including `high` (None: unbounded) at one price, or a fee for entering."""

    charge: str  # unit or flat_fee
    tier: int | None
    low: Decimal | None
    high: Decimal | None
    unit_price: Decimal

    def holds(self, billed: Decimal) -> bool:
        return (self.low is None or self.low < billed) and (self.high is None or billed <= self.high)

    def begins_before(self, low: Decimal | None) -> bool:
        """Whether it begins where another step begins, or below."""
        return self.low is None or (low is not None and self.low <= low)

    def part_of(self, billed: Decimal) -> Decimal:
        """How much of [0, billed] lies in the step; below 0 if the quantity does."""
        return self._clamped(billed) - self._clamped(ZERO)

    def _clamped(self, value: Decimal) -> Decimal:
        value = value if self.low is None else max(value, self.low)
        return value if self.high is None else min(value, self.high)


@dataclass(frozen=True)
class PriceFunction:
    """The steps of a rate, as an override leaves them."""

    steps: tuple[Step, ...]
    is_volume: bool = False
    package_size: Decimal | None = None

    def share(self, step: Step, cumulative: Decimal) -> Decimal:
        """The quantity that a step prices when the period's quantity so far is `cumulative`."""
        billed = cumulative if self.package_size is None else packages(cumulative, self.package_size)
        if step.charge == "flat_fee":
            is_due = billed > 0 and step.holds(billed) if self.is_volume else billed > max(step.low or ZERO, ZERO)
            return Decimal(is_due)
        if self.is_volume:
            return billed if step.holds(billed) else ZERO
        return step.part_of(billed)

    def increments(self, before: Decimal, after: Decimal) -> Iterator[tuple[Step, Decimal]]:
        """The steps that an hour moves, with the quantity it adds to each, when the period's quantity goes from `before` to `after`."""
        for step in self.steps:
            quantity = self.share(step, after) - self.share(step, before)
            if quantity:
                yield step, quantity


def price_function(rate: Rate, tiers: Sequence[RateTier]) -> PriceFunction:
    """The list price: one step of a rate without tiers; with tiers, one step for each and one for each fee."""
    if rate.rate_type == "volume" or (rate.rate_type in GRADUATED and tiers):
        steps = tuple(_tier_steps(tiers))
    else:
        steps = (Step("unit", None, None, None, rate.unit_price or ZERO),)
    return PriceFunction(steps, rate.rate_type == "volume", rate.package_size if rate.rate_type == "package" else None)


def _tier_steps(tiers: Sequence[RateTier]) -> Iterator[Step]:
    low = None
    for tier in tiers:
        yield Step("unit", tier.tier, low, tier.up_to, tier.unit_price)
        if tier.flat_fee:
            yield Step("flat_fee", tier.tier, low, tier.up_to, tier.flat_fee)
        low = tier.up_to


def overwritten(function: PriceFunction, unit_price: Decimal) -> PriceFunction:
    """One price without tiers and fees; packages stay packages."""
    return PriceFunction((Step("unit", None, None, None, unit_price),), package_size=function.package_size)


def multiplied(function: PriceFunction, multiplier: Decimal) -> PriceFunction:
    """Every price and fee times the multiplier."""
    return replace(function, steps=tuple(replace(step, unit_price=multiply(step.unit_price, multiplier)) for step in function.steps))


def multiplied_by_tier(function: PriceFunction, tiers: Sequence[OverrideTier]) -> PriceFunction:
    """Prices times the multiplier of the override tier they lie in; fees times that of the tier in which theirs begins."""
    bounds = list(_bounds(tiers))
    steps = []
    for step in cut(function, [high for _, high, _ in bounds if high is not None]).steps:
        multiplier = next(found for low, high, found in bounds if _begins_in(step, low, high))
        steps.append(replace(step, unit_price=multiply(step.unit_price, multiplier)))
    return replace(function, steps=tuple(steps))


def cut(function: PriceFunction, borders: Sequence[Decimal]) -> PriceFunction:
    """The same prices with the unit steps cut at the borders."""
    steps: list[Step] = []
    for step in function.steps:
        inside = sorted({border for border in borders if step.charge == "unit" and step.holds(border) and border != step.high})
        lows, highs = [step.low, *inside], [*inside, step.high]
        steps += [replace(step, low=low, high=high) for low, high in zip(lows, highs, strict=True)]
    return replace(function, steps=tuple(steps))


def _bounds(tiers: Sequence[OverrideTier]) -> Iterator[tuple[Decimal | None, Decimal | None, Decimal]]:
    low: Decimal | None = None
    for tier in tiers:
        high = None if tier.size is None else (low or ZERO) + tier.size
        yield low, high, tier.multiplier
        low = high


def _begins_in(step: Step, low: Decimal | None, high: Decimal | None) -> bool:
    """Whether the units just above the step's lower bound lie in (low, high]; the first step begins in the first tier."""
    if step.low is None:
        return low is None
    return (low is None or low <= step.low) and (high is None or step.low < high)
