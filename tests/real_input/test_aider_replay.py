"""
Aider's events as they were really delivered, ten times each and out of order, end as one clean load of them.

389,489 deliveries of 39,572 events come in many files and are built at growing clocks; the clean load has
every event once, ingested at its first delivery, and is built once.
"""

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from . import aider, workspace
from .conftest import Build, rows

FILES = 40
# The clocks of the replay's runs, by the number of files that were delivered by then; a last run comes later.
BUILT_AFTER_FILES = (13, 26)
AS_OF = datetime(2026, 5, 15, tzinfo=UTC)
CONTRACTS_START = "2024-08-01T00:00:00Z"
PRODUCTS = {"events_by_type": "event_type", "tokens": "main_model", "session_cost": None, "models_used": None}
METRICS = {
    "events_by_type": """-- Events per type.
        select count(*) as value, event_type from events group by event_type""",
    "tokens": """-- Tokens per model.
        select sum(properties.total_tokens) as value, properties.main_model as main_model
        from events where event_type = 'message_send' group by properties.main_model""",
    "session_cost": """-- The running cost of the latest session: a gauge that starts again with each session.
        select latest(properties.total_cost) as value
        from events where event_type = 'message_send'""",
    "models_used": """-- Different models called.
        select count(distinct properties.main_model) as value
        from events where event_type = 'message_send'""",
}


@pytest.fixture(scope="module")
def clean(real_data: Path, built: Build, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("aider_clean")
    _write_workspace(real_data, folder)
    aider.write_clean_load(real_data, folder / "events")
    return built(folder, AS_OF)


@pytest.fixture(scope="module")
def replayed(real_data: Path, built: Build, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("aider_replay")
    _write_workspace(real_data, folder)
    last_instants = aider.write_deliveries(real_data, folder / "to_come", files=FILES)
    (folder / "events").mkdir()
    arrived = 0
    for files in BUILT_AFTER_FILES:
        _deliver(folder, arrived, files)
        built(folder, last_instants[files - 1])
        arrived = files
    _deliver(folder, arrived, FILES)
    return built(folder, AS_OF)


def test_accepted_events_are_those_of_the_clean_load(real_data: Path, clean: Path, replayed: Path) -> None:
    accepted = sum(event.is_accepted for event in aider.read_events(real_data))

    query = "select * from marts.events order by transaction_id"
    assert len(rows(clean, query)) == accepted
    assert rows(replayed, query) == rows(clean, query)


def test_hours_are_those_of_the_clean_load(clean: Path, replayed: Path) -> None:
    query = "select * from marts.usage_hourly order by all"

    assert rows(replayed, query) == rows(clean, query)


def test_every_genuine_event_counts_where_another_looks_the_same(real_data: Path, replayed: Path) -> None:
    accepted = [event for event in aider.read_events(real_data) if event.is_accepted]
    expected = Counter((event.user, event.name) for event in accepted)
    looks = Counter((event.user, event.name, event.happened_at, event.text) for event in accepted)

    found = rows(
        replayed,
        """
        select customer_id, presentation_group_values ->> 'event_type', sum(quantity)
        from marts.usage_hourly
        where product_id = 'events_by_type'
        group by all
        """,
    )
    assert {(user, name): count for user, name, count in found} == expected
    assert sum(count - 1 for count in looks.values()) > 4000


def test_every_other_delivery_is_rejected_with_its_reason(real_data: Path, replayed: Path) -> None:
    accepted = sum(event.is_accepted for event in aider.read_events(real_data))

    reasons = dict(rows(replayed, "select reason, count(*) from marts.rejected_events group by all"))
    assert sum(reasons.values()) == 389_489 - accepted
    assert {"duplicate", "too_old"} < set(reasons)


def _write_workspace(data: Path, folder: Path) -> None:
    users = sorted({event.user for event in aider.read_events(data) if event.user})
    workspace.write_metrics(folder, METRICS)
    workspace.write_catalog(
        folder,
        {
            "customers": [{"customer_id": user, "name": user} for user in users],
            "rate_cards": [workspace.CARD],
            "products": [workspace.product(product, presentation=(key,) if key else ()) for product, key in PRODUCTS.items()],
            "rates": [workspace.rate(product, Decimal(1), CONTRACTS_START, {}) for product in PRODUCTS],
            "contracts": [workspace.contract(user, CONTRACTS_START, "annual") for user in users],
        },
    )


def _deliver(folder: Path, first: int, last: int) -> None:
    """Let the files `first` .. `last - 1` arrive."""
    for n in range(first, last):
        name = f"deliveries-{n:02}.parquet"
        (folder / "to_come" / name).rename(folder / "events" / name)
