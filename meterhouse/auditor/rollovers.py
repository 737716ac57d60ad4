"""
Rollover at a renewal, the naive way: once the old contract's last invoice is final, what remains becomes a balance of the new one.

min(remaining, fraction x granted) of each segment that holds at the transition; usable from there to the new contract's end.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from meterhouse.auditor.catalogue import Catalogue
from meterhouse.auditor.exact import ZERO, multiply
from meterhouse.auditor.grants import corrections
from meterhouse.auditor.periods import billing_periods
from meterhouse.auditor.tables import Commit, CommitSegment, ContractTransition

RolledOver = tuple[Commit, CommitSegment]


def rolled_over(granted: Catalogue, transition: ContractTransition, drawn: Mapping[str, Decimal], known_at: datetime) -> list[RolledOver]:
    """
    The balances that a renewal makes; `drawn` says what invoices that were final at `known_at` have taken from each segment.

    `granted` is the catalogue with its grants.
    """
    if transition.type != "renewal":
        return []
    commits = {commit.commit_id: commit for commit in granted.commits}
    return [
        made
        for segment in granted.commit_segments
        for made in _of_segment(granted, commits[segment.commit_id], segment, transition, drawn, known_at)
    ]


def known_at(catalogue: Catalogue, transition: ContractTransition) -> datetime | None:
    """When the last usage invoice of the old contract is final: only then is it known what remains."""
    contract = catalogue.contracts_by_id.get(transition.from_contract_id)
    if contract is None or contract.ending_before is None:
        return None
    *_, last = billing_periods(catalogue, contract, contract.ending_before)
    return last.ending_before + timedelta(hours=contract.grace_period_hours)


def _of_segment(
    granted: Catalogue,
    commit: Commit,
    segment: CommitSegment,
    transition: ContractTransition,
    drawn: Mapping[str, Decimal],
    at: datetime,
) -> Iterator[RolledOver]:
    holds = segment.starting_at < transition.transition_at and (
        segment.ending_before is None or segment.ending_before >= transition.transition_at
    )
    if commit.contract_id != transition.from_contract_id or not commit.rollover_fraction or not holds:
        return
    remaining = segment.amount + corrections(granted, segment, at) - drawn.get(segment.segment_id, ZERO)
    amount = min(remaining, multiply(segment.amount, commit.rollover_fraction))
    if amount <= 0:
        return
    before, after = (granted.contracts_by_id[name] for name in (transition.from_contract_id, transition.to_contract_id))
    made = replace(
        commit,
        commit_id=f"{commit.commit_id}/rollover",
        contract_id=after.contract_id,
        name=f"{commit.name or commit.commit_id} (rolled over)",
        pricing_unit=commit.pricing_unit or granted.currency(before),
        rollover_fraction=ZERO,
        is_rollover=True,
    )
    yield (
        made,
        CommitSegment(f"{segment.segment_id}/rollover", made.commit_id, amount, transition.transition_at, after.ending_before),
    )
