"""However the runs are cut and however the events are packed into files, the rows are the same (product promise P3).

Each customer is a world of its own with its own events, so one build proves many cases, and the differing rows name
the customer whose events show the fault.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, Verbosity, assume, given, settings
from hypothesis import strategies as st

from meterhouse.runner.arrivals import arrival_hours
from tests.conftest import NIGHTLY
from tests.runner.business import open_business
from tests.worlds import Marts, World, differences, event, instant

CUSTOMERS = 24
CLOCK = "2026-01-17T00:00:00Z"
# Hours around the ends of weeks and their closing in both zones: 18:30 is midnight in Kolkata.
ARRIVALS = [
    datetime(2026, 1, 5, 10, tzinfo=UTC),
    datetime(2026, 1, 7, 18, tzinfo=UTC),
    datetime(2026, 1, 7, 23, tzinfo=UTC),
    datetime(2026, 1, 8, 23, tzinfo=UTC),
    datetime(2026, 1, 9, 1, tzinfo=UTC),
    datetime(2026, 1, 16, 0, tzinfo=UTC),
]
TOO_OLD, AHEAD, TOO_FAR_AHEAD = 35 * 24, -20, -25
UNITS = st.one_of(
    st.integers(-20, 20),
    st.sampled_from([0.5, -0.001, "many", "", "1e1", " 7 ", "0.333333333333", None]),
    st.decimals(-1000, 1000, places=6).map(str),
)
SETTINGS = settings(
    max_examples=20 if NIGHTLY else 1,
    derandomize=not NIGHTLY,
    deadline=None,
    database=None,
    print_blob=False,
    verbosity=Verbosity.quiet,  # the customer whose rows differ tells enough
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],  # a world is small as it is; building it again and again to shrink it takes an hour
)


@dataclass(frozen=True)
class Sent:
    """One delivery: it arrives in `hour` after `minutes`, and its usage happened `age` hours before (or after)."""

    hour: datetime
    minutes: int
    age: int
    id: int
    units: object
    region: str
    user: str
    sender: str
    has_ingestion: bool
    file: int

    def row(self, customer: int) -> tuple[str, ...]:
        arrived = self.hour + timedelta(minutes=self.minutes)
        happened = arrived - timedelta(hours=self.age) if self.has_ingestion else arrived
        properties = {"units": self.units, "region": self.region, "user": self.user}
        return event(
            f"c{customer}-{self.id}",
            happened.isoformat(),
            {name: value for name, value in properties.items() if value is not None},
            arrived.isoformat() if self.has_ingestion else "",
            customer_id=f"{self.sender}{customer}",
        )


SENT = st.builds(
    Sent,
    hour=st.sampled_from(ARRIVALS),
    minutes=st.sampled_from([0, 29, 30, 31, 59]),
    age=st.sampled_from([0, 0, 1, 3, 30, 100, TOO_OLD, -2, AHEAD, TOO_FAR_AHEAD]),
    id=st.integers(1, 4),  # few ids: many duplicates
    units=UNITS,
    region=st.sampled_from(["eu", "us", "mars"]),
    user=st.sampled_from(["ann", "bob"]),
    sender=st.sampled_from(["c", "c", "alias", "nobody"]),
    has_ingestion=st.booleans(),
    file=st.integers(0, 2),
)


@dataclass(frozen=True)
class Deliveries:
    """What each customer sent, by number."""

    by_customer: list[list[Sent]]


DELIVERIES = st.lists(st.lists(SENT, min_size=2, max_size=6), min_size=CUSTOMERS, max_size=CUSTOMERS).map(Deliveries)


def build_in_one_go(world: World) -> None:
    world.build(CLOCK)


def build_at_growing_clocks(world: World) -> None:
    for clock in ("2026-01-07T23:30:00Z", "2026-01-09T01:30:00Z", CLOCK):
        world.build(clock)


def build_hour_by_hour(world: World) -> None:
    world.build(CLOCK, stops=arrival_hours(world.workspace, instant(CLOCK)))


FILES = ("a.parquet", "b.ndjson", "deeper/c.csv")
OTHER_FILES = ("x.csv", "y.parquet", "z.ndjson")

Build = Callable[[World], None]
# by day the last two at once: the rows are the same only if neither changes any
WAYS: dict[str, tuple[Build, tuple[str, ...]]] = {
    "at growing clocks": (build_at_growing_clocks, FILES),
    **(
        {"hour by hour": (build_hour_by_hour, FILES), "from other files": (build_in_one_go, OTHER_FILES)}
        if NIGHTLY
        else {"hour by hour, from other files": (build_hour_by_hour, OTHER_FILES)}
    ),
}


@SETTINGS
@given(deliveries=DELIVERIES)
def test_same_rows_as_one_build(deliveries: Deliveries, world: World, subtests: pytest.Subtests) -> None:
    assume(is_telling(deliveries))
    expected = marts_of(world, build_in_one_go, deliveries, FILES)
    for name, (build, files) in WAYS.items():
        with subtests.test(name):
            lines = differences(expected, marts_of(world, build, deliveries, files))
            assert not lines, "\n".join([*lines[:40], *sent_by_customers_in(lines, deliveries)])


def is_telling(deliveries: Deliveries) -> bool:
    """Equal rows prove little where a kind of delivery is missing; the simplest draw proves nothing."""
    sent = [each for customer in deliveries.by_customer for each in customer]
    return (
        {each.hour for each in sent} == set(ARRIVALS)
        and {each.sender for each in sent} == {"c", "alias", "nobody"}
        and {each.age for each in sent if each.has_ingestion and each.sender != "nobody"} >= {0, 30, 100, TOO_OLD, AHEAD, TOO_FAR_AHEAD}
        and len({each.units for each in sent}) > CUSTOMERS
    )


def marts_of(world: World, build: Build, deliveries: Deliveries, files: tuple[str, ...]) -> Marts:
    """Build the deliveries, packed into files of three formats, and return the marts; where a row stood does not count."""
    world.clear()
    open_business(world, CUSTOMERS)
    rows = [(sent.file, sent.row(customer)) for customer, each in enumerate(deliveries.by_customer) for sent in each]
    in_order = rows if files is FILES else sorted(rows, key=lambda row: row[1][::-1])
    for number, name in enumerate(files):
        world.events(name, [row for file, row in in_order if file == number])
    build(world)
    return without_places(world.marts())


def without_places(marts: Marts) -> Marts:
    """Leave out the file and the row number of rejected rows, the last two columns."""
    rejected = marts["rejected_events"]
    places_cut = type(rejected)()
    for row, count in rejected.items():
        places_cut[row[:-2]] += count
    return {**marts, "rejected_events": places_cut}


def sent_by_customers_in(lines: list[str], deliveries: Deliveries) -> list[str]:
    """The events of the first customer that a difference names: they are the example."""
    for number, each in enumerate(deliveries.by_customer):
        if any(f"c{number}," in line or f"c{number}-" in line for line in lines):
            return [f"c{number} sent:", *(str(sent.row(number)) for sent in each)]
    return []
