"""`meterhouse explain-line` over a business with a line of every kind: which hours, price, balance and events lead to each."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from meterhouse.cli import app
from meterhouse.explain_line import Explanation, explain_line
from meterhouse.runner.errors import MeterhouseError
from tests.worlds import World, event

JANUARY, FEBRUARY = "acme_2026/usage/2026-01-01", "acme_2026/usage/2026-02-01"
CATALOGUE = {
    "customers": "customer_id,name\nacme,Acme",
    "rate_cards": "rate_card_id,name\ncard,Card",
    "pricing_units": "pricing_unit,name,is_currency\ntokens,Tokens,false",
    "pricing_unit_conversions": "rate_card_id,pricing_unit,currency_per_unit\ncard,tokens,0.5",
    "products": "product_id,name,type,metric,pricing_group_keys,breakdown_granularity,tags,composite_tags\n"
    'calls,Calls,usage,calls,"[""region""]",,"[""api""]",\n'
    "users,Users,usage,users,,service_period,,\n"
    "agents,Agents,usage,runs,,,,\n"
    'support,Support,composite,,,,,"[""api""]"\n'
    "setup,Setup,fixed,,,,,",
    "rates": "rate_id,rate_card_id,product_id,starting_at,rate_type,unit_price,pricing_unit,pricing_group_values\n"
    'eu,card,calls,2026-01-01,flat,2,,"{""region"":""eu""}"\n'
    'us,card,calls,2026-01-01,flat,3,,"{""region"":""us""}"\n'
    "users,card,users,2026-01-01,flat,1,,\n"
    "agents,card,agents,2026-01-01,flat,4,tokens,\n"
    "support,card,support,2026-01-01,percentage,0.1,,",
    "overrides": "override_id,contract_id,starting_at,type,multiplier,product_id\nless,acme_2026,2026-01-01,multiplier,0.8,calls",
    "contracts": "contract_id,customer_id,rate_card_id,starting_at,late_usage\nacme_2026,acme,card,2026-01-01,next_invoice",
    "commits": "commit_id,customer_id,type,name,product_id,applicable_product_ids\n"
    'free,acme,credit,Free,,"[""calls""]"\nbought,acme,prepaid,Bought,setup,"[""setup""]"',
    "commit_segments": "segment_id,commit_id,amount,starting_at,ending_before\n"
    "free_1,free,8,2026-01-01,2026-02-01\nbought_1,bought,10,2026-01-01,2027-01-01",
    "commit_invoice_items": "commit_id,invoice_at,quantity,unit_price\nbought,2026-01-01,1,9",
    "scheduled_charges": "charge_id,contract_id,product_id,name,invoice_at,quantity,unit_price\nfee,acme_2026,setup,Fee,2026-01-09,1,50",
    "commitments": "commitment_id,contract_id,type,amount,starting_at\nleast,acme_2026,minimum,200,2026-01-01",
}
METRICS = {
    "calls": "select sum(properties.n) as value, properties.region from events where event_type = 'call' group by region",
    "users": "select count(distinct properties.user) as value from events where event_type = 'call'",
    "runs": "select count(*) as value from events where event_type = 'run'",
}


def call(name: str, at: str, n: str, region: str = "eu", ingested_at: str = "", **more: str) -> tuple[str, ...]:
    properties = {"n": n, "region": region, "user": name[0], **more}
    return event(name, f"2026-01-{at}:00Z", properties, ingested_at, event_type="call")


EVENTS = [
    call("a1", "03T10:30", "5"),
    call("a2", "03T10:40", "2.5", "us"),
    call("b1", "04T09:00", "1"),
    call("r1", "05T10:00", "9"),
    call("r2", "05T10:00", "3", replaces="r1"),  # counts in place of r1
    call("k1", "06T10:00", "2"),
    call("k2", "06T10:00", "1", ingested_at="2026-02-08T00:00:00Z", replaces="k1"),  # too late for January
    call("l1", "20T10:00", "4", ingested_at="2026-02-09T00:00:00Z"),
    event("g1", "2026-01-07T10:00:00Z", {}, event_type="run"),
    event("g2", "2026-01-07T11:00:00Z", {}, event_type="run"),
    event("x1", "2026-01-03T10:35:00Z", {"n": "7", "region": "eu"}, event_type="other"),
]


@pytest.fixture(scope="module")
def kept(desk: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the built business is kept."""
    world = World(desk)
    world.clear()
    for name, query in METRICS.items():
        world.metric(name, query)
    world.catalog(**CATALOGUE)
    world.events("e.csv", EVENTS)
    world.build("2026-02-15T00:00:00Z")
    place = tmp_path_factory.mktemp("kept")
    world.keep(place)
    return place


@pytest.fixture
def business(kept: Path, desk: Path) -> Iterator[World]:
    World(desk).restore(kept)
    yield World(desk)


def line_id(world: World, where: str) -> str:
    found = world.rows(f"select line_item_id from invoice_line_items where {where}")
    assert len(found) == 1, f"{where}: {found}"
    return str(found[0][0])


def explained(world: World, where: str) -> Explanation:
    return explain_line(world.workspace, line_id(world, where))


CALLS = f"invoice_id = '{JANUARY}' and type = 'usage' and product_id = 'calls'"
US, FREE, REST = (
    f"{CALLS} and {more}" for more in ("unit_price = 2.4", "unit_price = 1.6 and segment_id = 'free_1'", "segment_id is null")
)
LATE = f"invoice_id = '{FEBRUARY}' and type = 'late_usage' and product_id = 'calls'"

# A line; its hours, its quantity, the events that feed it. The credit of 8 pays 2.5 x 2.4 = 6 for us, and 1.25 x 1.6 = 2 for eu.
FED = {
    "the group of one region": (US, ["03T10"], "2.5", ["a2"]),
    "what a credit covers of a group": (FREE, ["03T10"], "1.25", ["a1"]),
    "the rest; of an amended event the version that counted": (
        REST,
        ["03T10", "04T09", "05T10", "06T10"],
        "9.75",
        ["a1", "b1", "r2", "k1"],
    ),
    "a service period: the events of all its hours": (
        f"invoice_id = '{JANUARY}' and product_id = 'users' and type = 'usage'",
        ["31T23"],
        "4",
        ["a1", "a2", "b1", "r2", "k1"],
    ),
    "late usage: what came and what was amended": (LATE, ["06T10", "20T10"], "3", ["k2", "l1"]),
}


@pytest.mark.parametrize(("where", "hours", "quantity", "events"), FED.values(), ids=FED)
def test_a_line_leads_to_its_hours_and_events(where: str, hours: list[str], quantity: str, events: list[str], business: World) -> None:
    found = explained(business, where)

    assert [f"{row['hour_start_at']:%dT%H}" for row in found.hours.rows] == hours
    assert found.line["quantity"] == sum(row["quantity"] for row in found.hours.rows) == Decimal(quantity)
    assert found.sums_up is True
    assert [row["transaction_id"] for row in found.events.rows] == events
    assert found.notes == ()


def test_the_price_and_the_balance_are_named(business: World) -> None:
    found = explained(business, FREE)

    assert found.price_reason == "an override multiplies the rate's price"
    assert found.rate and found.override and found.balance
    assert found.rate["rate_id"] == "eu"
    assert found.rate["unit_price"] * found.override["multiplier"] == found.line["unit_price"] == Decimal("1.6")
    assert (found.balance["commit_id"], found.balance["drawn"]) == ("free", 8)


def test_an_applied_line_has_the_hours_of_what_it_takes_off(business: World) -> None:
    covered = explained(business, FREE)

    applied = explain_line(business.workspace, covered.line["line_item_id"] + "/applied")

    assert applied.takes_off == covered.line
    assert applied.line["amount"] == -covered.line["amount"]
    assert (applied.hours, applied.events, applied.balance) == (covered.hours, covered.events, covered.balance)


def test_late_usage_names_the_invoice_that_missed_it(business: World) -> None:
    found = explained(business, LATE)

    assert found.late_usage_of == JANUARY
    assert all(row["late"] for row in found.events.rows)


def test_a_conversion_is_the_sum_of_lines(business: World) -> None:
    found = explained(business, "type = 'unit_conversion'")

    assert [(row["name"], row["quantity"], row["amount"]) for row in found.converts] == [("Agents", 2, 8)]
    assert found.line["quantity"] == sum(row["amount"] for row in found.converts)
    assert "converted once" in found.notes[0]


MADE_ONCE = {
    "a scheduled charge": ("type = 'scheduled'", "on its date"),
    "a purchase": ("type = 'commit_purchase'", "The purchase of a commit"),
    "a true-up": (f"type = 'true_up' and invoice_id = '{JANUARY}'", "what was committed"),
}


@pytest.mark.parametrize(("where", "note"), MADE_ONCE.values(), ids=MADE_ONCE)
def test_a_line_without_hours_says_what_it_is(where: str, note: str, business: World) -> None:
    found = explained(business, where)

    assert note in found.notes[0]
    assert (found.hours.count, found.events.count, found.sums_up) == (0, 0, None)


def test_a_composite_has_hours_and_no_events(business: World) -> None:
    found = explained(business, f"type = 'composite' and invoice_id = '{JANUARY}'")

    assert found.sums_up is True
    assert found.events.count == 0
    assert "A share of the spend on the other lines" in found.notes[0]


def test_limits_cut_what_is_listed_and_not_what_is_counted(business: World) -> None:
    found = explain_line(business.workspace, line_id(business, REST), most_hours=1, most_events=2)

    assert (len(found.hours.rows), found.hours.count, found.sums_up) == (1, 4, True)
    assert ([row["transaction_id"] for row in found.events.rows], found.events.count) == (["a1", "b1"], 4)


def test_a_metric_that_is_gone_is_said(business: World) -> None:
    (business.workspace.metrics / "calls.sql").unlink()

    found = explained(business, US)

    assert "no readable metric calls" in found.notes[0]
    assert [row["transaction_id"] for row in found.events.rows] == ["a1", "x1", "a2"]


def test_an_unknown_line_is_answered_with_near_ones(business: World) -> None:
    name = line_id(business, US)

    with pytest.raises(MeterhouseError) as unknown:
        explain_line(business.workspace, name + "x")
    with pytest.raises(MeterhouseError) as invoice:
        explain_line(business.workspace, JANUARY)

    assert str(unknown.value).startswith(f"there is no invoice line {name}x; the nearest are\n  {name}")
    assert "that is an invoice, its lines are" in str(invoice.value)
    assert f"\n  {name}" in str(invoice.value)


def command(world: World, *arguments: str) -> tuple[int, str]:
    place = world.workspace
    options = ["--metrics", str(place.metrics), "--warehouse", str(place.warehouse)]
    result = CliRunner().invoke(app, ["explain-line", *arguments, *options])
    return result.exit_code, result.output


def test_the_page_tells_everything_with_units(business: World) -> None:
    code, page = command(business, line_id(business, FREE))

    assert code == 0
    wanted = (
        "amount     1.25 x 1.6 USD = 2 USD",
        f"invoice    {JANUARY} (usage, finalized)",
        "rate       eu, flat, 2 USD, from 2026-01-01 00:00 UTC on",
        "override   less, multiplier, times 0.8, from 2026-01-01 00:00 UTC on",
        "balance    Free (credit), commit free, segment free_1",
        "granted    8 USD, drawn 8 USD, left 0 USD",
        "Hours, 1: they add up to the line",
        "Events, 1",
    )
    assert [said for said in wanted if said not in page] == []


def test_json_keeps_every_digit(business: World) -> None:
    code, printed = command(business, line_id(business, FREE), "--format", "json")

    found = json.loads(printed)
    assert code == 0
    assert (found["line"]["quantity"], found["line"]["unit_price"], found["line"]["amount"]) == ("1.25", "1.6", "2")
    assert found["hours"]["rows"][0]["hour_start_at"] == "2026-01-03T10:00:00Z"
    assert found["events"]["rows"][0]["transaction_id"] == "a1"
