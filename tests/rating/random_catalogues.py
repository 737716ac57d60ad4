"""
Random catalogues within the rules of the contract guide, and usage for them: many contracts in one world.

Everything follows from a seed. A world has some rate cards with rates of every type, contracts of every period and zone with
overrides of every kind, and events of two metrics that simply add up.
"""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from meterhouse.auditor import Measurement
from tests.worlds import event

Row = dict[str, str]
Tables = dict[str, list[Row]]

# Clocks change in this time in most of the zones; two of them are never on a UTC hour, one shifts by half an hour.
FIRST, LAST = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 12, tzinfo=UTC)
ZONES = ("UTC", "America/New_York", "Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Auckland")
REGIONS, USERS, TAGS = ("eu", "us", "ap"), ("ann", "bob"), ("llm", "api", "gpu")
METRICS = {
    "tokens": "select sum(properties.tokens) as value, properties.region as region, properties.user as user from events"
    " where event_type = 'tokens' group by properties.region, properties.user",
    "calls": "select count(*) as value, properties.region as region from events where event_type = 'calls' group by properties.region",
}
KEYS = {"tokens": ("region", "user"), "calls": ("region",)}
FREQUENCIES = ("weekly", "monthly", "monthly", "quarterly", "annual")
TIERED, MAYBE_TIERED = ("tiered", "volume"), ("package", "percentage")


@dataclass
class RandomWorld:
    """A catalogue, the events of its customers, and what those events measure."""

    tables: Tables
    events: list[tuple[str, ...]] = field(default_factory=list)
    measurements: list[Measurement] = field(default_factory=list)


def random_world(seed: int, contracts: int, *, product_versions: bool = True, usage_filters: bool = True) -> RandomWorld:
    """A world of some contracts, every fifth one filtered if there are `usage_filters`; every second customer has two of them."""
    dice = random.Random(seed)
    world = RandomWorld(_Catalogue(dice).tables_of(contracts))
    for name, is_wanted in (("product_versions", product_versions), ("usage_filters", usage_filters)):
        if not is_wanted:
            world.tables.pop(name, None)
    for customer in world.tables["customers"]:
        for number in range(dice.randint(10, 24)):
            _use(world, dice, customer["customer_id"], number)
    return world


def _use(world: RandomWorld, dice: random.Random, customer_id: str, number: int) -> None:
    metric = dice.choice(("tokens", "tokens", "calls"))
    at = FIRST + timedelta(
        hours=dice.choice((dice.randrange(42 * 24), dice.randrange(0, 42 * 24, 24))), minutes=dice.choice((0, 14, 30, 59))
    )
    values: dict[str, str | None] = {"region": dice.choice((*REGIONS[:2] * 4, "ap", None)), "user": dice.choice((*USERS, None))}
    quantity = Decimal(1) if metric == "calls" else _number(dice, -40, 400)
    properties = {**values, "tokens": f"{quantity:f}"}
    sent = {name: value for name, value in properties.items() if value is not None}
    world.events.append(event(f"{customer_id}-{number:03}", at.isoformat(), sent, "", customer_id, metric))
    world.measurements.append(Measurement(customer_id, metric, at, {key: values[key] for key in KEYS[metric]}, quantity))


class _Catalogue:
    """The tables, as they grow."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.tables: Tables = {}

    def tables_of(self, contracts: int) -> Tables:
        self._products()
        for number in range(12):
            self._rate_card(f"card{number}")
        while len(self.tables.get("contracts", [])) < contracts:
            customer_id = f"c{len(self.tables.get('customers', [])):03}"
            zone = self.dice.choice(ZONES)
            self._add("customers", customer_id=customer_id, timezone=zone)
            for number in range(self.dice.choice((1, 2))):
                self._contract(f"{customer_id}-k{number}", customer_id, zone)
        return self.tables

    def _add(self, table: str, **cells: str) -> Row:
        row = {name: cell for name, cell in cells.items() if cell}
        self.tables.setdefault(table, []).append(row)
        return row

    def _products(self) -> None:
        dice = self.dice
        for number in range(9):
            metric = dice.choice(("tokens", "tokens", "calls"))
            conversion, rounding = dice.choice(("", "", "multiply", "divide")), dice.choice(("", "", "up", "down", "half_up"))
            product = self._add(
                "products",
                product_id=f"p{number}",
                type="usage",
                metric=metric,
                breakdown_granularity=dice.choice(("", "", "", "service_period")),
                pricing_group_keys=json.dumps(dice.choice(([], ["region"]))),
                presentation_group_keys=json.dumps(dice.choice(([], ["user"])) if metric == "tokens" else []),
                conversion=conversion,
                conversion_factor=dice.choice(("3", "0.07", "1000")) if conversion else "",
                rounding=rounding,
                rounding_decimal_places=dice.choice(("", "0", "1")) if rounding else "",
                tags=json.dumps([TAGS[number % 3]]),
            )
            if dice.random() < 0.5:
                change = dice.choice(({"tags": _some(dice, TAGS)}, {"rounding": "up", "rounding_decimal_places": "0"}))
                self._add("product_versions", product_id=product["product_id"], starting_at=_text(_hour(dice)), **change)
        self._add("products", product_id="seats", type="subscription", tags=json.dumps([dice.choice(TAGS)]))
        free = dice.choice(("", "true"))
        self._add("products", product_id="share", type="composite", composite_tags=_some(dice, TAGS), exclude_free_usage=free)
        self._add("product_versions", product_id="share", starting_at=_text(_hour(dice)), composite_tags=_some(dice, TAGS))

    def _rate_card(self, rate_card_id: str) -> None:
        self._add("rate_cards", rate_card_id=rate_card_id)
        dice = self.dice
        for product in dice.sample([product for product in self.tables["products"] if product["type"] == "usage"], 4):
            # tiers cannot be laid over a volume rate, so a product has volume rates or may have tiered overrides
            types = ("flat", "volume") if dice.random() < 0.3 else ("flat", "tiered", "package", "percentage")
            for values in ({"region": "eu"}, {"region": "us"}) if "region" in product["pricing_group_keys"] else ({},):
                changes = sorted({_hour(dice) for _ in range(dice.choice((0, 0, 1, 2)))})
                for start, end in zip([datetime(2025, 1, 1, tzinfo=UTC), *changes], [*changes, None], strict=True):
                    self._rate(rate_card_id, product["product_id"], (start, end), dice.choice(types), values)
        for product_id, rate_type, frequency in (
            ("share", "percentage", ""),
            ("seats", "subscription", "weekly"),
            ("seats", "subscription", "monthly"),
        ):
            for start in (datetime(2025, 1, 1, tzinfo=UTC), _hour(dice)):
                self._rate(rate_card_id, product_id, (start, None), rate_type, {}, frequency)

    def _rate(
        self,
        rate_card_id: str,
        product_id: str,
        window: tuple[datetime, datetime | None],
        rate_type: str,
        values: Mapping[str, str],
        frequency: str = "",
    ) -> None:
        """A rate until the next one, whose start is the end of the window, or until some time before it."""
        dice, (start, end) = self.dice, window
        has_gap = end is not None and end - start > timedelta(days=3) and dice.random() < 0.2
        rate_id = f"r{len(self.tables.get('rates', []))}"
        has_tiers = rate_type in TIERED or (rate_type in MAYBE_TIERED and dice.random() < 0.5)
        self._add(
            "rates",
            rate_id=rate_id,
            rate_card_id=rate_card_id,
            product_id=product_id,
            starting_at=_text(start),
            ending_before=_text(end - timedelta(days=2)) if end and has_gap else "",
            rate_type=rate_type,
            unit_price="" if has_tiers else _price(dice, rate_type),
            pricing_group_values=json.dumps(values),
            entitled="" if dice.random() < 0.85 else "false",
            package_size=dice.choice(("0.3", "7", "100")) if rate_type == "package" else "",
            billing_frequency=frequency,
            minimum_amount=dice.choice(("", "55.5")) if product_id == "share" else "",
        )
        bounds = sorted({_number(dice, 1, 300) for _ in range(dice.randint(0, 3))}) if has_tiers else []
        for tier, up_to in enumerate([*map(_plain, bounds), ""] if has_tiers else [], start=1):
            fee = dice.choice(("", "", "2.5"))
            self._add("rate_tiers", rate_id=rate_id, tier=str(tier), up_to=up_to, unit_price=_price(dice, rate_type), flat_fee=fee)

    def _contract(self, contract_id: str, customer_id: str, zone: str) -> None:
        dice = self.dice
        card = dice.choice(self.tables["rate_cards"])["rate_card_id"]
        start, end = _border(dice, zone, datetime(2026, 1, 5, tzinfo=UTC), 70), _border(dice, zone, datetime(2026, 3, 20, tzinfo=UTC), 20)
        scheme = dice.choice(("explicit", "lowest_multiplier", ""))
        self._add(
            "contracts",
            contract_id=contract_id,
            customer_id=customer_id,
            rate_card_id=card,
            starting_at=_text(start),
            ending_before=_text(end) if dice.random() < 0.3 else "",
            billing_frequency=dice.choice(FREQUENCIES),
            billing_anchor=dice.choice(("", "contract_start", "2026-01-31", "2024-02-29")),
            grace_period_hours="100000",  # nothing is finalized on the way, so the build is one step
            multiplier_override_prioritization=scheme,
        )
        sold = [rate for rate in self.tables["rates"] if rate["rate_card_id"] == card and rate["product_id"] not in ("share", "seats")]
        for _ in range(dice.choice((0, 1, 2, 3, 5))):
            self._override(contract_id, dice.choice(sold), scheme)
        if dice.random() < 0.4:
            self._subscription(contract_id, start)
        if dice.random() < 0.2:
            since = _text(dice.choice((datetime(2026, 1, 1, tzinfo=UTC), _hour(dice))))
            group_values = json.dumps(sorted(dice.sample(REGIONS, 2)))
            self._add("usage_filters", contract_id=contract_id, starting_at=since, group_key="region", group_values=group_values)

    def _subscription(self, contract_id: str, start: datetime) -> None:
        """Seats in arrears: what is charged in advance is final at once, and the build would stop at each such instant."""
        dice = self.dice
        self._add(
            "subscriptions",
            subscription_id=f"{contract_id}-seats",
            contract_id=contract_id,
            product_id="seats",
            collection_schedule="arrears",
            billing_frequency=dice.choice(("weekly", "monthly")),
            is_prorated=dice.choice(("", "false")),
            starting_at=_text(start),
        )
        later = (start + timedelta(hours=dice.randrange(1, 30 * 24)) for _ in range(dice.randint(0, 4)))
        changes = sorted({start, *(at.replace(minute=0) for at in later)})
        for at in changes:
            seats = str(dice.randint(0, 9))
            self._add("subscription_quantities", subscription_id=f"{contract_id}-seats", starting_at=_text(at), quantity=seats)

    def _override(self, contract_id: str, rate: Row, scheme: str) -> None:
        """An override that matches at least the product and the tuple of a rate, and often more."""
        dice = self.dice
        kind = dice.choice(("multiplier", "multiplier", "overwrite", "entitlement", "tiered" if scheme == "explicit" else "multiplier"))
        override_id = f"o{len(self.tables.get('overrides', [])):03}"
        product = next(row for row in self.tables["products"] if row["product_id"] == rate["product_id"])
        if kind == "tiered" and self._has_volume_rates(rate):
            kind = "multiplier"
        # one that names group values names the product that has their keys
        is_for_user = "user" in product["presentation_group_keys"] and dice.random() < 0.3
        is_for_tuple = kind == "overwrite" or dice.random() < 0.3
        names_product = is_for_user or is_for_tuple or kind == "tiered" or dice.random() < 0.3
        target = {"product_id": product["product_id"]} if names_product else dice.choice(({}, {"product_tags": _some(dice, TAGS)}))
        ends = kind != "overwrite" and dice.random() < 0.3
        start = datetime(2026, 1, 1, tzinfo=UTC) if ends else dice.choice((datetime(2026, 1, 1, tzinfo=UTC), _hour(dice)))
        self._add(
            "overrides",
            override_id=override_id,
            contract_id=contract_id,
            type=kind,
            starting_at=_text(start),
            ending_before=_text(_hour(dice)) if ends else "",
            multiplier=_plain(_number(dice, 0, 2)) if kind == "multiplier" else "",
            unit_price=_price(dice, "") if kind == "overwrite" else "",
            entitled=dice.choice(("true", "true", "false")) if kind == "entitlement" else "",
            priority=dice.choice(("", "1", "2")),
            pricing_group_values=rate["pricing_group_values"] if is_for_tuple else "",
            presentation_group_values=json.dumps({"user": dice.choice(USERS)}) if is_for_user else "",
            created_at=dice.choice(("", "2026-01-01", "2026-02-01")),
            **target,
        )
        if kind == "tiered":
            for tier, size in enumerate([*(_plain(_number(dice, 1, 100)) for _ in range(dice.randint(0, 2))), ""], start=1):
                self._add("override_tiers", override_id=override_id, tier=str(tier), size=size, multiplier=_plain(_number(dice, 0, 2)))

    def _has_volume_rates(self, rate: Row) -> bool:
        places = ("rate_card_id", "product_id")
        return any(row["rate_type"] == "volume" and all(row[p] == rate[p] for p in places) for row in self.tables["rates"])


def _number(dice: random.Random, low: int, high: int) -> Decimal:
    """A number above `low`, with few decimals or with all twelve of them."""
    places = dice.choice((0, 0, 2, 12))
    return Decimal(dice.randint(low * 10**places + 1, high * 10**places)).scaleb(-places)


def _price(dice: random.Random, rate_type: str) -> str:
    if rate_type == "percentage":
        return dice.choice(("0", "1", "0.05", _plain(_number(dice, 0, 1))))
    return dice.choice(("0", "1", "2.5", _plain(_number(dice, 0, 20))))


def _plain(number: Decimal) -> str:
    return f"{number:f}"


def _some(dice: random.Random, names: Sequence[str]) -> str:
    return json.dumps(sorted(dice.sample(names, dice.randint(0, 2))))


def _hour(dice: random.Random) -> datetime:
    return FIRST + timedelta(hours=dice.randrange(42 * 24))


def _border(dice: random.Random, zone: str, first: datetime, days: int) -> datetime:
    """An hour, or a local midnight, where a contract may begin and end."""
    at = first + timedelta(hours=dice.randrange(days * 24))
    local_midnight = at.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0).astimezone(UTC)
    return dice.choice((at, local_midnight))


def _text(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
