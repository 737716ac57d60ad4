"""A warehouse that runs: building again, and a catalogue or metrics that change under it."""

from collections.abc import Callable

import pytest

from tests.runner.shop import CATALOGUE, FIRST, FIRST_CLOCK, SEATS, SECOND, SECOND_CLOCK, THIRD_CLOCK, fresh_build, open_shop
from tests.worlds import World, differences, event


def test_building_again_changes_no_row(shop: World) -> None:
    first = shop.marts()

    again = shop.build(FIRST_CLOCK)
    assert again.new_event_files == 0
    assert differences(first, shop.marts()) == []

    shop.build(SECOND_CLOCK)
    assert differences(first, shop.marts()) == []


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
def test_a_change_ends_with_the_rows_of_a_fresh_build(change: Callable[[World], None], shop: World) -> None:
    before = shop.marts()
    change(shop)
    shop.events("second.csv", SECOND)

    shop.build(SECOND_CLOCK)

    found = shop.marts()
    assert found["invoices"] != before["invoices"]
    assert differences(fresh_build(shop, SECOND_CLOCK), found) == []


def test_an_alias_added_later_attaches_earlier_events(shop: World) -> None:
    assert shop.rows("select transaction_id, reason from rejected_events") == [("b", "unknown_customer")]

    add_alias(shop)
    shop.build(FIRST_CLOCK)

    assert shop.rows("from rejected_events") == []
    assert shop.rows("select resolved_customer_id from events where transaction_id = 'b'") == [("acme",)]
    assert shop.rows("select subtotal from invoices") == [(58,)]


def test_a_property_that_no_metric_read_for_a_while_is_read_again_in_full(shop: World) -> None:
    take_metric_away(shop)
    shop.events("second.csv", SECOND)
    shop.build(SECOND_CLOCK)

    open_shop(shop)
    (shop.folder / "metrics" / "seats.sql").unlink()
    shop.build(THIRD_CLOCK)

    assert shop.rows("select subtotal from invoices") == [(15,)]


def test_a_change_that_failed_and_was_taken_back_leaves_nothing(shop: World) -> None:
    expected = shop.marts()

    change_rate(shop)
    broken = shop.events("second.csv", SECOND)
    broken.write_text(broken.read_text() + "x\n")
    with pytest.raises(Exception, match=r"second\.csv:4"):
        shop.build(SECOND_CLOCK)
    broken.unlink()
    shop.catalog(**CATALOGUE)
    shop.build(FIRST_CLOCK)

    assert differences(expected, shop.marts()) == []


def test_the_same_text_file_in_two_folders_is_two_deliveries(world: World) -> None:
    open_shop(world)
    world.events("redelivered/first.csv", FIRST)

    world.build(FIRST_CLOCK)

    assert world.rows("select count(*) from events") == [(2,)]
    assert world.rows("select reason, count(*) from rejected_events group by 1 order by 1") == [
        ("duplicate", 2),
        ("unknown_customer", 2),
    ]


def test_an_event_sent_ahead_of_its_time_is_reported_once_the_clock_has_passed_it(world: World) -> None:
    open_shop(world)
    world.catalog(rates=CATALOGUE["rates"].replace("2026-01-01", "2026-01-20"))
    world.events("first.csv", [event("ahead", "2026-01-12T10:00:00Z", {"units": 1}, "2026-01-11T23:00:00Z")])
    world.build(FIRST_CLOCK)
    assert world.rows("from unbilled_events") == []

    world.build(SECOND_CLOCK)

    assert world.rows("select transaction_id, reason from unbilled_events") == [("ahead", "no_rate")]


def test_a_file_that_was_read_may_go(shop: World) -> None:
    (shop.folder / "events" / "first.csv").unlink()
    add_metric(shop)

    shop.build(SECOND_CLOCK)

    assert shop.rows("select subtotal from invoices") == [(28,)]
