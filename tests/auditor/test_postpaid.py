"""True-ups by the auditor: what is left of a promise, and the instant from which its invoice stands."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from meterhouse.auditor import Catalogue, true_up_at, true_up_invoices
from meterhouse.auditor.balances import balances
from meterhouse.auditor.tables import Commit, CommitSegment, Contract, Customer, RateCard

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)

# Contracts: frequency until-month, each with a grace of 24 hours; the promise of 100 is for the first, or for all of them.
CASES = """
# case                                    | contracts            | for   | promise until        | final at
the commitment ends with the period       | monthly              | first | 2026-03-01T00:00:00Z | 2026-03-02T00:00:00Z
the period goes on                        | monthly              | first | 2026-03-10T05:00:00Z | 2026-04-02T00:00:00Z
the contract ended before                 | monthly until-2      | first | 2026-06-01T00:00:00Z | 2026-06-01T00:00:00Z
the last invoice of several contracts     | monthly, quarterly   | all   | 2026-02-01T00:00:00Z | 2026-04-02T00:00:00Z
another contract does not draw it         | monthly, quarterly   | first | 2026-02-01T00:00:00Z | 2026-02-02T00:00:00Z
"""


def cases() -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in CASES.strip().splitlines()[1:]]


def catalogue_of(contracts: str, scope: str, until: str) -> Catalogue:
    return Catalogue(
        customers=(Customer("acme"),),
        rate_cards=(RateCard("card"),),
        contracts=tuple(_contract(f"k{number}", text) for number, text in enumerate(contracts.split(", "))),
        commits=(Commit("promise", "acme", "postpaid", contract_id="k0" if scope == "first" else None, pricing_unit="usd"),),
        commit_segments=(CommitSegment("s", "promise", Decimal(100), NEW_YEAR, datetime.fromisoformat(until)),),
    )


def _contract(contract_id: str, text: str) -> Contract:
    frequency, *end = text.split(" until-")
    ending_before = NEW_YEAR.replace(month=int(end[0])) if end else None
    return Contract(contract_id, "acme", "card", NEW_YEAR, ending_before=ending_before, billing_frequency=frequency)


@pytest.mark.parametrize(("title", "contracts", "scope", "until", "final_at"), cases())
def test_a_true_up_waits_for_the_last_invoice_that_may_draw(title: str, contracts: str, scope: str, until: str, final_at: str) -> None:
    catalogue = catalogue_of(contracts, scope, until)

    assert [true_up_at(catalogue, balance) for balance in balances(catalogue, "acme")] == [datetime.fromisoformat(final_at)]


def test_it_bills_what_is_left() -> None:
    catalogue = catalogue_of("monthly", "first", "2026-03-01T00:00:00Z")

    (invoice,) = true_up_invoices(catalogue, {"s": Decimal("99.995")}, NEW_YEAR)

    assert (invoice.invoice_id, invoice.total, invoice.amount_due) == ("k0/true_up/promise", Decimal("0.005"), Decimal("0.01"))
    assert true_up_invoices(catalogue, {"s": Decimal(100)}, NEW_YEAR)[0].lines == ()
    assert true_up_invoices(catalogue, {}, NEW_YEAR.replace(year=2025)) == []
