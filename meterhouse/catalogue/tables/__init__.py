"""
The one definition of the catalogue: every file, every column, its type, default and meaning.

The order of TABLES is the order of reading: what a row refers to comes before it.
"""

from meterhouse.catalogue.tables.commits import (
    BalanceThreshold,
    Budget,
    Commit,
    CommitInvoiceItem,
    CommitSegment,
    LedgerEntry,
    RecurringCommit,
)
from meterhouse.catalogue.tables.contracts import (
    Commitment,
    Contract,
    ContractTransition,
    InvoiceAction,
    Override,
    OverrideTier,
    ScheduledCharge,
    Subscription,
    SubscriptionQuantity,
    UsageFilter,
)
from meterhouse.catalogue.tables.customers import (
    Customer,
    CustomerAlias,
    PricingUnit,
    PricingUnitConversion,
    RateCard,
)
from meterhouse.catalogue.tables.products import Product, ProductVersion, Rate, RateTier
from meterhouse.catalogue.tables.row import Row, blank, choices, columns, kind, primary_key, reference

TABLES: tuple[type[Row], ...] = (
    Customer,
    CustomerAlias,
    PricingUnit,
    RateCard,
    PricingUnitConversion,
    Product,
    ProductVersion,
    Rate,
    RateTier,
    Contract,
    UsageFilter,
    Override,
    OverrideTier,
    Commit,
    CommitSegment,
    CommitInvoiceItem,
    RecurringCommit,
    LedgerEntry,
    BalanceThreshold,
    Subscription,
    SubscriptionQuantity,
    ScheduledCharge,
    Commitment,
    ContractTransition,
    InvoiceAction,
    Budget,
)

__all__ = [
    "TABLES",
    "BalanceThreshold",
    "Budget",
    "Commit",
    "CommitInvoiceItem",
    "CommitSegment",
    "Commitment",
    "Contract",
    "ContractTransition",
    "Customer",
    "CustomerAlias",
    "InvoiceAction",
    "LedgerEntry",
    "Override",
    "OverrideTier",
    "PricingUnit",
    "PricingUnitConversion",
    "Product",
    "ProductVersion",
    "Rate",
    "RateCard",
    "RateTier",
    "RecurringCommit",
    "Row",
    "ScheduledCharge",
    "Subscription",
    "SubscriptionQuantity",
    "UsageFilter",
    "blank",
    "choices",
    "columns",
    "kind",
    "primary_key",
    "reference",
]
