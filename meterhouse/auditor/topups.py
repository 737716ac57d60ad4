"""Top-ups that fall due: at every instant at which something moves, the balance is added up anew and held against the threshold."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from meterhouse.auditor.balances import FOR_EVER, Balance, balances
from meterhouse.auditor.catalogue import Catalogue, in_force
from meterhouse.auditor.exact import ZERO, exactly
from meterhouse.auditor.grants import corrections, with_grants
from meterhouse.auditor.tables import BalanceThreshold

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class HourDraw:
    """What the usage of an hour draws from a segment; it counts as the hour ends."""

    segment_id: str
    hour_start_at: datetime
    amount: Decimal


@dataclass(frozen=True)
class TopUp:
    threshold_id: str
    crossed_at: datetime
    balance: Decimal
    amount: Decimal


@exactly
def topups(catalogue: Catalogue, draws: Iterable[HourDraw], as_of: datetime) -> list[TopUp]:
    """Every fall to a threshold or below it, up to `as_of`; a balance that is low when the threshold begins counts as a fall."""
    granting, found = with_grants(catalogue, as_of), list(draws)
    return [topup for threshold in granting.balance_thresholds for topup in _of_threshold(granting, threshold, found, as_of)]


def _of_threshold(catalogue: Catalogue, threshold: BalanceThreshold, draws: list[HourDraw], as_of: datetime) -> Iterator[TopUp]:
    watched = _watched(catalogue, threshold)
    names = {balance.segment.segment_id for balance in watched}
    own = [draw for draw in draws if draw.segment_id in names]
    instants = {threshold.starting_at}
    instants |= {at for balance in watched for at in (balance.segment.starting_at, balance.ending_before)}
    instants |= {draw.hour_start_at + HOUR for draw in own}
    instants |= {entry.entry_at for entry in catalogue.ledger_entries if entry.segment_id in names and entry.entry_at}
    was_low = False
    for at in sorted(instants):
        if at <= as_of and in_force(threshold.starting_at, threshold.ending_before, at):
            left = sum((_left(catalogue, balance, own, at) for balance in watched), ZERO)
            is_low = left <= threshold.threshold_amount
            if is_low and not was_low:
                yield TopUp(threshold.threshold_id, at, left, threshold.recharge_to_amount - left)
            was_low = is_low


def _watched(catalogue: Catalogue, threshold: BalanceThreshold) -> list[Balance]:
    contract = catalogue.contracts_by_id[threshold.contract_id]
    unit = threshold.pricing_unit or catalogue.currency(contract)
    return [
        balance
        for balance in balances(catalogue, contract.customer_id)
        if balance.commit.contract_id in (None, contract.contract_id)
        and balance.pricing_unit == unit
        and balance.commit.type in ("prepaid", "credit")
    ]


def _left(catalogue: Catalogue, balance: Balance, draws: list[HourDraw], at: datetime) -> Decimal:
    """What can still be drawn of a balance at an instant."""
    segment = balance.segment
    if not in_force(segment.starting_at, balance.ending_before if balance.ending_before != FOR_EVER else None, at):
        return ZERO
    drawn = sum((draw.amount for draw in draws if draw.segment_id == segment.segment_id and draw.hour_start_at + HOUR <= at), ZERO)
    return max(ZERO, segment.amount + corrections(catalogue, segment, at) - drawn)
