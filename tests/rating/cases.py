"""
Rating, case by case: a table that a person can read.

Each case is one hour in which a customer's usage of the month goes from one cumulative quantity to another, on 20 January
2026 at 00:00 UTC. What came before it was used on 10 January. Usage is of the product `tokens` (tags llm and api) in region
eu by user ann; region is its pricing key, user its presentation key.

How the columns are written:
- rate: the type and its price. Tiers are `up_to:price`, the last one `*:price`, with a fee `up_to:price+fee`;
  `package(100) 7` are packages of 100. `then` starts another rate on 15 January. `unentitled` and `us` (region) stand before it.
- overrides: `o1` is the first one. After the price: `priority 2`, `created 5` (January), `from 15`, `until 15` (January),
  `tag llm`, `product other`, `region us`, `user bob`. `explicit` at the front is the contract's prioritization.
- rows: `quantity x unit_price tier`, a flat fee with the word `fee`.
- why: `list`, or the reason and the winner.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

TABLE = """
case                                                | rate                            | overrides                                              | from | to    | rows                                         | amount | why
# flat
flat                                                | flat 10                         |                                                        | 0    | 3     | 3 x 10                                       | 30     | list
flat, less used than before                         | flat 10                         |                                                        | 5    | 3     | -2 x 10                                      | -20    | list
flat, twelve decimals                               | flat 0.000000000001             |                                                        | 0    | 0.5   | 0.5 x 0.000000000001                         | 0.0000000000005 | list
free                                                | flat 0                          |                                                        | 0    | 3     | 3 x 0                                        | 0      | list
the rate of the hour, not of the period's start     | flat 10 then flat 20            |                                                        | 4    | 7     | 3 x 20                                       | 60     | list
no rate for the tuple                               | us flat 10                      |                                                        | 0    | 3     |                                              | 0      | no_rate
# tiered: graduated, lower bound excluded, upper bound included
all three tiers in one hour                         | tiered 5:0 10:1 *:1.5           |                                                        | 0    | 12    | 5 x 0 t1, 5 x 1 t2, 2 x 1.5 t3               | 8      | list
up to the bound of a tier                           | tiered 5:0 10:1 *:1.5           |                                                        | 0    | 5     | 5 x 0 t1                                     | 0      | list
from the bound of a tier                            | tiered 5:0 10:1 *:1.5           |                                                        | 5    | 6     | 1 x 1 t2                                     | 1      | list
across a bound                                      | tiered 5:0 10:1 *:1.5           |                                                        | 4    | 6     | 1 x 0 t1, 1 x 1 t2                           | 1      | list
back over a bound                                   | tiered 5:0 10:1 *:1.5           |                                                        | 12   | 9     | -1 x 1 t2, -2 x 1.5 t3                       | -4     | list
below zero the first tier is open                   | tiered 5:2 *:1                  |                                                        | 3    | -4    | -7 x 2 t1                                    | -14    | list
a rate change keeps the position in the tiers       | flat 1 then tiered 5:2 *:1      |                                                        | 4    | 7     | 1 x 2 t1, 2 x 1 t2                           | 4      | list
a fee is due when its tier is entered               | tiered 5:1+2 *:0.5+3            |                                                        | 4    | 6     | 1 x 1 t1, 1 x 0.5 t2, fee 1 x 3 t2           | 4.5    | list
the fee of the first tier with the first unit       | tiered 5:1+2 *:0.5+3            |                                                        | 0    | 1     | 1 x 1 t1, fee 1 x 2 t1                       | 3      | list
a fee is due once                                   | tiered 5:1+2 *:0.5+3            |                                                        | 6    | 8     | 2 x 0.5 t2                                   | 1      | list
a fee is given back when its tier is left           | tiered 5:1+2 *:0.5+3            |                                                        | 6    | 5     | -1 x 0.5 t2, fee -1 x 3 t2                   | -3.5   | list
# volume: the tier that the quantity reaches prices all of it
inside the first tier                               | volume 5:2 *:1                  |                                                        | 0    | 5     | 5 x 2 t1                                     | 10     | list
into the next tier                                  | volume 5:2 *:1                  |                                                        | 4    | 6     | -4 x 2 t1, 6 x 1 t2                          | -2     | list
within the next tier                                | volume 5:2 *:1                  |                                                        | 6    | 8     | 2 x 1 t2                                     | 2      | list
the fee is that of the tier reached                 | volume 5:2+7 *:1+9              |                                                        | 4    | 6     | -4 x 2 t1, 6 x 1 t2, fee -1 x 7 t1, fee 1 x 9 t2 | 0  | list
no quantity, no fee                                 | volume 5:2+7 *:1+9              |                                                        | 4    | 0     | -4 x 2 t1, fee -1 x 7 t1                     | -15    | list
# package: whole packages, whatever is in the last one
a begun package is paid                             | package(100) 7                  |                                                        | 0    | 1     | 1 x 7                                        | 7      | list
a full package                                      | package(100) 7                  |                                                        | 1    | 100   |                                              | 0      | list
the next package                                    | package(100) 7                  |                                                        | 100  | 201   | 2 x 7                                        | 14     | list
packages of a third                                 | package(0.333333333333) 1       |                                                        | 0    | 1     | 4 x 1                                        | 4      | list
tiers of a package rate count packages              | package(100) 2:7 *:6            |                                                        | 150  | 450   | 3 x 6 t2                                     | 18     | list
# percentage: the quantity is money
percentage                                          | percentage 0.05                 |                                                        | 0    | 80    | 80 x 0.05                                    | 4      | list
percentage in tiers                                 | percentage 100:0.05 *:0.03      |                                                        | 80   | 150   | 20 x 0.05 t1, 50 x 0.03 t2                   | 2.5    | list
# multipliers
a multiplier                                        | flat 10                         | multiplier 0.9                                         | 0    | 3     | 3 x 9                                        | 27     | o1 multiplier
they never stack: the lowest wins                   | flat 10                         | multiplier 0.9; multiplier 0.8                         | 0    | 1     | 1 x 8                                        | 8      | o2 multiplier
a surcharge is a multiplier too                     | flat 10                         | multiplier 1.5                                         | 0    | 1     | 1 x 15                                       | 15     | o1 multiplier
a price is rounded half up at twelve decimals       | flat 0.000000000001             | multiplier 0.5                                         | 0    | 2     | 2 x 0.000000000001                           | 0.000000000002 | o1 multiplier
explicit: the lowest priority number                | flat 10                         | explicit; multiplier 0.9 priority 1; multiplier 0.8 priority 2 | 0 | 1 | 1 x 9                                    | 9      | o1 multiplier
explicit: a priority before none                    | flat 10                         | explicit; multiplier 0.7; multiplier 0.8 priority 2    | 0    | 1     | 1 x 8                                        | 8      | o2 multiplier
priority means nothing to the lowest multiplier     | flat 10                         | multiplier 0.9 priority 1; multiplier 0.8 priority 2   | 0    | 1     | 1 x 8                                        | 8      | o2 multiplier
equal multipliers: the newer one                    | flat 10                         | multiplier 0.8 created 9; multiplier 0.8 created 5; multiplier 0.8 | 0 | 1 | 1 x 8                                | 8      | o1 multiplier
prices and fees of every tier                       | tiered 5:2+3 *:1                | multiplier 0.5                                         | 0    | 6     | 5 x 1 t1, fee 1 x 1.5 t1, 1 x 0.5 t2         | 7      | o1 multiplier
volume                                              | volume 5:2 *:1                  | multiplier 0.5                                         | 4    | 6     | -4 x 1 t1, 6 x 0.5 t2                        | -1     | o1 multiplier
package                                             | package(100) 7                  | multiplier 0                                           | 0    | 150   | 2 x 0                                        | 0      | o1 multiplier
# overwrites
an overwrite before any multiplier                  | flat 10                         | multiplier 0.1; overwrite 7                            | 0    | 3     | 3 x 7                                        | 21     | o2 overwrite
the last created overwrite                          | flat 10                         | overwrite 7 created 5; overwrite 8 created 9; overwrite 6 | 0 | 3     | 3 x 8                                        | 24     | o2 overwrite
created together: the greater id                    | flat 10                         | overwrite 7 created 5; overwrite 8 created 5           | 0    | 3     | 3 x 8                                        | 24     | o2 overwrite
priority means nothing to overwrites                | flat 10                         | explicit; overwrite 7 priority 1 created 5; overwrite 8 priority 2 created 9 | 0 | 3 | 3 x 8                      | 24     | o2 overwrite
no tiers and no fees                                | tiered 5:2+3 *:1                | overwrite 7                                            | 4    | 6     | 2 x 7                                        | 14     | o1 overwrite
nor of a volume rate                                | volume 5:2+3 *:1                | overwrite 7                                            | 4    | 6     | 2 x 7                                        | 14     | o1 overwrite
packages stay packages                              | package(100) 7                  | overwrite 5                                            | 0    | 150   | 2 x 5                                        | 10     | o1 overwrite
a percentage stays a share                          | percentage 0.05                 | overwrite 0.02                                         | 0    | 80    | 80 x 0.02                                    | 1.6    | o1 overwrite
immune to a change of the list                      | flat 10 then flat 20            | overwrite 7                                            | 4    | 7     | 3 x 7                                        | 21     | o1 overwrite
it changes a rate, it does not make one             | us flat 10                      | overwrite 7                                            | 0    | 3     |                                              | 0      | no_rate
# tiered overrides
a flat rate in the override's tiers                 | flat 10                         | explicit; tiered 5:1 10:0.9 *:0.8                      | 0    | 20    | 5 x 10, 10 x 9, 5 x 8                        | 180    | o1 tiered override
its tiers cut those of the list                     | tiered 10:2 *:1                 | explicit; tiered 5:1 *:0.5                             | 0    | 12    | 5 x 2 t1, 5 x 1 t1, 2 x 0.5 t2               | 16     | o1 tiered override
a fee by the override tier in which its tier begins | tiered 10:2+4 *:1+4             | explicit; tiered 5:1 *:0.5                             | 0    | 12    | 5 x 2 t1, 5 x 1 t1, 2 x 0.5 t2, fee 1 x 4 t1, fee 1 x 2 t2 | 22 | o1 tiered override
packages in the override's tiers                    | package(100) 7                  | explicit; tiered 1:1 *:0                               | 0    | 250   | 1 x 7, 2 x 0                                 | 7      | o1 tiered override
tiered and multiplier: by priority                  | flat 10                         | explicit; multiplier 0.9 priority 2; tiered 5:1 *:0.5 priority 1 | 4 | 6 | 1 x 10, 1 x 5                              | 15     | o2 tiered override
# what an override speaks of
by tag                                              | flat 10                         | multiplier 0.9 tag llm                                 | 0    | 1     | 1 x 9                                        | 9      | o1 multiplier
any of its tags                                     | flat 10                         | multiplier 0.9 tag gpu,api                             | 0    | 1     | 1 x 9                                        | 9      | o1 multiplier
another tag                                         | flat 10                         | multiplier 0.9 tag gpu                                 | 0    | 1     | 1 x 10                                       | 10     | list
another product                                     | flat 10                         | multiplier 0.9 product other                           | 0    | 1     | 1 x 10                                       | 10     | list
the product                                         | flat 10                         | multiplier 0.9 product tokens                          | 0    | 1     | 1 x 9                                        | 9      | o1 multiplier
its region                                          | flat 10                         | multiplier 0.9 region eu; multiplier 0.8 region us     | 0    | 1     | 1 x 9                                        | 9      | o1 multiplier
its user                                            | flat 10                         | overwrite 7 user ann; overwrite 6 user bob             | 0    | 1     | 1 x 7                                        | 7      | o1 overwrite
region and user, both                               | flat 10                         | overwrite 7 region eu user bob                         | 0    | 1     | 1 x 10                                       | 10     | list
until the fifteenth                                 | flat 10                         | overwrite 7 until 15                                   | 0    | 1     | 1 x 10                                       | 10     | list
from the fifteenth, at the position reached         | tiered 5:2 *:1                  | multiplier 0.5 from 15                                 | 4    | 6     | 1 x 1 t1, 1 x 0.5 t2                         | 1.5    | o1 multiplier
from the hour on                                    | flat 10                         | overwrite 7 from 20                                    | 0    | 1     | 1 x 7                                        | 7      | o1 overwrite
until the hour                                      | flat 10                         | overwrite 7 until 20                                   | 0    | 1     | 1 x 10                                       | 10     | list
# entitlement
not entitled                                        | unentitled flat 10              |                                                        | 0    | 3     |                                              | 0      | not_entitled
entitled by an override                             | unentitled flat 10              | entitled                                               | 0    | 3     | 3 x 10                                       | 30     | list
taken away by an override                           | flat 10                         | unentitled                                             | 0    | 3     |                                              | 0      | not_entitled
the last created entitlement                        | flat 10                         | unentitled created 9; entitled created 5               | 0    | 3     |                                              | 0      | not_entitled
entitlement and price are separate                  | unentitled flat 10              | entitled from 15; multiplier 0.9                       | 4    | 7     | 3 x 9                                        | 27     | o2 multiplier
a price does not entitle                            | unentitled flat 10              | overwrite 7                                            | 0    | 3     |                                              | 0      | not_entitled
"""

Row = tuple[str, int | None, Decimal, Decimal]
Table = list[dict[str, str]]

BEFORE, HOUR = datetime(2026, 1, 10, tzinfo=UTC), datetime(2026, 1, 20, tzinfo=UTC)
START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
PRICING, PRESENTATION = '{"region":"eu"}', '{"user":"ann"}'
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
    lines = [line for line in table.strip().splitlines()[1:] if not line.startswith("#")]
    for number, line in enumerate(lines):
        title, rate, overrides, before, after, rows, amount, why = (cell.strip() for cell in line.split("|"))
        found = tuple(_row(row) for row in rows.split(", ") if row)
        yield Case(f"c{number:02}", title, rate, overrides, Decimal(before), Decimal(after), found, Decimal(amount), why)


def _row(text: str) -> Row:
    words = text.split()
    charge = "flat_fee" if words[0] == "fee" else "unit"
    quantity, _, price, *tier = words[1:] if charge == "flat_fee" else words
    return charge, int(tier[0][1:]) if tier else None, Decimal(price), Decimal(quantity)


CASES = list(read(TABLE))


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
        is_entitled, region = "unentitled" not in words, "us" if "us" in words else "eu"
        kind, *prices = [word for word in words if word not in ("unentitled", "us")]
        kind, _, size = kind.rstrip(")").partition("(")
        rate_id = f"{case.id}-r{number + 1}"
        rate = {
            "rate_id": rate_id,
            "rate_type": kind,
            "starting_at": "2026-01-15" if number else "2025-01-01",
            "pricing_group_values": json.dumps({"region": region}),
            "entitled": str(is_entitled).lower(),
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
