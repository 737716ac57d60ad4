"""
Composite products: a share of what an invoice bills for other products, before balances.

The spend so far takes the place of the quantity; an optional minimum is made up for in the period's last hour.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from meterhouse.auditor.catalogue import Catalogue
from meterhouse.auditor.exact import ZERO, exactly, rounded
from meterhouse.auditor.periods import Period, billing_periods, usage_invoice_id
from meterhouse.auditor.prices import Price, Priced, Unbilled, price_in_force
from meterhouse.auditor.rating import RatedRow
from meterhouse.auditor.tables import Contract, Product


@exactly
def rate_composites(catalogue: Catalogue, rows: Sequence[RatedRow], as_of: datetime) -> list[RatedRow]:
    """The composite charges over rated usage and subscriptions, of every period that has begun at `as_of`."""
    return [
        row
        for contract in catalogue.contracts
        for period in billing_periods(catalogue, contract, as_of)
        for product in sorted(catalogue.products, key=lambda product: product.product_id)
        if product.type == "composite" and catalogue.rates_of(contract.rate_card_id, product.product_id)
        for row in _of_period(catalogue, contract, period, product, [row for row in rows if row.contract_id == contract.contract_id])
    ]


def _of_period(catalogue: Catalogue, contract: Contract, period: Period, product: Product, rows: Sequence[RatedRow]) -> Iterator[RatedRow]:
    invoice_id = usage_invoice_id(catalogue, contract, period)
    inside = [row for row in rows if row.invoice_id == invoice_id and _is_base(catalogue, product, row)]
    priced = Priced(contract, product.product_id, {}, {})
    last = price_in_force(catalogue, priced, period.last_hour_at)
    # the unit of a product's rates never changes
    unit = catalogue.rates_of(contract.rate_card_id, product.product_id)[0].pricing_unit or catalogue.currency(contract)
    base = [row for row in inside if row.pricing_unit == unit]
    excludes_free = catalogue.product_at(product.product_id, period.last_hour_at).exclude_free_usage
    if not base or (excludes_free and all(row.unit_price == 0 for row in base)):
        return
    charged = list(_shares(catalogue, priced, invoice_id, base))
    yield from charged
    if isinstance(last, Price) and last.rate.minimum_amount is not None:
        missing = last.rate.minimum_amount - sum((row.amount for row in charged), ZERO)
        if missing > 0:
            yield _row(priced, invoice_id, period.last_hour_at, last, ("minimum", None), rounded(missing), Decimal(1))


def _shares(catalogue: Catalogue, priced: Priced, invoice_id: str, base: Sequence[RatedRow]) -> Iterator[RatedRow]:
    """Hour by hour the increments of the price function of the spend so far, which is rounded at 12 decimals."""
    spent = ZERO
    for hour in sorted({row.hour_start_at for row in base}):
        before, spent = rounded(spent), spent + sum((row.amount for row in base if row.hour_start_at == hour), ZERO)
        price = price_in_force(catalogue, priced, hour)
        if not isinstance(price, Unbilled):
            for step, quantity in price.function.increments(before, rounded(spent)):
                yield _row(priced, invoice_id, hour, price, (step.charge, step.tier), step.unit_price, quantity)


def _is_base(catalogue: Catalogue, composite: Product, row: RatedRow) -> bool:
    """Whether a composite, as it is in the row's hour, is a share of the row's product; composites do not feed composites."""
    now, product = (catalogue.product_at(name, row.hour_start_at) for name in (composite.product_id, row.product_id))
    if product.type not in ("usage", "subscription"):
        return False
    if not now.composite_product_ids and not now.composite_tags:
        return True
    return product.product_id in now.composite_product_ids or bool({*now.composite_tags} & {*product.tags})


def _row(
    priced: Priced, invoice_id: str, hour: datetime, price: Price, step: tuple[str, int | None], unit_price: Decimal, quantity: Decimal
) -> RatedRow:
    return RatedRow(
        invoice_id=invoice_id,
        contract_id=priced.contract.contract_id,
        product_id=priced.product_id,
        type="composite",
        hour_start_at=hour,
        pricing_group_values="{}",
        presentation_group_values="{}",
        charge=step[0],
        tier=step[1],
        unit_price=unit_price,
        quantity=quantity,
        amount=quantity * unit_price,
        pricing_unit=price.pricing_unit,
        rate_id=price.rate.rate_id,
        override_id=price.override.override_id if price.override else None,
        price_reason=price.reason,
    )
