"""
The catalogue as the auditor reads it from its CSV files.

Files are taken to be without fault; columns that the auditor does not need are passed over.
"""

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from meterhouse.auditor.tables import (
    BalanceThreshold,
    Commit,
    CommitInvoiceItem,
    Commitment,
    CommitSegment,
    Contract,
    ContractTransition,
    Conversion,
    Customer,
    CustomerAlias,
    InvoiceAction,
    LedgerEntry,
    Names,
    Override,
    OverrideTier,
    PricingUnit,
    Product,
    ProductVersion,
    Rate,
    RateCard,
    RateTier,
    RecurringCommit,
    ScheduledCharge,
    Specifiers,
    Subscription,
    SubscriptionQuantity,
    UsageFilter,
    Values,
)

BEGINNING = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Catalogue:
    """All tables; each field is a file of the same name."""

    customers: tuple[Customer, ...] = ()
    customer_aliases: tuple[CustomerAlias, ...] = ()
    pricing_units: tuple[PricingUnit, ...] = ()
    rate_cards: tuple[RateCard, ...] = ()
    pricing_unit_conversions: tuple[Conversion, ...] = ()
    products: tuple[Product, ...] = ()
    product_versions: tuple[ProductVersion, ...] = ()
    rates: tuple[Rate, ...] = ()
    rate_tiers: tuple[RateTier, ...] = ()
    contracts: tuple[Contract, ...] = ()
    contract_transitions: tuple[ContractTransition, ...] = ()
    usage_filters: tuple[UsageFilter, ...] = ()
    overrides: tuple[Override, ...] = ()
    override_tiers: tuple[OverrideTier, ...] = ()
    commits: tuple[Commit, ...] = ()
    commit_segments: tuple[CommitSegment, ...] = ()
    commit_invoice_items: tuple[CommitInvoiceItem, ...] = ()
    recurring_commits: tuple[RecurringCommit, ...] = ()
    ledger_entries: tuple[LedgerEntry, ...] = ()
    balance_thresholds: tuple[BalanceThreshold, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    subscription_quantities: tuple[SubscriptionQuantity, ...] = ()
    scheduled_charges: tuple[ScheduledCharge, ...] = ()
    commitments: tuple[Commitment, ...] = ()
    invoice_actions: tuple[InvoiceAction, ...] = ()

    @cached_property
    def contracts_by_id(self) -> dict[str, Contract]:
        return {contract.contract_id: contract for contract in self.contracts}

    @cached_property
    def products_by_id(self) -> dict[str, Product]:
        return {product.product_id: product for product in self.products}

    @cached_property
    def customers_by_key(self) -> dict[str, str]:
        """The customer of each id and of each alias."""
        aliases = {row.alias: row.customer_id for row in self.customer_aliases}
        return aliases | {row.customer_id: row.customer_id for row in self.customers}

    @cached_property
    def _zones(self) -> dict[str, str]:
        return {customer.customer_id: customer.timezone for customer in self.customers}

    @cached_property
    def _currencies(self) -> dict[str, str]:
        return {card.rate_card_id: card.currency for card in self.rate_cards}

    @cached_property
    def _rates(self) -> dict[tuple[str, str], list[Rate]]:
        return _grouped(self.rates, lambda rate: (rate.rate_card_id, rate.product_id))

    @cached_property
    def _overrides(self) -> dict[str, list[Override]]:
        return _grouped(self.overrides, lambda override: override.contract_id)

    @cached_property
    def _tiers(self) -> dict[str, list[RateTier]]:
        return _grouped(sorted(self.rate_tiers, key=lambda row: row.tier), lambda row: row.rate_id)

    @cached_property
    def _override_tiers(self) -> dict[str, list[OverrideTier]]:
        return _grouped(sorted(self.override_tiers, key=lambda row: row.tier), lambda row: row.override_id)

    @cached_property
    def _versions(self) -> dict[str, list[ProductVersion]]:
        return _grouped(sorted(self.product_versions, key=lambda row: row.starting_at), lambda row: row.product_id)

    def timezone(self, contract: Contract) -> str:
        return self._zones[contract.customer_id]

    def currency(self, contract: Contract) -> str:
        return self._currencies[contract.rate_card_id]

    def rates_of(self, rate_card_id: str, product_id: str) -> Sequence[Rate]:
        return self._rates.get((rate_card_id, product_id), [])

    def overrides_of(self, contract_id: str) -> Sequence[Override]:
        return self._overrides.get(contract_id, [])

    def tiers_of(self, rate_id: str) -> Sequence[RateTier]:
        """In their order, the lowest first."""
        return self._tiers.get(rate_id, [])

    def override_tiers_of(self, override_id: str) -> Sequence[OverrideTier]:
        """In their order, the lowest first."""
        return self._override_tiers.get(override_id, [])

    def versions_of(self, product_id: str) -> Sequence[ProductVersion]:
        """In their order, the earliest first."""
        return self._versions.get(product_id, [])

    def product_at(self, product_id: str, at: datetime) -> Product:
        """The product as the versions up to and including `at` left it; a blank cell of a version changes nothing."""
        product = self.products_by_id[product_id]
        for version in self._versions.get(product_id, []):
            if version.starting_at <= at:
                changes = {field.name: getattr(version, field.name) for field in fields(version)}
                product = replace(product, **{n: v for n, v in changes.items() if v is not None and n != "starting_at"})
        return product


def read_catalogue(folder: Path) -> Catalogue:
    """The catalogue in a folder of CSV files; a missing file is an empty table."""
    hints = get_type_hints(Catalogue)
    tables = {table.name: tuple(_rows(folder / f"{table.name}.csv", get_args(hints[table.name])[0])) for table in fields(Catalogue)}
    return Catalogue(**tables)


def in_force(starting_at: datetime, ending_before: datetime | None, at: datetime) -> bool:
    """Whether [starting_at, ending_before) holds an instant; without an end it lasts for ever."""
    return starting_at <= at and (ending_before is None or at < ending_before)


def instant(text: str) -> datetime:
    """An RFC 3339 instant, or a date, which is its midnight in UTC."""
    found = datetime.fromisoformat(text.upper())
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def canonical(values: Values) -> str:
    """Group values as the one JSON text of them: keys sorted, no blanks."""
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _rows(path: Path, kind: type) -> Iterator[Any]:
    if not path.exists():
        return
    hints = {name: _plain(hint) for name, hint in get_type_hints(kind).items()}
    with path.open(newline="", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            cells = {name: (row.get(name) or "").strip() for name in hints}
            yield kind(**{name: _parse(name, hints[name], cell) for name, cell in cells.items() if cell})


def _plain(hint: Any) -> Any:
    """The type of `type | None`."""
    return get_args(hint)[0] if get_origin(hint) is UnionType else hint


def _parse(name: str, hint: Any, cell: str) -> Any:
    value = PARSERS[str(hint)](cell)
    return value.lower() if name in ("pricing_unit", "currency") else value


PARSERS: dict[str, Callable[[str], Any]] = {
    str(str): str,
    str(int): int,
    str(Decimal): Decimal,
    str(datetime): instant,
    str(bool): lambda cell: cell.lower() == "true",
    str(Names): lambda cell: tuple(json.loads(cell)),
    str(Values): json.loads,
    str(Specifiers): lambda cell: tuple(json.loads(cell, parse_float=Decimal)),
}


def _grouped(rows: Sequence[Any], key: Callable[[Any], Any]) -> dict[Any, list[Any]]:
    groups: dict[Any, list[Any]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups
