"""A preview of a metric is what a build would count, for every class of metric, built or not."""

import random
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from meterhouse.compiler import MetricErrors
from meterhouse.preview import Row, preview_metric
from meterhouse.runner import MeterhouseError
from tests.runner.conftest import begin_with
from tests.worlds import World, event, instant

# one metric of each class
METRICS = {
    "additive": "select sum(properties.units) as value, properties.region as region from events group by properties.region",
    "mergeable": "select avg(properties.units) as value, properties.region as region from events group by properties.region",
    "distinct": "select count(distinct properties.user) as value from events where event_type = 'use'",
    "invertible": (
        "select sum(top) as value from (select max(properties.units) as top from events group by properties.user, properties.region)"
    ),
    "evaluated": (
        "select max(total) as value, region from"
        " (select sum(properties.units) as total, properties.user, properties.region as region from events"
        " group by properties.user, properties.region) group by region"
    ),
}
# a period begins inside a UTC hour in the second zone
CUSTOMERS = {"acme": "UTC", "pune": "Asia/Kolkata"}
CLOCK = "2026-01-20T00:00:00Z"


def open_all_classes(world: World) -> None:
    for name, query in METRICS.items():
        world.metric(name, query)
    keyed = {name: '"[""region""]"' if "as region" in query else "" for name, query in METRICS.items()}
    contracts = [f"k_{name},{name},card,2026-01-05T00:00:00Z,weekly" for name in CUSTOMERS]
    world.catalog(
        customers="\n".join(["customer_id,timezone", *(f"{name},{zone}" for name, zone in CUSTOMERS.items())]),
        customer_aliases="customer_id,alias\nacme,acme-eu",
        rate_cards="rate_card_id,currency\ncard,usd",
        products="\n".join(
            ["product_id,name,type,metric,presentation_group_keys", *(f"{n},{n},usage,{n},{keys}" for n, keys in keyed.items())]
        ),
        rates="\n".join(
            [
                "rate_id,rate_card_id,product_id,starting_at,rate_type,unit_price",
                *(f"{n},card,{n},2025-01-01T00:00:00Z,flat,1" for n in METRICS),
            ]
        ),
        contracts="\n".join(["contract_id,customer_id,rate_card_id,starting_at,billing_frequency", *contracts]),
    )
    world.events("all.ndjson", [some_event(number, random.Random(number)) for number in range(120)])
    world.build(CLOCK)


def some_event(number: int, draw: random.Random) -> tuple[str, ...]:
    happened = datetime(2026, 1, 11, 17, tzinfo=UTC) + timedelta(minutes=draw.choice([1, 30, 47]) * draw.randrange(200))
    properties = {
        "units": draw.choice([draw.randrange(-5, 20), "0.333333333333", "many", None]),
        "region": draw.choice(["eu", "us", None]),
        "user": draw.choice(["ann", "bob", "cid"]),
        "Odd 'name'": str(number),
    }
    sender = draw.choice([*CUSTOMERS, "acme-eu", "acme-us"])
    return event(f"e{number}", happened.isoformat(), properties, "", sender, draw.choice(["use", "look"]))


@pytest.fixture
def classes(world: World, kept: Path) -> World:
    """Return a world whose metrics of all classes are built."""
    return begin_with("classes", open_all_classes, world, kept)


def shown(world: World, metric: str, customer: str, start: str | datetime, end: str | datetime) -> list[Row]:
    first, after = (instant(each) if isinstance(each, str) else each for each in (start, end))
    return preview_metric(world.workspace, metric, customer, first, after)


@pytest.mark.parametrize("customer", CUSTOMERS)
@pytest.mark.parametrize("metric", METRICS)
def test_preview_of_a_period_is_what_a_build_counted(metric: str, customer: str, classes: World) -> None:
    condition = f"customer_id = '{customer}' and product_id = '{metric}'"
    periods = classes.rows(f"select distinct period_start_at, period_end_at from usage_hourly where {condition}")
    assert len(periods) > 1
    for start, end in periods:
        built = classes.rows(
            "select hour_start_at, presentation_group_values, quantity, cumulative_quantity from usage_hourly"
            f" where {condition} and period_start_at = timestamptz '{start}' order by 1, 2"
        )

        assert shown(classes, metric, customer, start, end) == built


def test_an_alias_is_a_customer(classes: World) -> None:
    week = ("2026-01-12T00:00:00Z", "2026-01-19T00:00:00Z")

    assert shown(classes, "additive", "acme-eu", *week) == shown(classes, "additive", "acme", *week)


def test_events_of_a_late_alias_count_once_it_is_built(classes: World) -> None:
    count = "select count(*) as value from events"
    classes.metric("new", count)
    week = ("2026-01-12T00:00:00Z", "2026-01-19T00:00:00Z")
    before = shown(classes, "new", "acme", *week)
    classes.catalog(customer_aliases="customer_id,alias\nacme,acme-eu\nacme,acme-us")
    assert shown(classes, "new", "acme", *week) == before

    classes.build(CLOCK)

    after = shown(classes, "new", "acme", *week)
    late = [some_event(number, random.Random(number)) for number in range(120)]
    in_week = [row for row in late if row[1] == "acme-us" and instant(week[0]) <= instant(row[3]) < instant(week[1])]
    assert in_week
    assert total(after) == total(before) + len(in_week)


def total(rows: list[Row]) -> Decimal:
    return sum((Decimal(str(row[2])) for row in rows), Decimal(0))


def test_a_metric_that_was_never_built(classes: World) -> None:
    classes.metric("fresh", "select max(properties.\"Odd 'name'\") as value from events")
    classes.metric("broken", "select nothing from nowhere")
    start, end = instant("2026-01-12T00:30:00Z"), instant("2026-01-13T10:15:00Z")
    sent = [some_event(number, random.Random(number)) for number in range(120)]
    accepted = [(instant(row[3]), int(row[0][1:])) for row in sent if row[1] in ("acme", "acme-eu")]
    inside = sorted(pair for pair in accepted if start <= pair[0] < end)

    found = shown(classes, "fresh", "acme", start, end)

    hours = sorted({happened.replace(minute=0) for happened, _ in inside})
    highest = [max(value for happened, value in inside if happened < hour + timedelta(hours=1)) for hour in hours]
    assert [(row[0], row[1], row[3]) for row in found] == [(h, "{}", m) for h, m in zip(hours, highest, strict=True)]
    assert [row[2] for row in found] == [now - before for before, now in zip([0, *highest], highest, strict=False)]


def test_a_metric_that_was_edited_since(classes: World) -> None:
    week = ("2026-01-12T00:00:00Z", "2026-01-19T00:00:00Z")
    built = shown(classes, "additive", "acme", *week)
    classes.metric("additive", METRICS["additive"].replace("sum(properties.units)", "2 * sum(properties.units)"))

    edited = shown(classes, "additive", "acme", *week)

    assert [(hour, group, quantity) for hour, group, quantity, _ in edited] == [
        (hour, group, 2 * quantity)  # type: ignore[operator]
        for hour, group, quantity, _ in built
    ]


def test_nothing_is_touched(classes: World) -> None:
    before = classes.workspace.warehouse.read_bytes(), classes.workspace.publication.read_bytes()

    assert shown(classes, "evaluated", "acme", "2026-01-12T00:00:00Z", "2026-01-19T00:00:00Z")

    assert before == (classes.workspace.warehouse.read_bytes(), classes.workspace.publication.read_bytes())


def as_it_is(world: World) -> None:
    pass


def without_warehouse(world: World) -> None:
    world.workspace.warehouse.unlink()


def with_an_empty_warehouse(world: World) -> None:
    world.workspace.warehouse.unlink()
    duckdb.connect(str(world.workspace.warehouse)).close()


def with_another_file(world: World) -> None:
    world.workspace.warehouse.write_text("no database " * 1000)


def with_a_faulty_metric(world: World) -> None:
    world.metric("additive", "select median(properties.units) from events")


MIDNIGHT, NOON = "2026-01-12T00:00:00Z", "2026-01-12T12:00:00Z"
WRONG: dict[str, tuple[Callable[[World], None], str, str, str, str, str]] = {
    "unknown metric": (as_it_is, "aditive", "acme", MIDNIGHT, NOON, "there is no metric aditive; did you mean additive?"),
    "no metric like it": (as_it_is, "zzz", "acme", MIDNIGHT, NOON, "metrics has additive, distinct, evaluated, invertible, mergeable"),
    "unknown customer": (as_it_is, "additive", "acne", MIDNIGHT, NOON, "the last build knew no customer acne; did you mean acme?"),
    "nobody like it": (as_it_is, "additive", "zzz", MIDNIGHT, NOON, "the last build knew no customer zzz"),
    "empty range": (
        as_it_is,
        "additive",
        "acme",
        NOON,
        NOON,
        "--from 2026-01-12T12:00:00Z is not before --to 2026-01-12T12:00:00Z; the range is [from, to)",
    ),
    "no warehouse": (without_warehouse, "additive", "acme", MIDNIGHT, NOON, "nothing is built yet"),
    "empty warehouse": (with_an_empty_warehouse, "additive", "acme", MIDNIGHT, NOON, "nothing is built yet"),
    "no warehouse file": (with_another_file, "additive", "acme", MIDNIGHT, NOON, "cannot be read as a warehouse"),
    "faulty metric": (with_a_faulty_metric, "additive", "acme", MIDNIGHT, NOON, "metrics/additive.sql:1:8: "),
}


@pytest.mark.parametrize("spoil, metric, customer, start, end, message", WRONG.values(), ids=WRONG)
def test_a_mistake_is_one_message(
    spoil: Callable[[World], None], metric: str, customer: str, start: str, end: str, message: str, classes: World
) -> None:
    spoil(classes)

    with pytest.raises((MeterhouseError, MetricErrors)) as raised:
        shown(classes, metric, customer, start, end)

    assert message in str(raised.value)
    assert len(str(raised.value).splitlines()) == 1


def test_a_warehouse_in_use_is_said(classes: World) -> None:
    hold = "import duckdb, sys; con = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    arguments = [sys.executable, "-c", hold, str(classes.workspace.warehouse)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"

        with pytest.raises(MeterhouseError, match="another process writes to this warehouse; wait for it to end"):
            shown(classes, "additive", "acme", MIDNIGHT, NOON)

        holder.communicate()
