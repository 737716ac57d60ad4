"""The tables of the catalogue that the auditor needs, one dataclass each; a default is what a blank cell means."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias

Names: TypeAlias = tuple[str, ...]
Values: TypeAlias = Mapping[str, str | None]
Specifiers: TypeAlias = tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Customer:
    customer_id: str
    timezone: str = "UTC"


@dataclass(frozen=True)
class CustomerAlias:
    customer_id: str
    alias: str


@dataclass(frozen=True)
class PricingUnit:
    pricing_unit: str
    is_currency: bool | None = None
    decimal_places: int | None = None


@dataclass(frozen=True)
class RateCard:
    rate_card_id: str
    currency: str = "usd"


@dataclass(frozen=True)
class Conversion:
    rate_card_id: str
    pricing_unit: str
    currency_per_unit: Decimal


@dataclass(frozen=True)
class Product:
    product_id: str
    type: str
    name: str | None = None
    metric: str | None = None
    breakdown_granularity: str = "hour"
    pricing_group_keys: Names = ()
    presentation_group_keys: Names = ()
    conversion: str | None = None
    conversion_factor: Decimal | None = None
    rounding: str | None = None
    rounding_decimal_places: int | None = None
    tags: Names = ()
    composite_product_ids: Names = ()
    composite_tags: Names = ()
    exclude_free_usage: bool = False


@dataclass(frozen=True)
class ProductVersion:
    product_id: str
    starting_at: datetime
    metric: str | None = None
    breakdown_granularity: str | None = None
    pricing_group_keys: Names | None = None
    presentation_group_keys: Names | None = None
    conversion: str | None = None
    conversion_factor: Decimal | None = None
    rounding: str | None = None
    rounding_decimal_places: int | None = None
    tags: Names | None = None
    composite_product_ids: Names | None = None
    composite_tags: Names | None = None
    exclude_free_usage: bool | None = None


@dataclass(frozen=True)
class Rate:
    rate_id: str
    rate_card_id: str
    product_id: str
    starting_at: datetime
    ending_before: datetime | None = None
    rate_type: str = "flat"
    unit_price: Decimal | None = None
    pricing_unit: str | None = None
    pricing_group_values: Values = field(default_factory=dict)
    target: str = "list"
    entitled: bool = True
    billing_frequency: str | None = None
    package_size: Decimal | None = None
    minimum_amount: Decimal | None = None


@dataclass(frozen=True)
class RateTier:
    rate_id: str
    tier: int
    unit_price: Decimal
    up_to: Decimal | None = None
    flat_fee: Decimal = Decimal(0)


@dataclass(frozen=True)
class Contract:
    contract_id: str
    customer_id: str
    rate_card_id: str
    starting_at: datetime
    ending_before: datetime | None = None
    billing_frequency: str = "monthly"
    billing_anchor: str = "first_of_month"
    grace_period_hours: int = 24
    multiplier_override_prioritization: str = "lowest_multiplier"
    late_usage: str = "ignore"
    scheduled_charges_on_usage_invoices: bool = False
    priority: Decimal | None = None


@dataclass(frozen=True)
class UsageFilter:
    contract_id: str
    starting_at: datetime
    group_key: str
    group_values: Names


@dataclass(frozen=True)
class Override:
    override_id: str
    contract_id: str
    starting_at: datetime
    type: str
    ending_before: datetime | None = None
    target: str = "list"
    multiplier: Decimal | None = None
    unit_price: Decimal | None = None
    priority: Decimal | None = None
    product_id: str | None = None
    product_tags: Names = ()
    pricing_group_values: Values = field(default_factory=dict)
    presentation_group_values: Values = field(default_factory=dict)
    is_commit_specific: bool = False
    commit_ids: Names = ()
    entitled: bool | None = None
    created_at: datetime | None = None


@dataclass(frozen=True)
class OverrideTier:
    override_id: str
    tier: int
    multiplier: Decimal
    size: Decimal | None = None


@dataclass(frozen=True)
class Commit:
    commit_id: str
    customer_id: str
    type: str
    contract_id: str | None = None
    name: str | None = None
    product_id: str | None = None
    pricing_unit: str | None = None
    priority: Decimal | None = None
    rate_target: str = "list"
    applicable_product_ids: Names = ()
    applicable_product_tags: Names = ()
    specifiers: Specifiers = ()
    created_at: datetime | None = None
    rollover_fraction: Decimal = Decimal(0)
    is_rollover: bool = False  # made by a renewal, in no file


@dataclass(frozen=True)
class ContractTransition:
    from_contract_id: str
    to_contract_id: str
    type: str
    transition_at: datetime


@dataclass(frozen=True)
class CommitSegment:
    segment_id: str
    commit_id: str
    amount: Decimal
    starting_at: datetime
    ending_before: datetime | None = None


@dataclass(frozen=True)
class CommitInvoiceItem:
    commit_id: str
    invoice_at: datetime
    unit_price: Decimal
    quantity: Decimal = Decimal(1)
    pricing_unit: str | None = None


@dataclass(frozen=True)
class RecurringCommit:
    recurring_commit_id: str
    contract_id: str
    type: str
    access_unit_price: Decimal
    starting_at: datetime
    ending_before: datetime | None = None
    name: str | None = None
    product_id: str | None = None
    pricing_unit: str | None = None
    access_quantity: Decimal | None = None
    subscription_id: str | None = None
    invoice_unit_price: Decimal | None = None
    invoice_quantity: Decimal | None = None
    priority: Decimal | None = None
    commit_duration_periods: int = 1
    recurrence_frequency: str | None = None
    proration: str = "first_and_last"
    proration_rounding: str | None = None
    proration_decimal_places: int | None = None
    rate_target: str = "list"
    applicable_product_ids: Names = ()
    applicable_product_tags: Names = ()
    specifiers: Specifiers = ()
    rollover_fraction: Decimal = Decimal(0)


@dataclass(frozen=True)
class LedgerEntry:
    entry_id: str
    segment_id: str
    amount: Decimal
    entry_at: datetime | None = None


@dataclass(frozen=True)
class BalanceThreshold:
    threshold_id: str
    contract_id: str
    threshold_amount: Decimal
    recharge_to_amount: Decimal
    starting_at: datetime
    ending_before: datetime | None = None
    pricing_unit: str | None = None


@dataclass(frozen=True)
class Subscription:
    subscription_id: str
    contract_id: str
    product_id: str
    starting_at: datetime
    ending_before: datetime | None = None
    collection_schedule: str = "advance"
    billing_frequency: str = "monthly"
    is_prorated: bool = True
    proration_invoice: str = "bill_immediately"


@dataclass(frozen=True)
class SubscriptionQuantity:
    subscription_id: str
    starting_at: datetime
    quantity: Decimal


@dataclass(frozen=True)
class ScheduledCharge:
    charge_id: str
    contract_id: str
    product_id: str
    invoice_at: datetime
    unit_price: Decimal
    name: str | None = None
    quantity: Decimal = Decimal(1)
    pricing_unit: str | None = None


@dataclass(frozen=True)
class InvoiceAction:
    contract_id: str
    period_start_at: datetime
    action: str
    acted_at: datetime
    invoice_type: str = "usage"


@dataclass(frozen=True)
class Commitment:
    commitment_id: str
    contract_id: str
    type: str
    amount: Decimal
    starting_at: datetime
    ending_before: datetime | None = None
    is_prorated: bool = False
