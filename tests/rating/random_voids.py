"""Invoices of a random world that are voided, and most of them made anew, some more than once."""

import random
from datetime import datetime, timedelta

from tests.rating.random_catalogues import LAST, RandomWorld, Row

WEEK = timedelta(days=7)
# each is a step of the build, so there are few
ANEW = (LAST - timedelta(days=6, hours=12), LAST - timedelta(days=2))


def add_voids(drawn: RandomWorld, seed: int, first_monday: datetime) -> None:
    """Void an invoice of every second contract that bills by the week from a Monday (UTC) and has no grace."""
    dice = random.Random(seed)
    actions = drawn.tables["invoice_actions"] = []
    for contract in drawn.tables["contracts"]:
        if contract.get("billing_frequency") == "weekly" and contract.get("grace_period_hours") == "0" and dice.random() < 0.5:
            actions += _of_contract(contract, dice, first_monday)


def _of_contract(contract: Row, dice: random.Random, first_monday: datetime) -> list[Row]:
    begin = datetime.fromisoformat(contract["starting_at"])
    end = datetime.fromisoformat(contract["ending_before"]) if contract.get("ending_before") else LAST
    starts = [first_monday + number * WEEK for number in range(-6, 10)]
    whole = [start for start in starts if start >= begin and start + WEEK <= min(end, ANEW[0] - timedelta(days=1))]
    if not whole:
        return []
    start = dice.choice(whole)
    first, second = (dice.random() < share for share in (0.8, 0.5))
    found = [_action(contract, start, "void", start + WEEK + (ANEW[0] - start - WEEK) * dice.uniform(0.01, 0.99))]
    if first:
        found.append(_action(contract, start, "regenerate", ANEW[0]))
        if second:
            found.append(_action(contract, start, "void", ANEW[0] + timedelta(hours=dice.randrange(1, 48))))
            found += [_action(contract, start, "regenerate", ANEW[1])] * (dice.random() < 0.5)
    return found


def _action(contract: Row, start: datetime, action: str, at: datetime) -> Row:
    name = f"{contract['contract_id']}-{action}-{at:%m%d%H%M%S}"
    instants = {"period_start_at": f"{start:%Y-%m-%dT%H:%M:%SZ}", "acted_at": f"{at:%Y-%m-%dT%H:%M:%SZ}"}
    return {"action_id": name, "contract_id": contract["contract_id"], "action": action, **instants}
