"""`meterhouse verify` over a small business: it agrees with what was built, and finds what was touched, where it was touched."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from meterhouse.cli import app
from meterhouse.verify import Verdict, verify
from tests.worlds import World, event

MONTH = "acme_2026/usage/2026-01-01"
CATALOGUE = {
    "customers": "customer_id,name\nacme,Acme\nother,Other",
    "customer_aliases": "customer_id,alias\nacme,acme-old",
    "rate_cards": "rate_card_id,name\ncard,Card",
    "products": "product_id,name,type,metric,presentation_group_keys\n"
    'calls,Calls,usage,calls,"[""region""]"\nusers,Users,usage,users,\ncredit,Credit,fixed,,',
    "rates": "rate_id,rate_card_id,product_id,starting_at,unit_price\nr1,card,calls,2026-01-01,0.3\nr2,card,users,2026-01-01,1",
    "contracts": "contract_id,customer_id,rate_card_id,starting_at\nacme_2026,acme,card,2026-01-01\nother_2026,other,card,2026-01-01",
    "commits": (
        "commit_id,customer_id,type,name,product_id,applicable_product_ids\n"
        'free,acme,credit,Free,,"[""calls""]"\nbought,acme,prepaid,Bought,credit,"[""calls""]"'
    ),
    "commit_segments": (
        "segment_id,commit_id,amount,starting_at,ending_before\nfree_1,free,2,2026-01-01,2026-02-01\nbought_1,bought,1,2026-01-01,2027-01-01"
    ),
    "commit_invoice_items": "commit_id,invoice_at,quantity,unit_price\nbought,2026-01-01,1,0.9",
}
METRICS = {
    "calls": "select sum(properties.n) as value, properties.region from events where event_type = 'call' group by region",
    "users": "select count(distinct properties.user) as value from events",
}


def day(number: int, name: str, n: str, region: str = "eu", customer: str = "acme", ingested_at: str = "") -> tuple[str, ...]:
    at = f"2026-01-{number:02}T10:30:00Z"
    return event(name, at, {"n": n, "region": region, "user": name[0]}, ingested_at, customer, "call")


EVENTS = [
    day(3, "a1", "5"),
    day(3, "a2", "2.5", "us", "acme-old"),
    day(4, "b1", "1", "us"),
    day(4, "b1", "100", "us", ingested_at="2026-01-06T00:00:00Z"),  # a duplicate
    day(20, "b2", "4"),
    day(21, "c1", "30", ingested_at="2026-02-10T00:00:00Z"),  # after the invoice was final
    day(5, "x1", "7", customer="other"),
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


def verdict(world: World, invoice_id: str = MONTH) -> Verdict:
    (found,) = [one for one in verify(world.workspace).verdicts if one.invoice_id == invoice_id]
    return found


def test_what_was_built_agrees(business: World) -> None:
    found = verify(business.workspace, drafts=True)

    assert [(one.invoice_id, one.status, one.differs) for one in found.verdicts] == [
        ("acme/scheduled/2026-01-01/usd", "finalized", False),
        (MONTH, "finalized", False),
        ("acme_2026/usage/2026-02-01", "draft", False),
        ("other_2026/usage/2026-01-01", "finalized", False),
        ("other_2026/usage/2026-02-01", "draft", False),
    ]
    assert not any(one.not_verified for one in found.verdicts)
    assert found.notes == ()
    # 12.5 calls of 0.3 and 2 users, less 2 and 1 from balances
    assert verdict(business).amount_due == 2.75


# What is changed in the warehouse, and the first difference: line, hour, column, warehouse, auditor.
TAMPERED = {
    "a total": ("invoices set total = total + 0.01", None, None, "total", "2.76", "2.75"),
    "what is due": ("invoices set amount_due = 2.74", None, None, "amount_due", "2.74", "2.75"),
    "a line's quantity": (
        "invoice_line_items set quantity = quantity + 1 where product_id = 'users' and segment_id is null",
        "users", None, "quantity", "3", "2",
    ),
    "a line's price": (
        "invoice_line_items set unit_price = 1.5 where product_id = 'users' and type = 'usage'",
        "users", None, "unit_price", "1.5", "1",
    ),
    "a line's amount": (
        "invoice_line_items set amount = 0 where segment_id = 'free_1' and type = 'usage'",
        "calls", None, "amount", "0", None,
    ),
    "a line's balance": (
        "invoice_line_items set segment_id = 'bought_1', commit_id = 'bought' where segment_id = 'free_1' and type = 'usage'",
        "calls", None, "commit_id", "bought", "free",
    ),
    "an hour's quantity": (
        "line_items_hourly set quantity = 4 where product_id = 'users' and hour_start_at = '2026-01-04 10:00:00+00'",
        "users", "2026-01-04T10:00", "quantity", "4", "1",
    ),
    "what is covered of an hour": (
        "line_items_hourly set covered_amount = 0 where segment_id = 'free_1'",
        "calls", "2026-01-03T10:00", "covered_amount", "0", None,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("change", "line", "hour", "column", "theirs", "ours"), TAMPERED.values(), ids=TAMPERED)
def test_a_row_that_was_touched_is_found(
    change: str, line: str | None, hour: str | None, column: str, theirs: str, ours: str | None, business: World
) -> None:
    where = " and " if " where " in change else " where "
    with business.warehouse() as con:
        touched = con.execute(f"update marts.{change}{where}invoice_id = '{MONTH}' returning 1").fetchall()
    assert touched

    first = verdict(business).differences[0]

    assert (first.line or "").startswith(line or "")
    assert first.line is None if line is None else first.line_item_id is not None
    assert (first.hour_start_at and first.hour_start_at.isoformat()[:16]) == hour
    assert (first.column, str(first.theirs)[: len(theirs)]) == (column, theirs)
    assert ours is None or str(first.ours).startswith(ours)


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ("delete from marts.invoice_line_items where product_id = 'users'", "amount"),
        ("delete from marts.line_items_hourly where product_id = 'users'", "quantity"),
    ],
)
def test_a_row_that_is_gone_is_found(change: str, column: str, business: World) -> None:
    with business.warehouse() as con:
        con.execute(change)

    first = verdict(business).differences[0]

    assert (str(first.line).split(",")[0], first.column, first.theirs) == ("users", column, None)


def test_an_event_that_is_gone_from_its_file_is_named_with_its_hour(business: World) -> None:
    business.events("e.csv", [row for row in EVENTS if row[0] != "b1"])

    found = verdict(business)

    assert found.evidence is not None and found.evidence.hour is not None and found.evidence.starting_at is not None
    assert found.evidence.starting_at.isoformat() == "2026-01-04T10:00:00+00:00"
    assert [(one.transaction_id, one.what) for one in found.events] == [("b1", "is in the warehouse, but in no event file")]
    assert any("e.csv has changed since a run read it" in note for note in verify(business.workspace).notes)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("set properties = replace(properties, '2.5', '3.5')", 'has properties {"n":"2.5"'),
        ("set event_type = 'other'", "has event_type call in the file, other in the warehouse"),
        ("set occurred_at = occurred_at + interval '1 hour'", "happened at 2026-01-03T10:30:00+00:00 by the file"),
    ],
)
def test_a_stored_event_that_was_altered_is_named(change: str, what: str, business: World) -> None:
    with business.warehouse() as con:
        con.execute(f"update events.int_events {change} where transaction_id = 'a2'")

    found = verdict(business)

    assert found.differs and not found.differences
    assert [(one.transaction_id, one.what[: len(what)]) for one in found.events] == [("a2", what)]


def test_an_invoice_that_is_gone_is_missed(business: World) -> None:
    with business.warehouse() as con:
        con.execute(f"delete from marts.invoices where invoice_id = '{MONTH}'")

    found = verdict(business)

    assert (found.status, found.differences[0].column, found.differences[0].ours) == ("missing", "invoice_id", MONTH)


def test_what_the_auditor_does_not_know_is_said(business: World) -> None:
    metric = business.folder / "metrics" / "users.sql"
    metric.write_text("select stddev(properties.n) as value from events\n")

    found = verify(business.workspace)

    assert found.agrees
    assert all("the metric users: the auditor cannot read the metric from 'stddev'" in one.not_verified[0] for one in found.verdicts)


def command(world: World, *arguments: str) -> tuple[int, str]:
    place = world.workspace
    options = ["--metrics", place.metrics, "--catalog", place.catalog, "--events", place.events, "--warehouse", place.warehouse]
    result = CliRunner().invoke(app, ["verify", *arguments, *map(str, options)])
    return result.exit_code, result.output


def test_the_command_prints_a_table_and_exits_with_0(business: World) -> None:
    code, printed = command(business)

    assert code == 0
    assert "3 agree with the event files" in printed
    assert MONTH in printed


def test_the_command_shows_line_hour_and_events_and_exits_with_1(business: World) -> None:
    with business.warehouse() as con:
        con.execute("update marts.line_items_hourly set amount = 9 where product_id = 'users' and amount = 1")

    code, printed = command(business, MONTH)

    assert code == 1
    assert "hour      2026-01-03 10:00 UTC: amount 9 in the warehouse, 1 by the auditor" in printed
    assert "events    2 by the files: a1, a2; the warehouse has the same" in printed
    assert "0 agree with the event files, 1 differ" in printed


def test_json_holds_every_difference(business: World) -> None:
    with business.warehouse() as con:
        con.execute(f"update marts.invoices set subtotal = 0, total = 1 where invoice_id = '{MONTH}'")

    code, printed = command(business, MONTH, "--format", "json")

    (found,) = json.loads(printed)["invoices"]
    assert (code, found["verdict"]) == (1, "differs")
    assert [(one["column"], one["warehouse"], one["auditor"]) for one in found["differences"]] == [
        ("subtotal", "0", "5.75"),
        ("total", "1", "2.75"),
    ]


def test_an_unknown_invoice_is_answered_with_near_names(business: World) -> None:
    code, _ = command(business, "acme_2026/usage/2026-01")

    assert code == 1


def test_a_file_that_is_gone_is_asked_for(business: World) -> None:
    shutil.rmtree(business.folder / "events")

    assert command(business)[0] == 1
