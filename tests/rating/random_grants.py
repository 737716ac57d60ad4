"""Recurring commits of every kind for the contracts of a random world, and corrections of its balances by hand."""

import json
import random
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from tests.rating.random_catalogues import FIRST, LAST, TAGS, RandomWorld, Row

DAYS = (LAST - FIRST).days


def add_grants(world: RandomWorld, seed: int) -> None:
    """Give two contracts of five a recurring commit or two, and correct some of these and of the other balances."""
    dice = random.Random(seed)
    tables = world.tables
    tables["recurring_commits"], tables["ledger_entries"], tables["balance_thresholds"] = [], [], []
    zones = {row["customer_id"]: row["timezone"] for row in tables["customers"]}
    seats = {row["contract_id"]: row["subscription_id"] for row in tables.get("subscriptions", [])}
    for contract in tables["contracts"]:
        if dice.random() < 0.4:
            tables["balance_thresholds"].append(_threshold(dice, contract))
        for number in range(dice.choice((0, 0, 0, 1, 2))):
            name = f"{contract['contract_id']}-r{number}"
            row = _recurring(dice, name, contract, seats.get(contract["contract_id"]))
            tables["recurring_commits"].append(row)
            if row["type"] != "postpaid" and dice.random() < 0.3:
                first = datetime.fromisoformat(row["starting_at"]).astimezone(ZoneInfo(zones[contract["customer_id"]])).date()
                _correct(world, dice, f"{name}/{first}", "")
    promised = {row["commit_id"] for row in tables["commits"] if row["type"] == "postpaid"}
    for segment in tables["commit_segments"]:
        if segment["commit_id"] not in promised and dice.random() < 0.3:
            start = datetime.fromisoformat(segment["starting_at"])
            end = datetime.fromisoformat(segment["ending_before"]) if segment["ending_before"] else LAST + timedelta(days=30)
            at = start + timedelta(minutes=dice.randrange((end - start) // timedelta(minutes=1)))
            _correct(world, dice, segment["segment_id"], at.isoformat())


def _threshold(dice: random.Random, contract: Row) -> Row:
    return {
        "threshold_id": f"{contract['contract_id']}-t",
        "contract_id": contract["contract_id"],
        "threshold_amount": dice.choice(("0", "5", "100", "4500")),
        "recharge_to_amount": "5000.5",
        "starting_at": contract["starting_at"],
    }


def _recurring(dice: random.Random, name: str, contract: Row, subscription_id: str | None) -> Row:
    begin = datetime.fromisoformat(contract["starting_at"])
    start = dice.choice((begin, begin, _hour_after(begin + timedelta(hours=dice.randrange(20 * 24)))))
    end = datetime.fromisoformat(contract["ending_before"]) if contract.get("ending_before") else None
    if end and start >= end:
        start = begin
    own_end = _hour_after(start + timedelta(hours=dice.randrange(40 * 24)))
    kind, proration = dice.choice(("prepaid", "credit", "postpaid")), dice.choice(("", "none", "first", "last", "first_and_last"))
    rounding = dice.choice(("", "up", "down", "half_up")) if proration != "none" else ""
    is_for_seats = subscription_id is not None and dice.random() < 0.7
    is_invoiced = kind == "prepaid" and dice.random() < 0.6
    scope = dice.choice(({}, {}, {"applicable_product_tags": json.dumps([dice.choice(TAGS)])}))
    return {
        "recurring_commit_id": name,
        "contract_id": contract["contract_id"],
        "type": kind,
        "access_unit_price": dice.choice(("3", "20", "33.333333333333", "400")),
        "access_quantity": "" if is_for_seats else dice.choice(("1", "2.5", "7")),
        "subscription_id": subscription_id or "" if is_for_seats else "",
        "invoice_unit_price": dice.choice(("0", "9.99")) if is_invoiced else "",
        "invoice_quantity": dice.choice(("", "3")) if is_invoiced else "",
        "priority": dice.choice(("", "1", "2")),
        "commit_duration_periods": dice.choice(("", "1", "2", "3")),
        "recurrence_frequency": dice.choice(("", "", "weekly", "monthly", "quarterly", "annual")),
        "proration": proration,
        "proration_rounding": rounding,
        "proration_decimal_places": dice.choice(("", "-1", "0", "2")) if rounding else "",
        "starting_at": start.isoformat(),
        "ending_before": own_end.isoformat() if dice.random() < 0.3 and (end is None or own_end <= end) else "",
        **scope,
    }


def _correct(world: RandomWorld, dice: random.Random, segment_id: str, entry_at: str) -> None:
    amount = Decimal(dice.choice(("5", "-5", "-50", "0.123456789012", "1000", "-100000")))
    entries = world.tables["ledger_entries"]
    entries.append({"entry_id": f"e{len(entries)}", "segment_id": segment_id, "amount": f"{amount:f}", "entry_at": entry_at})


def _hour_after(at: datetime) -> datetime:
    return at.replace(minute=0) + timedelta(hours=1)
