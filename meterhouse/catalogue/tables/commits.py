"""Balances that pay for usage, and limits of spending."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from meterhouse.catalogue.tables.contracts import ContractId, Natural, Price, SubscriptionId
from meterhouse.catalogue.tables.customers import CustomerId
from meterhouse.catalogue.tables.products import Frequency, ProductId, ProductIds, Target
from meterhouse.catalogue.tables.row import Row, key, may, need
from meterhouse.catalogue.values import (
    Boolean,
    GroupValues,
    Hour,
    Instant,
    Money,
    Names,
    Percents,
    Quantity,
    RefersTo,
    Specifiers,
    Text,
    Unit,
    Whole,
)

CommitId = Annotated[Text, RefersTo("commits", "commit_id")]
CommitType = Literal["prepaid", "postpaid", "credit"]
Fraction = Annotated[Quantity, Field(ge=0, le=1)]
Positive = Annotated[Quantity, Field(gt=0)]
Proration = Literal["none", "first", "last", "first_and_last"]


class Commit(Row):
    """A balance that pays for usage; its amounts and windows are in commit_segments. One row per commit."""

    table = "commits"
    commit_id: Text = key("Names the commit.")
    customer_id: CustomerId = need("The customer who owns it.")
    contract_id: ContractId | None = may("The contract it pays for.", blank="any contract of the customer")
    type: CommitType = need("prepaid: bought ahead. credit: free. postpaid: promised, the rest billed at the end.")
    name: Text | None = may("Name on invoice lines.", blank="the commit_id")
    product_id: ProductId | None = may("The fixed product it is sold as.")
    pricing_unit: Unit | None = may("Unit of its amounts.", blank="the currency of the rate card")
    priority: Quantity | None = may("Lower numbers are drawn first.", blank="last")
    rate_target: Target = may("The rate that usage costs while it is drawn.", "list")
    applicable_product_ids: ProductIds = may("The products it pays for; [] here and in tags: all.", [])
    applicable_product_tags: Names = may("Products with any of these tags; [] here and in ids: all.", [])
    specifiers: Specifiers = may("Finer conditions: any of the objects, all parts of one; []: none.", [])
    rollover_fraction: Fraction = may("Share of the granted amount that may roll over at a renewal, 0 to 1.", 0)
    created_at: Instant | None = may("When it was agreed (UTC); the earlier is drawn first.", blank="last")


class CommitSegment(Row):
    """An amount of a commit and the window in which it can be drawn. One row per segment."""

    table = "commit_segments"
    segment_id: Text = key("Names the segment.")
    commit_id: CommitId = need("The commit.")
    amount: Annotated[Money, Field(gt=0)] = need("Granted amount, in the commit's pricing_unit.")
    starting_at: Hour = need("First instant at which it pays (UTC, on an hour, included).")
    ending_before: Hour | None = may("When it expires (UTC, on an hour, excluded).", blank="never")


class CommitInvoiceItem(Row):
    """What a commit costs, and when that is invoiced. One row per commit and invoice_at."""

    table = "commit_invoice_items"
    commit_id: CommitId = key("The commit.")
    invoice_at: Instant = key("When it is invoiced (UTC).")
    quantity: Positive = may("Units.", 1)
    unit_price: Price = need("Price of one unit, in pricing_unit.")
    pricing_unit: Unit | None = may("Currency of the price.", blank="the currency of the commit's contract, else its unit")


class RecurringCommit(Row):
    """A commit that is granted again each period. One row per recurring commit."""

    table = "recurring_commits"
    recurring_commit_id: Text = key("Names the recurring commit.")
    contract_id: ContractId = need("The contract.")
    type: CommitType = need("As in commits.")
    name: Text | None = may("Name on invoice lines.", blank="the recurring_commit_id")
    product_id: ProductId | None = may("The fixed product it is sold as.")
    pricing_unit: Unit | None = may("Unit of its amounts.", blank="the currency of the contract's rate card")
    access_unit_price: Price = need("Granted amount of one unit, in pricing_unit.")
    access_quantity: Positive | None = may("Units granted in each period.", blank="the quantity of the subscription")
    subscription_id: SubscriptionId | None = may("The subscription whose quantity it follows.")
    invoice_unit_price: Price | None = may("Price of one unit on the invoice.", blank="free")
    invoice_quantity: Positive | None = may("Units on the invoice.", blank="access_quantity")
    priority: Quantity | None = may("Lower numbers are drawn first.", blank="last")
    commit_duration_periods: Annotated[Whole, Field(ge=1)] = may("Periods for which one grant lasts.", 1)
    recurrence_frequency: Frequency | None = may("How often it is granted.", blank="each billing period")
    proration: Proration = may("Which short periods are granted their share.", "first_and_last")
    proration_rounding: Literal["up", "down", "half_up"] | None = may("Rounding of a prorated amount.", blank="none")
    proration_decimal_places: Annotated[Whole, Field(ge=-5, le=12)] | None = may(
        "Digits that this rounding keeps; negative: tens, hundreds and so on.", blank="0"
    )
    rate_target: Target = may("The rate that usage costs while it is drawn.", "list")
    applicable_product_ids: ProductIds = may("The products it pays for; [] here and in tags: all.", [])
    applicable_product_tags: Names = may("Products with any of these tags; [] here and in ids: all.", [])
    specifiers: Specifiers = may("Finer conditions: any of the objects, all parts of one; []: none.", [])
    rollover_fraction: Fraction = may("Share of the granted amount that may roll over at a renewal, 0 to 1.", 0)
    starting_at: Instant = need("First instant of the first grant (UTC, on an hour or a local midnight, included).")
    ending_before: Instant | None = may("No grant begins from here on (UTC, on an hour or a local midnight, excluded).", blank="open")


class LedgerEntry(Row):
    """A correction of a balance by hand. One row per entry."""

    table = "ledger_entries"
    entry_id: Text = key("Names the entry.")
    segment_id: Text = need("The segment it corrects; of a recurring commit: its id, a slash, and the local date of the grant.")
    amount: Money = need("What is added (negative: taken away), in the commit's pricing_unit.")
    reason: Text | None = may("Why, for people.")
    entry_at: Instant | None = may("When it counts (UTC).", blank="the segment's start")


class BalanceThreshold(Row):
    """A balance below which a contract is to be topped up. One row per threshold."""

    table = "balance_thresholds"
    threshold_id: Text = key("Names the threshold.")
    contract_id: ContractId = need("The contract whose prepaid balances and credits are watched.")
    threshold_amount: Price = need("A top-up falls due when the balance comes down to this, in pricing_unit.")
    recharge_to_amount: Price = need("The balance after a top-up, in pricing_unit.")
    pricing_unit: Unit | None = may("Unit of the balances that count.", blank="the currency of the contract's rate card")
    starting_at: Instant = need("First instant at which it watches (UTC, included).")
    ending_before: Instant | None = may("It watches no longer from here on (UTC, excluded).", blank="open")


class Budget(Row):
    """A limit of spending, before balances. One row per budget."""

    table = "budgets"
    budget_id: Text = key("Names the budget.")
    customer_id: CustomerId = need("The customer who spends.")
    name: Text | None = may("Name in alerts.", blank="the budget_id")
    scope: GroupValues = may("Group values, and product_id, of the usage that counts; {}: all.", {})
    window: Literal["daily", "weekly", "monthly", "billing_period"] = need("Calendar window in the customer's time zone.")
    amount: Annotated[Money, Field(gt=0)] = need("The limit in a window, in pricing_unit.")
    pricing_unit: Unit = may("Unit of the limit.", "usd")
    thresholds: Percents = may("Percents of the limit that raise an alert, growing.", [Decimal(75), Decimal(90), Decimal(100)])
    hard_stop: Boolean = may("true: usage is refused once the limit and the grace are spent.", False)
    grace_amount: Price = may("How far beyond the limit usage still passes, in pricing_unit.", 0)
    grace_hours: Natural = may("Hours after the limit in which usage still passes.", 0)
