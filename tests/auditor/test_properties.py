"""What holds for every price: hours add up, splits and orders change nothing, cheaper is never dearer."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext
from itertools import accumulate

from hypothesis import given, settings
from hypothesis import strategies as st

from meterhouse.auditor import Catalogue, Measurement, UsageHour, rate_usage, usage_hours
from meterhouse.auditor.exact import EXACT
from meterhouse.auditor.tables import Contract, Customer, Override, OverrideTier, Product, Rate, RateCard, RateTier
from tests.conftest import NIGHTLY

START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
GRADUATED = ("tiered", "package", "percentage")

quantities = st.decimals(0, 1000, places=3)
prices = st.decimals(0, 100, places=6)
multipliers = st.decimals(0, 2, places=3)
examples = settings(max_examples=2000 if NIGHTLY else 150, deadline=None, derandomize=not NIGHTLY, database=None)


@st.composite
def tiers(draw: st.DrawFn) -> tuple[RateTier, ...]:
    bounds = sorted(draw(st.sets(st.decimals(1, 500, places=2), max_size=4)))
    return tuple(
        RateTier("r", number, draw(prices), up_to, draw(st.sampled_from([Decimal(0), Decimal("2.5")])))
        for number, up_to in enumerate([*bounds, None], start=1)
    )


@st.composite
def catalogues(draw: st.DrawFn, rate_types: Sequence[str] = ("flat", "tiered", "volume", "package", "percentage")) -> Catalogue:
    """One contract, one product, one rate."""
    rate_type = draw(st.sampled_from(rate_types))
    has_tiers = rate_type in ("tiered", "volume") or (rate_type != "flat" and draw(st.booleans()))
    size = draw(st.decimals(1, 50, places=1)) if rate_type == "package" else None
    return Catalogue(
        customers=(Customer("acme"),),
        rate_cards=(RateCard("card"),),
        contracts=(Contract("k", "acme", "card", START),),
        products=(Product("tokens", "usage", metric="tokens", presentation_group_keys=("user",)),),
        rates=(Rate("r", "card", "tokens", START, rate_type=rate_type, unit_price=draw(prices), package_size=size),),
        rate_tiers=draw(tiers()) if has_tiers else (),
    )


def amounts(catalogue: Catalogue, cumulative: Sequence[Decimal]) -> dict[tuple[str, int | None], Decimal]:
    """The amount of each charge and tier when usage climbs through these cumulative quantities, an hour each."""
    hours = [
        UsageHour("k", "tokens", START, END, START + timedelta(hours=number), "{}", "{}", now - before, now)
        for number, (before, now) in enumerate(zip([Decimal(0), *cumulative], cumulative, strict=False))
    ]
    sums: dict[tuple[str, int | None], Decimal] = {}
    with localcontext(EXACT):
        for row in rate_usage(catalogue, hours):
            sums[row.charge, row.tier] = sums.get((row.charge, row.tier), Decimal(0)) + row.amount
    return {line: amount for line, amount in sums.items() if amount}


@examples
@given(catalogues(GRADUATED), st.lists(quantities, min_size=1, max_size=8))
def test_graduated_amounts_are_additive_over_any_split_into_hours(catalogue: Catalogue, parts: list[Decimal]) -> None:
    cumulative = list(accumulate(parts))

    assert amounts(catalogue, cumulative) == amounts(catalogue, cumulative[-1:])


@examples
@given(catalogues(), st.lists(st.decimals(-500, 1000, places=3), min_size=1, max_size=8))
def test_hours_sum_to_the_period_also_where_usage_falls(catalogue: Catalogue, cumulative: list[Decimal]) -> None:
    assert amounts(catalogue, cumulative) == amounts(catalogue, cumulative[-1:])


@examples
@given(tiers(), st.integers(0, 600))
def test_a_graduated_amount_is_the_price_of_each_unit(rows: tuple[RateTier, ...], quantity: int) -> None:
    whole = tuple(
        replace(row, up_to=row.up_to and Decimal(int(row.up_to)) + number, flat_fee=Decimal(0)) for number, row in enumerate(rows)
    )
    catalogue = Catalogue(
        customers=(Customer("acme"),),
        rate_cards=(RateCard("card"),),
        contracts=(Contract("k", "acme", "card", START),),
        products=(Product("tokens", "usage"),),
        rates=(Rate("r", "card", "tokens", START, rate_type="tiered"),),
        rate_tiers=whole,
    )
    unit_by_unit = sum(
        (next(t.unit_price for t in whole if t.up_to is None or unit <= t.up_to) for unit in range(1, quantity + 1)), Decimal(0)
    )

    assert sum(amounts(catalogue, [Decimal(quantity)]).values()) == unit_by_unit


@examples
@given(
    catalogues(),
    st.lists(st.tuples(st.integers(0, 700), quantities, st.sampled_from(["ann", "bob"])), max_size=12).flatmap(
        lambda used: st.tuples(st.just(used), st.permutations(used))
    ),
)
def test_the_order_of_events_does_not_matter(catalogue: Catalogue, used: tuple[list[tuple[int, Decimal, str]], ...]) -> None:
    first, second = (
        [Measurement("acme", "tokens", START + timedelta(hours=hour), {"user": user}, quantity) for hour, quantity, user in events]
        for events in used
    )

    def key(row: object) -> str:
        return str(row)

    rated = [sorted(rate_usage(catalogue, usage_hours(catalogue, events, END)), key=key) for events in (first, second)]
    assert rated[0] == rated[1]


@examples
@given(catalogues(), multipliers, multipliers, st.lists(quantities, min_size=1, max_size=5))
def test_a_lower_multiplier_never_raises_a_line(catalogue: Catalogue, one: Decimal, other: Decimal, parts: list[Decimal]) -> None:
    low, high = (
        amounts(replace(catalogue, overrides=(Override("o", "k", START, "multiplier", multiplier=m),)), list(accumulate(parts)))
        for m in sorted((one, other))
    )

    assert all(amount <= high.get(line, Decimal(0)) for line, amount in low.items())


@examples
@given(catalogues(), prices, prices, st.lists(quantities, min_size=1, max_size=5))
def test_a_lower_overwrite_never_raises_a_line(catalogue: Catalogue, one: Decimal, other: Decimal, parts: list[Decimal]) -> None:
    low, high = (
        amounts(replace(catalogue, overrides=(Override("o", "k", START, "overwrite", unit_price=price),)), list(accumulate(parts)))
        for price in sorted((one, other))
    )

    assert all(amount <= high.get(line, Decimal(0)) for line, amount in low.items())


@examples
@given(catalogues(), st.lists(multipliers, min_size=1, max_size=3), multipliers, st.lists(quantities, min_size=1, max_size=5))
def test_one_more_multiplier_never_raises_a_line(catalogue: Catalogue, agreed: list[Decimal], new: Decimal, parts: list[Decimal]) -> None:
    overrides = tuple(Override(f"o{number}", "k", START, "multiplier", multiplier=m) for number, m in enumerate([*agreed, new]))
    before, after = (amounts(replace(catalogue, overrides=found), list(accumulate(parts))) for found in (overrides[:-1], overrides))

    assert all(amount <= before.get(line, Decimal(0)) for line, amount in after.items())


@examples
@given(
    catalogues(GRADUATED),
    st.lists(st.tuples(st.decimals(1, 300, places=2), st.decimals(0, 1, places=3)), min_size=1, max_size=3),
    quantities,
)
def test_a_tiered_override_of_ones_changes_nothing_and_of_less_never_raises(
    catalogue: Catalogue, steps: list[tuple[Decimal, Decimal]], quantity: Decimal
) -> None:
    contract = replace(catalogue.contracts[0], multiplier_override_prioritization="explicit")
    override = Override("o", "k", START, "tiered", priority=Decimal(1))

    def with_tiers(*multipliers: Decimal) -> dict[tuple[str, int | None], Decimal]:
        sizes = [*(size for size, _ in steps), None]
        rows = tuple(OverrideTier("o", n, m, size) for n, (m, size) in enumerate(zip(multipliers, sizes, strict=True), start=1))
        changed = replace(catalogue, contracts=(contract,), overrides=(override,), override_tiers=rows)
        return amounts(changed, [quantity])

    one, plain = Decimal(1), amounts(catalogue, [quantity])
    assert with_tiers(*[one] * (len(steps) + 1)) == plain
    assert all(amount <= plain.get(line, Decimal(0)) for line, amount in with_tiers(*(m for _, m in steps), one).items())
