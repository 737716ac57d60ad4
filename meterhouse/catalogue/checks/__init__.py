"""The checks of a catalogue, one family a file; read CHECKS as the table of contents."""

from collections.abc import Callable, Iterable

from meterhouse.catalogue.book import Book
from meterhouse.catalogue.checks.aliases import check_aliases
from meterhouse.catalogue.checks.borders import check_borders
from meterhouse.catalogue.checks.budgets import check_budgets
from meterhouse.catalogue.checks.charges import check_charges
from meterhouse.catalogue.checks.commit_rates import check_commit_rates
from meterhouse.catalogue.checks.commitments import check_commitments
from meterhouse.catalogue.checks.commits import check_commits
from meterhouse.catalogue.checks.filters import check_filters
from meterhouse.catalogue.checks.invoice_actions import check_invoice_actions
from meterhouse.catalogue.checks.keys import check_keys
from meterhouse.catalogue.checks.ledger_entries import check_ledger_entries
from meterhouse.catalogue.checks.override_targets import check_override_targets
from meterhouse.catalogue.checks.overrides import check_overrides
from meterhouse.catalogue.checks.postpaid import check_postpaid
from meterhouse.catalogue.checks.products import check_products
from meterhouse.catalogue.checks.ranges import check_ranges
from meterhouse.catalogue.checks.rates import check_rates
from meterhouse.catalogue.checks.recurring_commits import check_recurring_commits
from meterhouse.catalogue.checks.references import check_references
from meterhouse.catalogue.checks.specifiers import check_specifiers
from meterhouse.catalogue.checks.subscriptions import check_subscriptions
from meterhouse.catalogue.checks.thresholds import check_thresholds
from meterhouse.catalogue.checks.tiers import check_tiers
from meterhouse.catalogue.checks.transitions import check_transitions
from meterhouse.catalogue.checks.units import check_units
from meterhouse.catalogue.errors import Fault

CHECKS: tuple[Callable[[Book], Iterable[Fault]], ...] = (
    check_keys,
    check_references,
    check_aliases,
    check_ranges,
    check_borders,
    check_units,
    check_products,
    check_rates,
    check_commit_rates,
    check_tiers,
    check_filters,
    check_overrides,
    check_override_targets,
    check_commits,
    check_recurring_commits,
    check_ledger_entries,
    check_thresholds,
    check_specifiers,
    check_postpaid,
    check_subscriptions,
    check_charges,
    check_commitments,
    check_transitions,
    check_budgets,
    check_invoice_actions,
)
