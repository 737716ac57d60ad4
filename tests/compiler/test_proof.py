"""For every slot end t, the summed increments equal the plain query over the events before t."""

import os
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from functools import reduce
from random import Random

from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from meterhouse.compiler import compile_files
from meterhouse.compiler.plan import Plan
from meterhouse.compiler.project import PIPELINE, MetricFile
from tests.compiler.queries import WINDOWS, Query, key_text, random_events, random_query
from tests.compiler.warehouse import Event, Quantities, Warehouse, Window, group_text, slot_of

# Query and event pairs; `make nightly` sets the profile.
PAIRS = 2000 if os.environ.get("METERHOUSE_PROFILE") == "nightly" else int(os.environ.get("METERHOUSE_PROOF_PAIRS", "200"))
SETTINGS = settings(
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a query shrinks badly; its text tells enough
)


def plain_quantities(query: Query, rows: Sequence[Event], window: Window, before: datetime) -> Quantities:
    """The query over the events of the window before an instant, summed by group; a NULL quantity is 0."""
    chosen = [asdict(e) for e in rows if e.customer_id == window.customer_id and window.start <= e.timestamp < min(window.end, before)]
    totals: Quantities = {}
    for row in query.run(chosen):
        group = group_text({key: key_text(row[key]) for key in query.keys})
        totals[group] = totals.get(group, Decimal(0)) + (row["value"] or 0)
    return {group: total for group, total in totals.items() if total}


def prove(query: Query, batches: Sequence[Sequence[Event]]) -> str:
    """Compile, feed the batches one by one, and compare at every slot end; returns the metric's class."""
    project = compile_files([MetricFile("m", "metrics/m.sql", query.text)])
    warehouse = Warehouse(project, WINDOWS)
    try:
        for batch in batches or [[]]:
            warehouse.ingest(batch)
        increments = warehouse.increments("m")
        with_states = warehouse.slots_with_states("m")
    finally:
        warehouse.close()
    rows = [row for batch in batches for row in batch]
    for window in WINDOWS:
        changes = [(slot, group, quantity) for other, slot, group, quantity in increments if other == window]
        counted = {slot for customer, slot in with_states if customer == window.customer_id and window.start <= slot < window.end}
        assert {slot for slot, _, _ in changes} == counted, "every slot with an event that passes has a row"
        own = [row for row in rows if row.customer_id == window.customer_id and window.start <= row.timestamp < window.end]
        starts = sorted({slot_of(row, WINDOWS) for row in own})
        for end in [*starts[1:], window.end]:
            assert summed(changes, end) == plain_quantities(query, rows, window, end), (query.text, window, end)
    return project.metrics[0].metric_class


def summed(changes: Sequence[tuple[datetime, str, Decimal]], before: datetime) -> Quantities:
    """The quantity of each group after the slots that start before an instant."""
    totals: Quantities = {}
    for slot, group, quantity in changes:
        if slot < before:
            totals[group] = totals.get(group, Decimal(0)) + quantity
    return {group: total for group, total in totals.items() if total}


def in_batches(rows: Sequence[Event], size: int) -> list[Sequence[Event]]:
    return [rows[i : i + size] for i in range(0, len(rows), size)]


@settings(SETTINGS, max_examples=max(PAIRS // 2, 1))
@given(rng=st.randoms(use_true_random=True))
def test_single_queries_equal_the_plain_query_at_every_slot_end(rng: Random) -> None:
    event(prove(random_query(rng, depth=1), in_batches(random_events(rng), rng.randint(1, 24))))


@settings(SETTINGS, max_examples=max(PAIRS // 2, 1))
@given(rng=st.randoms(use_true_random=True))
def test_stacked_queries_equal_the_plain_query_at_every_slot_end(rng: Random) -> None:
    event(prove(random_query(rng, rng.randint(2, 3)), in_batches(random_events(rng), rng.randint(1, 24))))


@settings(SETTINGS, max_examples=max(PAIRS // 10, 1))
@given(rng=st.randoms(use_true_random=True))
def test_slots_that_are_skipped_change_nothing(rng: Random) -> None:
    query = random_query(rng, rng.randint(2, 3))
    while not skips_slots(query):
        query = random_query(rng, rng.randint(2, 3))
    event(prove(query, in_batches(random_events(rng), rng.randint(1, 24))))


def skips_slots(query: Query) -> bool:
    """Whether the increments leave out the slots that go beyond nothing; one in fifteen stacked queries is such."""
    plan = reduce(lambda content, step: step(content, MetricFile("m", "metrics/m.sql", query.text)), PIPELINE, None)
    assert isinstance(plan, Plan)
    return plan.skips_still_slots
