"""What was agreed with a customer, and what departs from the price list."""

from typing import Annotated, Literal

from pydantic import Field

from meterhouse.catalogue.tables.customers import CustomerId, RateCardId
from meterhouse.catalogue.tables.products import Frequency, ProductId, Target
from meterhouse.catalogue.tables.row import Row, key, may, need
from meterhouse.catalogue.values import (
    Anchor,
    Boolean,
    GroupValues,
    Hour,
    Instant,
    Money,
    Names,
    Quantity,
    RefersTo,
    Text,
    Unit,
    Whole,
)

ContractId = Annotated[Text, RefersTo("contracts", "contract_id")]
CommitIds = Annotated[Names, RefersTo("commits", "commit_id")]
SubscriptionId = Annotated[Text, RefersTo("subscriptions", "subscription_id")]

Natural = Annotated[Whole, Field(ge=0)]
Multiplier = Annotated[Quantity, Field(ge=0)]
Price = Annotated[Money, Field(ge=0)]
Prioritization = Literal["lowest_multiplier", "explicit"]
InvoiceType = Literal["usage", "scheduled", "true_up"]
ProrationInvoice = Literal["bill_immediately", "bill_on_next_collection_date"]


class Contract(Row):
    """A customer's agreement to pay by a rate card. One row per contract."""

    table = "contracts"
    contract_id: Text = key("Names the contract.")
    customer_id: CustomerId = need("The customer.")
    rate_card_id: RateCardId = need("The price list; its currency is the currency of the invoices.")
    starting_at: Instant = need("First instant of the contract (UTC, on an hour or a local midnight, included).")
    ending_before: Instant | None = may("End of the contract (UTC, on an hour or a local midnight, excluded).", blank="open")
    billing_frequency: Frequency = may("Length of a billing period.", "monthly")
    billing_anchor: Anchor = may("Where periods begin: first_of_month, contract_start or a date.", "first_of_month")
    net_payment_terms_days: Natural = may("Days from the invoice's issue to its due date.", 0)
    grace_period_hours: Natural = may("Hours from a period's end to the finalization of its invoice.", 24)
    multiplier_override_prioritization: Prioritization = may("Which multiplier override wins.", "lowest_multiplier")
    late_usage: Literal["ignore", "next_invoice"] = may("Whether usage after finalization is billed later.", "ignore")
    scheduled_charges_on_usage_invoices: Boolean = may("true: charges dated at a period's end join its usage invoice.", False)
    priority: Quantity | None = may("Contracts with lower numbers draw shared balances first.", blank="last")


class UsageFilter(Row):
    """Limits a contract to some values of a group key. One row per contract, instant and group key."""

    table = "usage_filters"
    contract_id: ContractId = key("The contract.")
    starting_at: Hour = key("First instant of the filter (UTC, on an hour, included); it lasts until the next one.")
    group_key: Text = key("The metric's group key.")
    group_values: Names = need("The values that this contract rates.")


class Override(Row):
    """A price or entitlement of one contract that departs from its rate card. One row per override."""

    table = "overrides"
    override_id: Text = key("Names the override.")
    contract_id: ContractId = need("The contract.")
    starting_at: Hour = need("First instant of the override (UTC, on an hour, included).")
    ending_before: Hour | None = may("End (UTC, on an hour, excluded).", blank="open")
    type: Literal["multiplier", "overwrite", "tiered", "entitlement"] = need("What it does to the rate.")
    target: Target = may("The rate it changes: list or commit.", "list")
    multiplier: Multiplier | None = may("Factor on the list price of a multiplier override.")
    unit_price: Price | None = may("Price of one unit of an overwrite, in the rate's pricing_unit.")
    priority: Quantity | None = may("Under explicit prioritization the lowest number wins.")
    product_id: ProductId | None = may("The product it applies to.", blank="by tags, or all")
    product_tags: Names = may("Products with any of these tags; []: by product_id, or all.", [])
    pricing_group_values: GroupValues = may("Pricing values that must be there; {}: any.", {})
    presentation_group_values: GroupValues = may("Presentation values that must be there; {}: any.", {})
    is_commit_specific: Boolean = may("true: only while a balance is drawn.", False)
    commit_ids: CommitIds = may("The commits of a commit-specific override; []: any.", [])
    entitled: Boolean | None = may("What an entitlement override sets.")
    created_at: Instant | None = may("When it was agreed (UTC); of several overwrites the last one wins.")


class OverrideTier(Row):
    """A step of a tiered override, by the period's quantity. One row per override and tier."""

    table = "override_tiers"
    override_id: Annotated[Text, RefersTo("overrides", "override_id")] = key("The tiered override.")
    tier: Annotated[Whole, Field(ge=1)] = key("Number of the tier: 1, 2, ... without gaps.")
    size: Annotated[Quantity, Field(gt=0)] | None = may("Units in the tier.", blank="the last tier")
    multiplier: Multiplier = need("Factor on the list price within the tier.")


class Subscription(Row):
    """A recurring fee. One row per subscription."""

    table = "subscriptions"
    subscription_id: Text = key("Names the subscription.")
    contract_id: ContractId = need("The contract.")
    product_id: ProductId = need("The subscription product.")
    collection_schedule: Literal["advance", "arrears"] = may("Billed at the start or the end of its period.", "advance")
    billing_frequency: Frequency = may("Length of its period.", "monthly")
    is_prorated: Boolean = may("true: increases within a period cost their share of its hours.", True)
    proration_invoice: ProrationInvoice = may("Where a prorated increase is billed.", "bill_immediately")
    starting_at: Instant = need("First instant of the subscription (UTC, on an hour or a local midnight, included).")
    ending_before: Instant | None = may("End (UTC, on an hour or a local midnight, excluded).", blank="open")


class SubscriptionQuantity(Row):
    """The quantity of a subscription from an instant on. One row per subscription and starting_at."""

    table = "subscription_quantities"
    subscription_id: SubscriptionId = key("The subscription.")
    starting_at: Instant = key(
        "First instant of the quantity (UTC, on an hour or a local midnight, included); it lasts until the next one."
    )
    quantity: Annotated[Quantity, Field(ge=0)] = need("Units, such as seats.")


class ScheduledCharge(Row):
    """A one-off charge at a date. One row per charge."""

    table = "scheduled_charges"
    charge_id: Text = key("Names the charge.")
    contract_id: ContractId = need("The contract.")
    product_id: ProductId = need("The fixed product.")
    name: Text | None = may("Name on the invoice line.", blank="the product's name")
    invoice_at: Instant = need("When it is invoiced (UTC).")
    quantity: Quantity = may("Units.", 1)
    unit_price: Money = need("Price of one unit, in pricing_unit.")
    pricing_unit: Unit | None = may("Unit of the price.", blank="the currency of the contract's rate card")


class Commitment(Row):
    """A least or greatest spend of each billing period of a contract. One row per commitment."""

    table = "commitments"
    commitment_id: Text = key("Names the commitment.")
    contract_id: ContractId = need("The contract.")
    type: Literal["minimum", "maximum"] = need("minimum: what is missing is billed. maximum: what is beyond it is not.")
    amount: Annotated[Money, Field(ge=0)] = need("Spend of a billing period, before balances, in the currency of the rate card.")
    starting_at: Instant = need("It holds for the periods that begin from here on (UTC, on an hour or a local midnight, included).")
    ending_before: Instant | None = may(
        "It holds for no period that begins from here on (UTC, on an hour or a local midnight, excluded).", blank="open"
    )
    is_prorated: Boolean = may("true: a period cut short by the contract has its share of the amount, by hours.", False)


class ContractTransition(Row):
    """One contract follows another. One row per pair of contracts."""

    table = "contract_transitions"
    from_contract_id: ContractId = key("The contract that ends.")
    to_contract_id: ContractId = key("The contract that follows.")
    type: Literal["renewal", "supersede"] = need("renewal: balances may roll over. supersede: they do not.")
    transition_at: Instant = need("When the second takes over (UTC, on an hour or a local midnight).")


class InvoiceAction(Row):
    """A correction of a finalized invoice. One row per action."""

    table = "invoice_actions"
    action_id: Text = key("Names the action.")
    contract_id: ContractId = need("The contract of the invoice.")
    invoice_type: InvoiceType = may("Which invoice of the period.", "usage")
    period_start_at: Instant = need("Start of a usage invoice's period, or issued_at of another invoice (UTC).")
    action: Literal["void", "regenerate"] = need("void: it is owed no more. regenerate: a new one replaces it.")
    acted_at: Instant = need("When it was decided (UTC).")
    reason: Text | None = may("Why, for people.")
