"""A warehouse that runs: building again, and a catalogue or metrics that change under it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.worlds import Marts, World, differences, event

CATALOGUE = {
    "customers": "customer_id\nacme",
    "customer_aliases": "customer_id,alias\nacme,acme-eu",
    "rate_cards": "rate_card_id,currency\ncard,usd",
    "products": "product_id,name,type,metric\nwidgets,Widgets,usage,units",
    "rates": ("rate_id,rate_card_id,product_id,starting_at,rate_type,unit_price\nr1,card,widgets,2026-01-01T00:00:00Z,flat,1"),
    "contracts": "contract_id,customer_id,rate_card_id,starting_at\nk1,acme,card,2026-01-01T00:00:00Z",
    "commits": "commit_id,customer_id,contract_id,type,name,pricing_unit\ncredit,acme,k1,credit,Credit,usd",
    "commit_segments": ("segment_id,commit_id,amount,starting_at,ending_before\ns1,credit,4,2026-01-01T00:00:00Z,2027-01-01T00:00:00Z"),
}
UNITS = "-- Units.\nselect sum(properties.units) as value from events where event_type = 'use'"
SEATS = "-- Users.\nselect count(distinct properties.user) as value from events where event_type = 'use'"
FIRST = [
    event("a", "2026-01-10T10:00:00Z", {"units": 3, "user": "ann"}),
    event("b", "2026-01-10T11:00:00Z", {"units": 50, "user": "bob"}, customer_id="acme-us"),
    event("c", "2026-01-11T10:00:00Z", {"units": 5, "user": "bob"}),
]
SECOND = [
    event("d", "2026-01-13T10:00:00Z", {"units": 7, "user": "cid"}),
    event("b", "2026-01-13T11:00:00Z", {"units": 9, "user": "cid"}, customer_id="acme-us"),
]
FIRST_CLOCK, SECOND_CLOCK, THIRD_CLOCK = "2026-01-12T00:00:00Z", "2026-01-14T00:00:00Z", "2026-01-15T00:00:00Z"


def open_shop(world: World) -> None:
    world.metric("units", UNITS)
    world.catalog(**CATALOGUE)
    world.events("first.csv", FIRST)


def fresh_build(world: World, clock: str) -> Marts:
    """The rows of the same workspace, built from nothing."""
    world.lay_empty_warehouse()
    world.build(clock)
    return world.marts()


def test_building_again_changes_no_row(world: World) -> None:
    open_shop(world)
    world.build(FIRST_CLOCK)
    first = world.marts()

    again = world.build(FIRST_CLOCK)
    assert again.new_event_files == 0
    assert differences(first, world.marts()) == []

    world.build(SECOND_CLOCK)
    assert differences(first, world.marts()) == []


def add_alias(world: World) -> None:
    world.catalog(customer_aliases="customer_id,alias\nacme,acme-eu\nacme,acme-us")


def add_metric(world: World) -> None:
    world.metric("seats", SEATS)
    world.catalog(
        products=CATALOGUE["products"] + "\nseats,Seats,usage,seats",
        rates=CATALOGUE["rates"] + "\nr2,card,seats,2026-01-01T00:00:00Z,flat,10",
    )


def edit_metric(world: World) -> None:
    world.metric(
        "units", "-- Largest.\nselect max(properties.units) as value, properties.user as user from events group by properties.user"
    )
    world.catalog(products=CATALOGUE["products"].replace("metric\n", "metric,presentation_group_keys\n") + ',"[""user""]"')


def take_metric_away(world: World) -> None:
    (world.folder / "metrics" / "units.sql").unlink()
    world.metric("seats", SEATS)
    world.catalog(products="product_id,name,type,metric\nwidgets,Widgets,usage,seats")


def change_rate(world: World) -> None:
    world.catalog(rates=CATALOGUE["rates"].replace("flat,1", "flat,0.5"))


CHANGES: dict[str, Callable[[World], None]] = {
    "an alias is added": add_alias,
    "a metric is added": add_metric,
    "a metric is edited": edit_metric,
    "a rate is changed": change_rate,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_ends_with_the_rows_of_a_fresh_build(change: Callable[[World], None], world: World) -> None:
    open_shop(world)
    world.build(FIRST_CLOCK)
    before = world.marts()
    change(world)
    world.events("second.csv", SECOND)

    world.build(SECOND_CLOCK)

    found = world.marts()
    assert found["invoices"] != before["invoices"]
    assert differences(fresh_build(world, SECOND_CLOCK), found) == []


def test_an_alias_added_later_attaches_earlier_events(world: World) -> None:
    open_shop(world)
    world.build(FIRST_CLOCK)
    assert world.rows("select transaction_id, reason from rejected_events") == [("b", "unknown_customer")]

    add_alias(world)
    world.build(FIRST_CLOCK)

    assert world.rows("from rejected_events") == []
    assert world.rows("select resolved_customer_id from events where transaction_id = 'b'") == [("acme",)]
    assert world.rows("select subtotal from invoices") == [(58,)]


def test_a_property_that_no_metric_read_for_a_while_is_read_again_in_full(world: World) -> None:
    open_shop(world)
    world.build(FIRST_CLOCK)
    take_metric_away(world)
    world.events("second.csv", SECOND)
    world.build(SECOND_CLOCK)

    open_shop(world)
    (world.folder / "metrics" / "seats.sql").unlink()
    world.build(THIRD_CLOCK)

    assert world.rows("select subtotal from invoices") == [(15,)]


def test_a_change_that_failed_and_was_taken_back_leaves_nothing(world: World) -> None:
    open_shop(world)
    world.build(FIRST_CLOCK)
    expected = world.marts()

    change_rate(world)
    broken = world.events("second.csv", SECOND)
    broken.write_text(broken.read_text() + "x\n")
    with pytest.raises(Exception, match=r"second\.csv:4"):
        world.build(SECOND_CLOCK)
    broken.unlink()
    world.catalog(**CATALOGUE)
    world.build(FIRST_CLOCK)

    assert differences(expected, world.marts()) == []


def test_the_same_text_file_in_two_folders_is_two_deliveries(world: World) -> None:
    open_shop(world)
    world.events("redelivered/first.csv", FIRST)

    world.build(FIRST_CLOCK)

    assert world.rows("select count(*) from events") == [(2,)]
    assert world.rows("select reason, count(*) from rejected_events group by 1 order by 1") == [
        ("duplicate", 2),
        ("unknown_customer", 2),
    ]


def test_a_file_that_was_read_may_go(world: World, tmp_path: Path) -> None:
    open_shop(world)
    world.build(FIRST_CLOCK)
    (world.folder / "events" / "first.csv").unlink()
    add_metric(world)

    world.build(SECOND_CLOCK)

    assert world.rows("select subtotal from invoices") == [(28,)]
