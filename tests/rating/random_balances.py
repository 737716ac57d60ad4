"""Random balances for a random world: commits and credits of every scope, commit rates, and overrides for drawn usage alone."""

import json
import random
from datetime import UTC, datetime, timedelta

from tests.rating.random_catalogues import FIRST, REGIONS, TAGS, USERS, RandomWorld, Row

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def add_balances(world: RandomWorld, seed: int, *, commit_prices: bool = True) -> None:
    """Give three customers of four some commits; with `commit_prices` also prices that count while they are drawn."""
    dice = random.Random(seed)
    tables = world.tables
    for name in ("commits", "commit_segments", "commit_invoice_items"):
        tables.setdefault(name, [])
    for customer in tables["customers"]:
        contracts = [row["contract_id"] for row in tables["contracts"] if row["customer_id"] == customer["customer_id"]]
        for number in range(dice.choice((0, 1, 2, 4))):
            _commit(world, dice, f"{customer['customer_id']}-b{number}", customer["customer_id"], contracts, commit_prices)
    if commit_prices:
        _commit_rates(world, dice)
        for commit in tables["commits"]:
            if dice.random() < 0.5:
                _override(world, dice, commit)


def _commit(world: RandomWorld, dice: random.Random, commit_id: str, customer_id: str, contracts: list[str], commit_prices: bool) -> None:
    commit: Row = {
        "commit_id": commit_id,
        "customer_id": customer_id,
        "contract_id": dice.choice(("", *contracts)),
        "type": dice.choice(("prepaid", "credit", "postpaid")),
        "priority": dice.choice(("", "1", "2")),
        "pricing_unit": "usd",
        "rate_target": dice.choice(("", "commit")) if commit_prices else "",
        "created_at": dice.choice(("", "2026-01-01", "2026-02-01")),
    }
    products = [row["product_id"] for row in world.tables["products"]]
    scope = dice.choice(
        (
            {},
            {"applicable_product_ids": dice.sample(products, 3)},
            {"applicable_product_tags": [dice.choice(TAGS)]},
            {"specifiers": _specifiers(world, dice)},
            {"specifiers": _specifiers(world, dice)},
        )
    )
    world.tables["commits"].append({**commit, **{name: json.dumps(values) for name, values in scope.items()}})
    borders = [NEW_YEAR, *sorted({FIRST + timedelta(hours=dice.randrange(42 * 24)) for _ in range(dice.choice((0, 1, 2)))})]
    windows = list(zip(borders, [*borders[1:], None], strict=True))
    if commit["type"] == "postpaid":
        # one promise with an end
        windows = [(start, end or NEW_YEAR.replace(year=2027)) for start, end in windows[-1:]]
    for number, (start, end) in enumerate(windows):
        segment = {
            "segment_id": f"{commit_id}-{number}",
            "commit_id": commit_id,
            "amount": dice.choice(("10", "100", "333.333333", "5000")),
        }
        window = {"starting_at": start.isoformat(), "ending_before": end.isoformat() if end else ""}
        world.tables["commit_segments"].append({**segment, **window})
    if commit["type"] == "prepaid" and dice.random() < 0.5:
        # invoiced after the clock, so that the build stays one step
        item = {"commit_id": commit_id, "invoice_at": "2026-06-01T00:00:00Z", "quantity": "1", "unit_price": dice.choice(("0", "90"))}
        world.tables["commit_invoice_items"].append(item)


def _specifiers(world: RandomWorld, dice: random.Random) -> list[dict[str, object]]:
    """One to three alternatives by products and group values, as they occur together in the world."""
    found: list[dict[str, object]] = []
    for _ in range(dice.choice((1, 2, 3))):
        product = dice.choice([row for row in world.tables["products"] if row["type"] == "usage"])
        by_product: tuple[dict[str, object], ...] = (
            {},
            {"product_id": product["product_id"]},
            {"product_tags": json.loads(product["tags"])},
        )
        part = dict(dice.choice(by_product))
        if "region" in product["pricing_group_keys"] and dice.random() < 0.7:
            part["pricing_group_values"] = {"region": dice.choice(REGIONS[:2])}
        if "user" in product["presentation_group_keys"] and dice.random() < 0.7:
            part["presentation_group_values"] = {"user": dice.choice(USERS)}
        if part and part not in found:
            found.append(part)
    return found


def _commit_rates(world: RandomWorld, dice: random.Random) -> None:
    """A second price beside every third list rate of usage, where the product has no volume or package rate."""
    tables = world.tables
    whole = {(rate["rate_card_id"], rate["product_id"]) for rate in tables["rates"] if rate["rate_type"] in ("volume", "package")}
    usage = {product["product_id"] for product in tables["products"] if product["type"] == "usage"}
    for rate in list(tables["rates"]):
        if dice.random() < 0.3 and rate["product_id"] in usage and (rate["rate_card_id"], rate["product_id"]) not in whole:
            _commit_rate(world, dice, rate)


def _commit_rate(world: RandomWorld, dice: random.Random, rate: Row) -> None:
    has_tiers = dice.random() < 0.3
    rate_type = "percentage" if rate["rate_type"] == "percentage" else "tiered" if has_tiers else "flat"
    prices = ("0.01", "0.5", "1") if rate_type == "percentage" else ("0", "0.5", "3.000000000007")
    same = {
        name: rate[name] for name in ("rate_card_id", "product_id", "starting_at", "ending_before", "pricing_group_values") if name in rate
    }
    rate_id = f"{rate['rate_id']}-c"
    unit_price = "" if has_tiers else dice.choice(prices)
    world.tables["rates"].append({**same, "rate_id": rate_id, "target": "commit", "rate_type": rate_type, "unit_price": unit_price})
    for tier, up_to in enumerate(("50", "") if has_tiers else (), start=1):
        world.tables["rate_tiers"].append({"rate_id": rate_id, "tier": str(tier), "up_to": up_to, "unit_price": dice.choice(prices)})


def _override(world: RandomWorld, dice: random.Random, commit: Row) -> None:
    """An override for a commit, or for all, of a rate of a contract that the commit pays for."""
    tables = world.tables
    contract = dice.choice(
        [
            row
            for row in tables["contracts"]
            if row["customer_id"] == commit["customer_id"] and commit["contract_id"] in ("", row["contract_id"])
        ]
    )
    target = "commit" if commit["rate_target"] == "commit" and dice.random() < 0.5 else "list"
    rates = [
        rate
        for rate in tables["rates"]
        if rate["rate_card_id"] == contract["rate_card_id"] and (rate.get("target") or "list") == target and "ending_before" not in rate
    ]
    if not rates:
        return
    rate, kind = dice.choice(rates), dice.choice(("multiplier", "overwrite"))
    names_commit = target == "commit" or dice.random() < 0.5
    tables["overrides"].append(
        {
            "override_id": f"o{len(tables['overrides']):03}",
            "contract_id": contract["contract_id"],
            "type": kind,
            "target": target,
            "starting_at": dice.choice((NEW_YEAR, FIRST + timedelta(hours=dice.randrange(42 * 24)))).isoformat(),
            "multiplier": dice.choice(("0.5", "0.9", "1.25")) if kind == "multiplier" else "",
            "unit_price": dice.choice(("0", "0.7", "4")) if kind == "overwrite" else "",
            "product_id": rate["product_id"],
            "pricing_group_values": rate["pricing_group_values"] if kind == "overwrite" or dice.random() < 0.5 else "",
            "is_commit_specific": "true",
            "commit_ids": json.dumps([commit["commit_id"]]) if names_commit else "",
            "created_at": dice.choice(("", "2026-01-01", "2026-02-01")),
        }
    )
