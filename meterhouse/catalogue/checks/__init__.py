"""The checks of a catalogue, one family a file; read CHECKS as the table of contents."""

from collections.abc import Callable, Iterable

from meterhouse.catalogue.book import Book
from meterhouse.catalogue.checks.aliases import check_aliases
from meterhouse.catalogue.checks.commits import check_commits
from meterhouse.catalogue.checks.contracts import check_contracts
from meterhouse.catalogue.checks.keys import check_keys
from meterhouse.catalogue.checks.not_yet import check_not_yet
from meterhouse.catalogue.checks.products import check_products
from meterhouse.catalogue.checks.ranges import check_ranges
from meterhouse.catalogue.checks.rates import check_rates
from meterhouse.catalogue.checks.references import check_references
from meterhouse.catalogue.checks.tiers import check_tiers
from meterhouse.catalogue.checks.units import check_units
from meterhouse.catalogue.errors import Fault

CHECKS: tuple[Callable[[Book], Iterable[Fault]], ...] = (
    check_keys,
    check_references,
    check_aliases,
    check_ranges,
    check_units,
    check_products,
    check_rates,
    check_tiers,
    check_commits,
    check_contracts,
    check_not_yet,
)
