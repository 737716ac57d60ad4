"""What is sold, and what it costs."""

from typing import Annotated, Literal

from pydantic import Field

from meterhouse.catalogue.tables.customers import RateCardId
from meterhouse.catalogue.tables.row import Row, key, may, need
from meterhouse.catalogue.values import (
    Boolean,
    GroupValues,
    Hour,
    Money,
    Names,
    Quantity,
    RefersTo,
    Text,
    Unit,
    Whole,
)

ProductId = Annotated[Text, RefersTo("products", "product_id")]
ProductIds = Annotated[Names, RefersTo("products", "product_id")]
RateId = Annotated[Text, RefersTo("rates", "rate_id")]

ProductType = Literal["usage", "composite", "subscription", "fixed"]
Granularity = Literal["hour", "service_period"]
Conversion = Literal["multiply", "divide"]
Rounding = Literal["up", "down", "half_up"]
Places = Annotated[Whole, Field(ge=0, le=12)]
Factor = Annotated[Quantity, Field(gt=0)]
RateType = Literal["flat", "tiered", "volume", "package", "percentage", "subscription"]
Target = Literal["list", "commit"]
Frequency = Literal["weekly", "monthly", "quarterly", "annual"]


class Product(Row):
    """Something that is sold. One row per product."""

    table = "products"
    product_id: Text = key("Names the product.")
    name: Text | None = may("Name on invoice lines.", blank="the product_id")
    type: ProductType = need(
        "usage: a metric's quantity. subscription: a recurring fee. composite: a share of spend. fixed: charged once. Never changes."
    )
    metric: Text | None = may("The billable metric of a usage product (a file in metrics/).")
    breakdown_granularity: Granularity = may("hour: quantity falls in its hours; service_period: in the last one.", "hour")
    pricing_group_keys: Names = may("Keys of the metric that have a price per tuple of values.", [])
    presentation_group_keys: Names = may("Keys of the metric that split invoice lines.", [])
    conversion: Conversion | None = may("What conversion_factor does to the period's cumulative quantity.", blank="nothing")
    conversion_factor: Factor | None = may("Factor of the conversion, above 0.")
    rounding: Rounding | None = may("Rounding of the cumulative quantity after the conversion.", blank="none")
    rounding_decimal_places: Places | None = may("Digits after the point that rounding keeps, 0 to 12.", blank="0 where rounding is given")
    tags: Names = may("Words by which commits, overrides and composites pick products.", [])
    composite_product_ids: ProductIds = may("The products of whose spend a composite is a share; [] here and in tags: all.", [])
    composite_tags: Names = may("Products with any of these tags; [] here and in ids: all.", [])
    exclude_free_usage: Boolean = may("true: a composite costs nothing, not even its minimum, while all its usage is free.", False)


class ProductVersion(Row):
    """A change of a product from an instant on; blank: unchanged. One row per product and starting_at."""

    table = "product_versions"
    product_id: ProductId = key("The product that changes.")
    starting_at: Hour = key("First instant of the version (UTC, on an hour, included); it lasts until the next one.")
    metric: Text | None = may("The metric from then on (a swap; also in mid-period).", blank="unchanged")
    breakdown_granularity: Granularity | None = may("hour or service_period.", blank="unchanged")
    pricing_group_keys: Names | None = may("Keys with a price per tuple.", blank="unchanged; []: none from then on")
    presentation_group_keys: Names | None = may("Keys that split invoice lines.", blank="unchanged; []: none from then on")
    conversion: Conversion | None = may("multiply or divide.", blank="unchanged")
    conversion_factor: Factor | None = may("Factor of the conversion, above 0.", blank="unchanged")
    rounding: Rounding | None = may("Rounding of the cumulative quantity.", blank="unchanged")
    rounding_decimal_places: Places | None = may("Digits after the point that rounding keeps, 0 to 12.", blank="unchanged")
    tags: Names | None = may("Words by which commits and others pick the product.", blank="unchanged; []: none from then on")
    composite_product_ids: ProductIds | None = may("Products of a composite.", blank="unchanged; []: none from then on")
    composite_tags: Names | None = may("Tags of the products of a composite.", blank="unchanged; []: none from then on")
    exclude_free_usage: Boolean | None = may("Whether a composite over free usage costs nothing.", blank="unchanged")


class Rate(Row):
    """The price of a product on a rate card, for a tuple of pricing values and a range. One row per rate."""

    table = "rates"
    rate_id: Text = key("Names the rate.")
    rate_card_id: RateCardId = need("The rate card it stands on.")
    product_id: ProductId = need("The product it prices.")
    starting_at: Hour = need("First instant of the rate (UTC, on an hour, included).")
    ending_before: Hour | None = may("End (UTC, on an hour, excluded).", blank="until the next rate of the same tuple, if any")
    rate_type: RateType = may("How quantity becomes money.", "flat")
    unit_price: Annotated[Money, Field(ge=0)] | None = may(
        "Price of one unit, package or seat, in pricing_unit; of a percentage rate the share: 0.05 is 5 %.",
        blank="its prices are in rate_tiers",
    )
    pricing_unit: Unit | None = may("Unit of the price.", blank="the rate card's currency")
    pricing_group_values: GroupValues = may("A value for each pricing key of the product; {}: it has none.", {})
    target: Target = may("list: the price of usage. commit: the price while a balance with that rate_target is drawn.", "list")
    entitled: Boolean = may("false: usage is not billed until an override allows it.", True)
    billing_frequency: Frequency | None = may("Collection period that a subscription rate is for.")
    package_size: Annotated[Quantity, Field(gt=0)] | None = may("Units in one package of a package rate.")
    minimum_amount: Annotated[Money, Field(gt=0)] | None = may("Least charge of a composite in a billing period, in pricing_unit.")


class RateTier(Row):
    """A step of a tiered rate, by the period's cumulative quantity. One row per rate and tier."""

    table = "rate_tiers"
    rate_id: RateId = key("The tiered rate.")
    tier: Annotated[Whole, Field(ge=1)] = key("Number of the tier: 1, 2, ... without gaps.")
    up_to: Annotated[Quantity, Field(gt=0)] | None = may("Upper bound of the cumulative quantity, included.", blank="the last tier")
    unit_price: Annotated[Money, Field(ge=0)] = need("Price of one unit, package or share within the tier, as in the rate.")
    flat_fee: Annotated[Money, Field(ge=0)] = may("Charged once a period, when the tier is entered.", 0)
