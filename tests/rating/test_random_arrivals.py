"""
`meterhouse verify` agrees on random catalogues with random balances, whose events arrive in random order, some of them late, and
some of whose invoices are voided and made anew.

The auditor reads the raw event file, the metrics' text and the CSVs: no number comes from the models.
"""

import random
from datetime import UTC, datetime, timedelta

import pytest

from meterhouse.verify import verify
from tests.conftest import NIGHTLY
from tests.rating.random_balances import add_balances
from tests.rating.random_catalogues import LAST, RandomWorld, random_world
from tests.rating.random_grants import add_grants
from tests.rating.random_voids import add_voids
from tests.rating.test_random_catalogues import lay
from tests.worlds import World

SEEDS = range(201, 221 if NIGHTLY else 202)
CONTRACTS = 100
MOST_LATE = timedelta(days=20)
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_auditor_agrees_whatever_the_order_of_arrival(seed: int, world: World) -> None:
    drawn = random_world(seed, CONTRACTS)
    add_balances(drawn, seed)
    add_grants(drawn, seed)
    scatter(drawn, random.Random(seed))
    add_voids(drawn, seed, MONDAY)
    lay(world, drawn)

    world.build(f"{LAST:%Y-%m-%dT%H:%M:%SZ}")
    found = verify(world.workspace, drafts=True)

    wrong = [(one.invoice_id, one.differences[:3], one.events[:3]) for one in found.verdicts if one.differs]
    assert not wrong, f"seed {seed}: {len(wrong)} of {len(found.verdicts)} invoices differ\n" + "\n".join(map(str, wrong[:5]))
    assert len([one for one in found.verdicts if one.status == "finalized"]) > CONTRACTS // 2
    assert not [one for one in found.verdicts if one.not_verified]
    assert world.rows("select count(*) from invoices where status = 'void'")[0][0] > 5
    assert world.rows("select count(*) from invoices where regenerated_from is not null")[0][0] > 5
    assert world.rows("select count(distinct contract_id) from late_usage where billed_quantity <> 0")[0][0] > 0


def scatter(drawn: RandomWorld, dice: random.Random) -> None:
    """
    Let a third of the events arrive up to twenty days late, and write them in no order.

    Contracts of customers in UTC bill what is late: weeks from one Monday on, final at their end.
    """
    in_utc = {customer["customer_id"] for customer in drawn.tables["customers"] if customer["timezone"] == "UTC"}
    weekly = {"billing_frequency": "weekly", "billing_anchor": f"{MONDAY:%Y-%m-%d}", "grace_period_hours": "0"}
    for contract in drawn.tables["contracts"]:
        if contract["customer_id"] in in_utc:
            contract.update(weekly, late_usage="next_invoice")
    late = [
        (*event[:5], f"{instant + MOST_LATE * dice.random():%Y-%m-%dT%H:%M:%SZ}") if dice.random() < 0.3 else event
        for event in drawn.events
        for instant in [datetime.fromisoformat(event[3])]
    ]
    dice.shuffle(late)
    drawn.events[:] = late
