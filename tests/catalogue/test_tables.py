"""The definition declares every file and column that the data contract promises, and describes each."""

import re

import pytest

from meterhouse.catalogue.tables import TABLES, blank, columns, kind, primary_key, reference

PROMISED = """
customers: customer_id name email timezone
customer_aliases: customer_id alias
pricing_units: pricing_unit name is_currency decimal_places
rate_cards: rate_card_id name currency
pricing_unit_conversions: rate_card_id pricing_unit currency_per_unit
products: product_id name type metric breakdown_granularity pricing_group_keys presentation_group_keys conversion
    conversion_factor rounding rounding_decimal_places tags composite_product_ids composite_tags exclude_free_usage
product_versions: product_id starting_at metric breakdown_granularity pricing_group_keys presentation_group_keys
    conversion conversion_factor rounding rounding_decimal_places tags composite_product_ids composite_tags
    exclude_free_usage
rates: rate_id rate_card_id product_id starting_at ending_before rate_type unit_price pricing_unit
    pricing_group_values target entitled billing_frequency package_size minimum_amount
rate_tiers: rate_id tier up_to unit_price flat_fee
contracts: contract_id customer_id rate_card_id starting_at ending_before billing_frequency billing_anchor
    net_payment_terms_days grace_period_hours multiplier_override_prioritization late_usage
    scheduled_charges_on_usage_invoices priority
usage_filters: contract_id starting_at group_key group_values
overrides: override_id contract_id starting_at ending_before type target multiplier unit_price priority product_id
    product_tags pricing_group_values presentation_group_values is_commit_specific commit_ids entitled created_at
override_tiers: override_id tier size multiplier
commits: commit_id customer_id contract_id type name product_id pricing_unit priority rate_target
    applicable_product_ids applicable_product_tags specifiers rollover_fraction created_at
commit_segments: segment_id commit_id amount starting_at ending_before
commit_invoice_items: commit_id invoice_at quantity unit_price pricing_unit
recurring_commits: recurring_commit_id contract_id type name product_id pricing_unit access_unit_price
    access_quantity subscription_id invoice_unit_price invoice_quantity priority commit_duration_periods
    recurrence_frequency proration proration_rounding proration_decimal_places rate_target applicable_product_ids
    applicable_product_tags specifiers rollover_fraction starting_at ending_before
ledger_entries: entry_id segment_id amount reason entry_at
balance_thresholds: threshold_id contract_id threshold_amount recharge_to_amount pricing_unit starting_at ending_before
subscriptions: subscription_id contract_id product_id collection_schedule billing_frequency is_prorated
    proration_invoice starting_at ending_before
subscription_quantities: subscription_id starting_at quantity
scheduled_charges: charge_id contract_id product_id name invoice_at quantity unit_price pricing_unit
commitments: commitment_id contract_id type amount starting_at ending_before is_prorated
contract_transitions: from_contract_id to_contract_id type transition_at
invoice_actions: action_id contract_id invoice_type period_start_at action acted_at reason
budgets: budget_id customer_id name scope window amount pricing_unit thresholds hard_stop grace_amount grace_hours
"""
WAREHOUSE_TYPES = {"varchar", "decimal(38,12)", "timestamptz", "boolean", "integer"}
EVERY_COLUMN = [(table, name) for table in TABLES for name in columns(table)]


def test_every_promised_table_and_column_is_declared_in_order() -> None:
    promised = re.findall(r"^(\w+): ((?:.|\n )+)", PROMISED, re.MULTILINE)
    assert {name: names.split() for name, names in promised} == {t.table: list(columns(t)) for t in TABLES}


@pytest.mark.parametrize(("table", "name"), EVERY_COLUMN, ids=lambda part: getattr(part, "table", part))
def test_a_column_says_what_it_is(table: type, name: str) -> None:
    field = columns(table)[name]
    assert kind(field).sql in WAREHOUSE_TYPES
    assert re.fullmatch(r"[A-Za-z].*\.", field.description or ""), "a sentence"
    assert (blank(field) is None) == field.is_required()
    if kind(field).sql == "timestamptz":
        assert "UTC" in (field.description or ""), "an instant says its zone"
    if name == "ending_before":
        assert "excluded" in (field.description or ""), "ranges are half-open"
    if name == "starting_at":
        assert "included" in (field.description or ""), "ranges are half-open"


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.table)
def test_a_table_says_its_grain_and_its_key(table: type) -> None:
    assert "One row per " in (table.__doc__ or "")
    assert primary_key(table)


def test_a_reference_leads_to_the_key_of_a_table() -> None:
    keys = {(table.table, primary_key(table)) for table in TABLES}
    found = [reference(columns(table)[name]) for table, name in EVERY_COLUMN]
    assert all((target.table, (target.column,)) in keys for target in found if target)
    assert len({target for target in found if target}) >= 9
