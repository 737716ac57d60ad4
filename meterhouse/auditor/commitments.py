"""A least and a greatest spend per contract and billing period."""

from collections.abc import Iterator
from decimal import Decimal

from meterhouse.auditor.catalogue import Catalogue, in_force
from meterhouse.auditor.exact import divide
from meterhouse.auditor.periods import Period, hours
from meterhouse.auditor.tables import Commitment, Contract


def commitment(catalogue: Catalogue, contract: Contract, period: Period, kind: str) -> Decimal | None:
    """The `minimum` or `maximum` of a period: of the row whose range holds its start, by its share of hours if prorated."""
    found = next(_holding(catalogue, contract, period, kind), None)
    if found is None:
        return None
    whole = hours(period.grid_ending_before - period.grid_starting_at)
    part = hours(period.ending_before - period.starting_at)
    return divide(found.amount * part, whole) if found.is_prorated else found.amount


def _holding(catalogue: Catalogue, contract: Contract, period: Period, kind: str) -> Iterator[Commitment]:
    for row in catalogue.commitments:
        is_of_contract = row.contract_id == contract.contract_id and row.type == kind
        if is_of_contract and in_force(row.starting_at, row.ending_before, period.starting_at):
            yield row
