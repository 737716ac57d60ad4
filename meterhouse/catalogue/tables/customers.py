"""Who is billed, in which units of price."""

from typing import Annotated

from pydantic import Field

from meterhouse.catalogue.tables.row import Row, key, may, need
from meterhouse.catalogue.values import (
    Boolean,
    Money,
    RefersTo,
    Text,
    Timezone,
    Unit,
    Whole,
)

CustomerId = Annotated[Text, RefersTo("customers", "customer_id")]
RateCardId = Annotated[Text, RefersTo("rate_cards", "rate_card_id")]


class Customer(Row):
    """Who uses and pays. One row per customer."""

    table = "customers"
    customer_id: Text = key("Names the customer; events carry it.")
    name: Text | None = may("Name on invoices.", blank="the customer_id")
    email: Text | None = may("Where invoices and alerts go.")
    timezone: Timezone = may("IANA time zone; billing periods and budget windows begin at its local midnight.", "UTC")


class CustomerAlias(Row):
    """Another id under which events of a customer arrive. One row per alias."""

    table = "customer_aliases"
    customer_id: CustomerId = need("The customer whose events these are.")
    alias: Text = key("The other id; it is nobody's customer_id and belongs to one customer. Also attaches earlier events.")


class PricingUnit(Row):
    """A unit of price that is no ISO currency, or an ISO currency with other decimals. One row per unit."""

    table = "pricing_units"
    pricing_unit: Unit = key("Names the unit, compared without case and kept in lower case.")
    name: Text | None = may("Name on invoices.", blank="the pricing_unit")
    is_currency: Boolean | None = may(
        "true: invoices are due in it. false: a custom unit, like AI credits.",
        blank="true for ISO currencies",
    )
    decimal_places: Annotated[Whole, Field(ge=0, le=12)] | None = may(
        "Digits after the point of its smallest part.", blank="as ISO 4217 says, else 2"
    )


class RateCard(Row):
    """A price list. One row per rate card."""

    table = "rate_cards"
    rate_card_id: Text = key("Names the rate card.")
    name: Text | None = may("Name for people.", blank="the rate_card_id")
    currency: Unit = may("Currency of its rates and of the invoices of its contracts.", "usd")


class PricingUnitConversion(Row):
    """What a custom pricing unit costs on a rate card. One row per rate card and pricing unit."""

    table = "pricing_unit_conversions"
    rate_card_id: RateCardId = key("The rate card.")
    pricing_unit: Annotated[Unit, RefersTo("pricing_units", "pricing_unit")] = key("The custom unit.")
    currency_per_unit: Annotated[Money, Field(gt=0)] = need("Price of one unit in the rate card's currency.")
