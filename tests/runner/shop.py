"""A shop with one customer, one product and a credit: the smallest world that shows what a runner does."""

from tests.worlds import Marts, World, event

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
FINAL_CLOCK = "2026-02-03T00:00:00Z"
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
