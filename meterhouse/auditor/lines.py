"""Lines: the rated rows of an invoice that one price and one set of balances serve, from border to border."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from meterhouse.auditor.balances import FOR_EVER, Balance
from meterhouse.auditor.catalogue import Catalogue
from meterhouse.auditor.exact import ZERO
from meterhouse.auditor.overrides import speaks_of
from meterhouse.auditor.periods import Period, billing_periods, usage_invoice_id
from meterhouse.auditor.prices import Priced
from meterhouse.auditor.rating import RatedRow
from meterhouse.auditor.tables import Contract, Override, Product


@dataclass(frozen=True)
class LineKey:
    """What sets a line apart from all others."""

    invoice_id: str
    contract_id: str
    type: str
    product_id: str
    pricing_group_values: str
    presentation_group_values: str
    rate_id: str
    override_id: str | None
    charge: str
    tier: int | None
    low: Decimal | None
    unit_price: Decimal
    pricing_unit: str
    starting_at: datetime
    ending_before: datetime


@dataclass(frozen=True)
class Line:
    """A line before balances, with its rows in the order of their hours."""

    key: LineKey
    rows: tuple[RatedRow, ...]

    @property
    def quantity(self) -> Decimal:
        return sum((row.quantity for row in self.rows), ZERO)

    @property
    def amount(self) -> Decimal:
        return sum((row.amount for row in self.rows), ZERO)


def lines_of(catalogue: Catalogue, rows: Sequence[RatedRow], balances: list[Balance], as_of: datetime) -> list[Line]:
    """The lines of one customer's rows, in no order."""
    periods = {
        usage_invoice_id(catalogue, contract, period): period
        for contract in (catalogue.contracts_by_id[name] for name in {row.contract_id for row in rows})
        for period in billing_periods(catalogue, contract, as_of)
    }
    found: dict[LineKey, list[RatedRow]] = {}
    for row in sorted(rows, key=lambda row: row.hour_start_at):
        found.setdefault(_key(catalogue, row, periods.get(row.invoice_id), balances), []).append(row)
    return [Line(key, tuple(members)) for key, members in found.items()]


def _key(catalogue: Catalogue, row: RatedRow, period: Period | None, balances: list[Balance]) -> LineKey:
    start, end = _window(catalogue, row, period, balances)
    return LineKey(
        invoice_id=row.invoice_id,
        contract_id=row.contract_id,
        type=row.type,
        product_id=row.product_id,
        pricing_group_values=row.pricing_group_values,
        presentation_group_values=row.presentation_group_values,
        rate_id=row.rate_id,
        override_id=row.override_id,
        charge=row.charge,
        tier=row.tier,
        low=row.low,
        unit_price=row.unit_price,
        pricing_unit=row.pricing_unit,
        starting_at=start,
        ending_before=end,
    )


def _window(catalogue: Catalogue, row: RatedRow, period: Period | None, balances: list[Balance]) -> tuple[datetime, datetime]:
    """What a subscription pays for; of usage the part of its period in which price and balances stay the same."""
    if row.window is not None:
        return row.window
    assert period is not None, f"{row.invoice_id} has no period"
    contract = catalogue.contracts_by_id[row.contract_id]
    priced = Priced(contract, row.product_id, json.loads(row.pricing_group_values), json.loads(row.presentation_group_values))
    at = max(row.hour_start_at, period.starting_at)
    borders = {period.starting_at, period.ending_before, *_price_borders(catalogue, priced), *_balance_borders(catalogue, priced, balances)}
    inside = [border for border in borders if period.starting_at <= border <= period.ending_before]
    return max(border for border in inside if border <= at), min(border for border in inside if border > at)


def _price_borders(catalogue: Catalogue, priced: Priced) -> Iterator[datetime]:
    """Where the price may change: borders of rates, and of the times in which an override speaks of it."""
    for rate in catalogue.rates_of(priced.contract.rate_card_id, priced.product_id):
        if rate.pricing_group_values == priced.pricing:
            yield from (rate.starting_at, rate.ending_before or FOR_EVER)
    for override in catalogue.overrides_of(priced.contract.contract_id):

        def speaks(product: Product, override: Override = override) -> bool:
            return speaks_of(override, product, priced.pricing, priced.presentation)

        yield from _borders_while(catalogue, priced, (override.starting_at, override.ending_before or FOR_EVER), speaks)


def _balance_borders(catalogue: Catalogue, priced: Priced, balances: list[Balance]) -> Iterator[datetime]:
    for balance in balances:

        def pays(product: Product, balance: Balance = balance) -> bool:
            return balance.is_for(priced.contract, product, priced.pricing, priced.presentation)

        yield from _borders_while(catalogue, priced, (balance.segment.starting_at, balance.ending_before), pays)


def _borders_while(
    catalogue: Catalogue, priced: Priced, window: tuple[datetime, datetime], holds: Callable[[Product], bool]
) -> Iterator[datetime]:
    """Where the times within a window begin and end in which something holds for the product, whose tags change."""
    start, end = window
    held = False
    for at in (start, *(version.starting_at for version in catalogue.versions_of(priced.product_id) if start < version.starting_at < end)):
        if holds(catalogue.product_at(priced.product_id, at)) != held:
            held = not held
            yield at
    if held:
        yield end


def contract_of(catalogue: Catalogue, line: Line) -> Contract:
    return catalogue.contracts_by_id[line.key.contract_id]
