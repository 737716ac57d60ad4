"""Swaps of metrics (semantics 2): any class to any class at any hour, several in one period, with everything a product can
do to a quantity, also when that changes at the same hour or another.

One build proves many cases: each product has a schedule of its own, each customer its own events, and every pair is a case.
The expected cumulative quantity is computed from the events by the telescoped rule: with A in force until S, and B from
there, cum(t) = B[start, t) + A[start, S) - B[start, S). Conversion and rounding act on it: with F in force in an hour, the
hour's quantity is F(cum at its end) - F(cum at its start), and F(cum at its end) is its cumulative quantity.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal
from functools import partial
from itertools import pairwise, permutations

from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from tests.conftest import NIGHTLY
from tests.worlds import World, event

HOUR, WEEK = timedelta(hours=1), timedelta(days=7)
EXACT = Context(prec=90)
Group = str | None


@dataclass(frozen=True)
class Used:
    """One event: `units` is what the property's text says, `number` what that text is worth."""

    at: datetime
    id: str
    units: str | None
    user: str
    region: str | None

    @property
    def number(self) -> Decimal | None:
        return None if self.units is None or self.units == "many" else Decimal(self.units)


def known(events: Sequence[Used]) -> list[Decimal]:
    return [used.number for used in events if used.number is not None]


def per_user(events: Sequence[Used]) -> list[list[Decimal]]:
    by_user: dict[str, list[Decimal]] = {}
    for used in events:
        by_user.setdefault(used.user, []).extend(known([used]))
    return [values for values in by_user.values() if values]


def latest(events: Sequence[Used]) -> Decimal:
    return max(((used.at, used.id, used.number) for used in events if used.number is not None), default=(0, 0, Decimal(0)))[2]


def average(values: Sequence[Decimal]) -> Decimal:
    return rounded(EXACT.divide(sum(values, Decimal(0)), len(values)), 12, ROUND_HALF_UP) if values else Decimal(0)


def rounded(value: Decimal, places: int, how: str) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), how, EXACT)


# One metric of each class and what it means for the events of one region; no event is 0.
PER_REGION = "select {} as value, properties.region as region from events group by properties.region"
PER_USER = (
    "select {} as value, region from (select {} as of_user, properties.user, properties.region as region from events"
    " group by properties.user, properties.region) group by region"
)
METRICS: dict[str, tuple[str, Callable[[Sequence[Used]], Decimal]]] = {
    "additive": (PER_REGION.format("sum(properties.units)"), lambda events: sum(known(events), Decimal(0))),
    "mean": (PER_REGION.format("avg(properties.units)"), lambda events: average(known(events))),
    "last": (PER_REGION.format("latest(properties.units)"), latest),
    "people": (PER_REGION.format("count(distinct properties.user)"), lambda events: Decimal(len({used.user for used in events}))),
    "invertible": (
        PER_USER.format("sum(of_user)", "max(properties.units)"),
        lambda events: sum(map(max, per_user(events)), Decimal(0)),
    ),
    "evaluated": (
        PER_USER.format("min(of_user)", "sum(properties.units)"),
        lambda events: min((sum(values, Decimal(0)) for values in per_user(events)), default=Decimal(0)),
    ),
}

# Weeks begin at midnight in the customer's zone: in the second one inside a UTC hour.
FIRST_WEEK = {"UTC": datetime(2026, 1, 5, tzinfo=UTC), "Asia/Kolkata": datetime(2026, 1, 4, 18, 30, tzinfo=UTC)}
CLOCK = "2026-01-20T00:00:00Z"
STOP = datetime(2026, 1, 9, 12, tzinfo=UTC)
HOURS = [datetime(2026, 1, 5, tzinfo=UTC) + 6 * HOUR * step for step in range(-1, 50)]
CONVERSIONS = (None, None, ("divide", "3"), ("divide", "3.5"), ("multiply", "0.07"), ("divide", "0.000007"))
ROUNDED = (None, None, ("up", 0), ("down", 1), ("half_up", 0), ("half_up", 2))
ROUNDINGS = {"up": ROUND_CEILING, "down": ROUND_FLOOR, "half_up": ROUND_HALF_UP}


@dataclass(frozen=True)
class Version:
    """What a product is from an instant on."""

    since: datetime
    metric: str
    conversion: tuple[str, str] | None
    rounding: tuple[str, int] | None

    def converted(self, quantity: Decimal) -> Decimal:
        if self.conversion is not None:
            how, factor = self.conversion
            operation = EXACT.multiply if how == "multiply" else EXACT.divide
            quantity = rounded(operation(quantity, Decimal(factor)), 12, ROUND_HALF_UP)
        return quantity if self.rounding is None else rounded(quantity, self.rounding[1], ROUNDINGS[self.rounding[0]])


@dataclass(frozen=True)
class Product:
    """A product by its versions, the first from ever on."""

    versions: tuple[Version, ...]
    granularity: str
    is_by_region: bool

    def at(self, hour: datetime) -> Version:
        return [version for version in self.versions if version.since <= hour][-1]


def cumulative(product: Product, events: Sequence[Used], start: datetime, t: datetime) -> Decimal:
    """The quantity of [start, t) before conversion: each metric's value over [start, t) or its end, less that at its start."""
    ends = [version.since for version in product.versions[1:]] + [datetime.max.replace(tzinfo=UTC)]
    total = Decimal(0)
    for version, end in zip(product.versions, ends, strict=True):
        if version.since < t and start < end:
            total += value(version.metric, events, start, min(t, end)) - value(version.metric, events, start, max(start, version.since))
    return total


def value(metric: str, events: Sequence[Used], start: datetime, end: datetime) -> Decimal:
    return METRICS[metric][1]([used for used in events if start <= used.at < end])


Quantity = tuple[datetime, str, str, Decimal, Decimal]


def expected_hours(product: Product, events: Sequence[Used], zone: str) -> Iterator[Quantity]:
    """Every hour of a product's weeks whose quantity is not 0: hour, metric, group, quantity, cumulative quantity."""
    for start in (FIRST_WEEK[zone] + WEEK * number for number in (-1, 0, 1)):
        sent = [used for used in events if start <= used.at < start + WEEK]
        for group in sorted({group_of(product, used) for used in sent}):
            yield from expected_of_group(product, [used for used in sent if group_of(product, used) == group], start, group)


def group_of(product: Product, used: Used) -> str:
    return json.dumps({"region": used.region}, separators=(",", ":")) if product.is_by_region else "{}"


def expected_of_group(product: Product, events: Sequence[Used], start: datetime, group: str) -> Iterator[Quantity]:
    regions = {used.region for used in events}
    last_hour = hour_of(start + WEEK - timedelta(microseconds=1))
    hours = [last_hour] if product.granularity == "service_period" else sorted({hour_of(used.at) for used in events})
    before = Decimal(0)
    for hour in hours:
        # unused group keys are summed over before anything is converted
        by_region = [cumulative(product, [used for used in events if used.region == region], start, hour + HOUR) for region in regions]
        now, version = sum(by_region, Decimal(0)), product.at(hour)
        quantity = version.converted(now) - version.converted(before)
        if quantity:
            yield hour, version.metric, group, quantity, version.converted(now)
        before = now


def hour_of(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


@dataclass(frozen=True, repr=False)
class Drawn:
    """Every product, and each customer's events by number."""

    products: tuple[Product, ...]
    events: tuple[tuple[Used, ...], ...]


# The first swap of the products is every metric to every other one.
def products() -> st.SearchStrategy[tuple[Product, ...]]:
    return st.tuples(*(a_product(first, second) for first, second in permutations(METRICS, 2)))


def a_product(first: str, second: str) -> st.SearchStrategy[Product]:
    changes_at = st.lists(st.sampled_from(HOURS), min_size=1, max_size=4, unique=True).map(sorted)
    drawn = st.tuples(st.sampled_from(list(METRICS)), st.sampled_from(CONVERSIONS), st.sampled_from(ROUNDED))
    return st.builds(
        Product,
        versions=st.builds(
            lambda at, draws: history(at, [(first, *draws[0][1:]), (second, *draws[1][1:]), *draws[2:]]),
            changes_at,
            st.lists(drawn, min_size=5, max_size=5),
        ),
        granularity=st.sampled_from(["hour", "hour", "service_period"]),
        is_by_region=st.booleans(),
    )


Drawing = tuple[str, tuple[str, str] | None, tuple[str, int] | None]


def history(changes_at: Sequence[datetime], drawn: Sequence[Drawing]) -> tuple[Version, ...]:
    """A version from ever on, then one per instant; a conversion or rounding that is None stays as it was."""
    made = [Version(datetime.min.replace(tzinfo=UTC), *drawn[0])]
    for since, (metric, conversion, rounding) in zip(changes_at, drawn[1:], strict=False):
        made.append(Version(since, metric, conversion or made[-1].conversion, rounding or made[-1].rounding))
    return tuple(made)


USED = st.builds(
    Used,
    at=st.builds(
        lambda hour, hours, minutes: hour + hours * HOUR + timedelta(minutes=minutes),
        st.sampled_from(HOURS),
        st.sampled_from([0, 0, 0, 1, -1]),
        st.sampled_from([0, 29, 30, 59]),
    ),
    id=st.just(""),
    units=st.one_of(st.integers(-5, 30).map(str), st.sampled_from(["0.333333333333", "-0.5", "many", None])),
    user=st.sampled_from(["ann", "bob", "cid"]),
    region=st.sampled_from(["eu", "us", None]),
)
ZONES = ("UTC", "Asia/Kolkata") * 4


def numbered(customer: int, events: Sequence[Used]) -> tuple[Used, ...]:
    return tuple(Used(used.at, f"c{customer}-{n:02}", used.units, used.user, used.region) for n, used in enumerate(events))


EVENTS = st.tuples(*(st.lists(USED, min_size=8, max_size=20).map(partial(numbered, customer)) for customer in range(len(ZONES))))


@settings(
    max_examples=20 if NIGHTLY else 1,
    derandomize=not NIGHTLY,
    deadline=None,
    database=None,
    print_blob=False,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],  # hundreds of cases a build; the differing rows are the small example
)
@given(drawn=st.tuples(products(), EVENTS).map(lambda pair: Drawn(*pair)))
def test_a_swapped_product_counts_by_the_telescoped_rule(drawn: Drawn, world: World) -> None:
    assume(len({used.units for events in drawn.events for used in events}) > 10)  # the simplest draw proves nothing
    world.clear()
    open_products(world, drawn)

    world.build(CLOCK, stops=[STOP])

    found = Counter(
        world.rows(
            "select product_id, customer_id, hour_start_at, metric, presentation_group_values, quantity, cumulative_quantity"
            " from usage_hourly where quantity <> 0"
        )
    )
    expected: Counter[tuple[object, ...]] = Counter(
        (f"p{number}", f"c{customer}", *hour)
        for number, product in enumerate(drawn.products)
        for customer, events in enumerate(drawn.events)
        for hour in expected_hours(product, events, ZONES[customer])
    )
    assert len({row[:2] for row in expected}) > 0.9 * len(drawn.products) * len(ZONES)
    assert found == expected, first_case_that_differs(drawn, expected, found)


def first_case_that_differs(drawn: Drawn, expected: Counter[tuple[object, ...]], found: Counter[tuple[object, ...]]) -> str:
    missing, unexpected = expected - found, found - expected
    product_id, customer_id = min([*missing, *unexpected], key=str)[:2]
    case = [f"{drawn.products[int(str(product_id)[1:])]}", *map(str, drawn.events[int(str(customer_id)[1:])])]
    for title, rows in (("missing", missing), ("unexpected", unexpected)):
        case += [f"{title} {' '.join(map(str, row))}" for row in sorted(rows, key=str) if row[:2] == (product_id, customer_id)]
    cases = {row[:2] for row in [*missing, *unexpected]}
    return "\n".join([f"{len(cases)} cases differ, the first is {product_id} of {customer_id}", *case])


def open_products(world: World, drawn: Drawn) -> None:
    for name, (query, _) in METRICS.items():
        world.metric(name, query)
    named = {f"p{number}": product for number, product in enumerate(drawn.products)}
    world.catalog(
        customers=table("customer_id,timezone", [(f"c{n}", zone) for n, zone in enumerate(ZONES)]),
        contracts=table(
            "contract_id,customer_id,rate_card_id,starting_at,billing_frequency,billing_anchor",
            [(f"k{n}", f"c{n}", "card", week_before(zone).isoformat(), "weekly", "contract_start") for n, zone in enumerate(ZONES)],
        ),
        rate_cards="rate_card_id,currency\ncard,usd",
        rates=table(
            "rate_id,rate_card_id,product_id,starting_at,unit_price", [(name, "card", name, "2025-01-01T00:00:00Z", "1") for name in named]
        ),
        products=table(
            "product_id,name,type,metric,breakdown_granularity,presentation_group_keys,"
            "conversion,conversion_factor,rounding,rounding_decimal_places",
            [described(name, product) for name, product in named.items()],
        ),
        product_versions=table(
            "product_id,starting_at,metric,conversion,conversion_factor,rounding,rounding_decimal_places",
            [changed(name, *pair) for name, product in named.items() for pair in pairwise(product.versions)],
        ),
    )
    world.events("all.ndjson", [sent(used, f"c{customer}") for customer, events in enumerate(drawn.events) for used in events])


def week_before(zone: str) -> datetime:
    """The first whole UTC hour of the week before: contracts begin on hours, their weeks at local midnight."""
    return hour_of(FIRST_WEEK[zone] - WEEK + timedelta(minutes=59))


def described(name: str, product: Product) -> tuple[str, ...]:
    keys = '"[""region""]"' if product.is_by_region else ""
    metric, *conversion_and_rounding = cells(product.versions[0])
    return name, name, "usage", metric, product.granularity, keys, *conversion_and_rounding


def changed(name: str, before: Version, after: Version) -> tuple[str, ...]:
    """A row of product_versions; blank is what stays."""
    return name, after.since.isoformat(), *(cell if cell != was else "" for was, cell in zip(cells(before), cells(after), strict=True))


def cells(version: Version) -> tuple[str, ...]:
    return version.metric, *(version.conversion or ("", "")), *map(str, version.rounding or ("", ""))


def sent(used: Used, customer: str) -> tuple[str, ...]:
    properties = {"units": used.units, "user": used.user, "region": used.region}
    return event(used.id, used.at.isoformat(), {k: v for k, v in properties.items() if v is not None}, "", customer)


def table(header: str, rows: Sequence[tuple[str, ...]]) -> str:
    return "\n".join([header, *(",".join(row) for row in rows)])
