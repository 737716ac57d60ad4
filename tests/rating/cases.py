"""
Rating, case by case: cases.txt is a table that a person can read.

Each case is one hour in which a customer's usage of the month goes from one cumulative quantity to another, on 20 January
2026 at 00:00 UTC. What came before it was used on 10 January. Usage is of the product `tokens` (tags llm and api) in region
eu by user ann; region is its pricing key, user its presentation key.

How the columns are written:
- rate: the type and its price. Tiers are `up_to:price`, the last one `*:price`, with a fee `up_to:price+fee`;
  `package(100) 7` are packages of 100. `then` starts another rate on 15 January. Before it stand `unentitled`, `us` (the
  region) and `ended` (on 15 January).
- overrides: `o1` is the first one. An overwrite is of product tokens in region eu, others are of all products. After the
  price: `priority 2`, `created 5` (January), `from 15`, `until 15` (January), `tag llm`, `product other`, `region us`,
  `user bob`. `explicit` at the front is the contract's prioritization.
- rows: `quantity x unit_price tier`, a flat fee with the word `fee`.
- why: `list`, or the winner and the reason, or why nothing is billed.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

TABLE = Path(__file__).with_suffix(".txt")

Row = tuple[str, int | None, Decimal, Decimal]
Table = list[dict[str, str]]

BEFORE, HOUR = datetime(2026, 1, 10, tzinfo=UTC), datetime(2026, 1, 20, tzinfo=UTC)
START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
PRICING, PRESENTATION = '{"region":"eu"}', '{"user":"ann"}'
OTHER = {"product_id": "other", "starting_at": "2025-01-01", "unit_price": "1", "pricing_group_values": PRICING}
WINDOWS = {"from": "starting_at", "until": "ending_before", "created": "created_at"}
GROUP_VALUES = {"region": "pricing_group_values", "user": "presentation_group_values"}


@dataclass(frozen=True)
class Case:
    """One line of the table. Everything of a case bears its id: its customer, contract, rate card, rates, overrides."""

    id: str
    title: str
    rate: str
    overrides: str
    before: Decimal
    after: Decimal
    rows: tuple[Row, ...]  # charge, tier, unit_price, quantity
    amount: Decimal
    why: str

    @property
    def price_reason(self) -> str:
        return self.why.split(" ", 1)[1] if self.override_id else self.why

    @property
    def override_id(self) -> str | None:
        return f"{self.id}-{self.why.split(' ')[0]}" if self.why.startswith("o") and self.why[1:2].isdigit() else None


def read(table: str) -> Iterator[Case]:
    lines = [line for line in table.splitlines()[1:] if line and not line.startswith("#")]
    for number, line in enumerate(lines):
        title, rate, overrides, before, after, rows, amount, why = (cell.strip() for cell in line.split("|"))
        found = tuple(_row(row) for row in rows.split(", ") if row)
        yield Case(f"c{number:02}", title, rate, overrides, Decimal(before), Decimal(after), found, Decimal(amount), why)


def _row(text: str) -> Row:
    words = text.split()
    charge = "flat_fee" if words[0] == "fee" else "unit"
    quantity, _, price, *tier = words[1:] if charge == "flat_fee" else words
    return charge, int(tier[0][1:]) if tier else None, Decimal(price), Decimal(quantity)


CASES = list(read(TABLE.read_text(encoding="utf-8")))


def catalogue_of(cases: list[Case]) -> dict[str, Table]:
    """The tables of one catalogue with all the cases."""
    products = {"type": "usage", "metric": "tokens", "pricing_group_keys": '["region"]', "presentation_group_keys": '["user"]'}
    tables: dict[str, Table] = {
        "products": [
            {"product_id": "tokens", "tags": '["llm","api"]', **products},
            {"product_id": "other", "tags": '["gpu"]', **products, "metric": "others"},
        ],
        "customers": [{"customer_id": case.id} for case in cases],
        "rate_cards": [{"rate_card_id": case.id} for case in cases],
        "contracts": [_contract(case) for case in cases],
    }
    for name in ("rates", "rate_tiers", "overrides", "override_tiers"):
        tables[name] = []
    for case in cases:
        tables["rates"] += [{**rate, "rate_card_id": case.id, "product_id": "tokens"} for rate, _ in _rates(case)]
        tables["rates"].append({**OTHER, "rate_id": f"{case.id}-other", "rate_card_id": case.id})
        tables["rate_tiers"] += [tier for _, tiers in _rates(case) for tier in tiers]
        tables["overrides"] += [{**override, "contract_id": case.id} for override, _ in _overrides(case)]
        tables["override_tiers"] += [tier for _, tiers in _overrides(case) for tier in tiers]
    return tables


def _contract(case: Case) -> dict[str, str]:
    scheme = "explicit" if case.overrides.startswith("explicit") else ""
    return {
        "contract_id": case.id,
        "customer_id": case.id,
        "rate_card_id": case.id,
        "starting_at": "2026-01-01",
        "multiplier_override_prioritization": scheme,
    }


def _rates(case: Case) -> Iterator[tuple[dict[str, str], Table]]:
    for number, text in enumerate(case.rate.split(" then ")):
        words = text.split()
        kind, *prices = [word for word in words if word not in ("unentitled", "us", "ended")]
        kind, _, size = kind.rstrip(")").partition("(")
        rate_id = f"{case.id}-r{number + 1}"
        rate = {
            "rate_id": rate_id,
            "rate_type": kind,
            "starting_at": "2026-01-15" if number else "2025-01-01",
            "ending_before": "2026-01-15" if "ended" in words else "",
            "pricing_group_values": json.dumps({"region": "us" if "us" in words else "eu"}),
            "entitled": str("unentitled" not in words).lower(),
            "package_size": size,
            "unit_price": "" if ":" in prices[0] else prices[0],
        }
        yield rate, [{"rate_id": rate_id, **tier} for tier in _rate_tiers(prices) if ":" in prices[0]]


def _rate_tiers(prices: list[str]) -> Iterator[dict[str, str]]:
    for number, text in enumerate(prices, start=1):
        up_to, _, price = text.partition(":")
        price, _, fee = price.partition("+")
        yield {"tier": str(number), "up_to": up_to.strip("*"), "unit_price": price, "flat_fee": fee}


def _overrides(case: Case) -> Iterator[tuple[dict[str, str], Table]]:
    texts = [text for text in case.overrides.split("; ") if text not in ("", "explicit")]
    for number, text in enumerate(texts, start=1):
        kind, *words = text.split()
        override = {"override_id": f"{case.id}-o{number}", "starting_at": "2026-01-01"}
        if kind in ("entitled", "unentitled"):
            override |= {"type": "entitlement", "entitled": str(kind == "entitled").lower()}
        else:
            override |= {"type": kind, {"multiplier": "multiplier", "overwrite": "unit_price"}.get(kind, ""): words[0]}
        override.pop("", None)
        if kind == "overwrite":
            override |= {"product_id": "tokens", "pricing_group_values": PRICING}
        tiers = [word for word in words if ":" in word]
        options = words[len(tiers) or override["type"] != "entitlement" :]
        for name, value in zip(options[::2], options[1::2], strict=True):
            _set(override, name, value)
        yield override, [{"override_id": override["override_id"], **tier} for tier in _override_tiers(tiers)]


def _override_tiers(texts: list[str]) -> Iterator[dict[str, str]]:
    for number, text in enumerate(texts, start=1):
        size, _, multiplier = text.partition(":")
        yield {"tier": str(number), "size": size.strip("*"), "multiplier": multiplier}


def _set(override: dict[str, str], name: str, value: str) -> None:
    if name in WINDOWS:
        override[WINDOWS[name]] = f"2026-01-{value:0>2}"
    elif name in GROUP_VALUES:
        override[GROUP_VALUES[name]] = json.dumps({name: value})
    elif name == "tag":
        override["product_tags"] = json.dumps(value.split(","))
    else:
        override[{"product": "product_id", "priority": "priority"}[name]] = value
