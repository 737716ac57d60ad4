"""
Aider's own analytics as events: 39,572 events of 14 users, as they were made and as they were published.

An event's id is its place in the log. Its content is no id: 4,170 events are byte-identical to another one.
"""

import csv
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb

from .prices import Price, price_of

OLDEST_ACCEPTED = timedelta(days=34)

EVENTS = """
select
    seq::varchar as transaction_id,
    user_id as customer_id,
    event as event_type,
    to_timestamp(time) as "timestamp",
    properties,
    to_timestamp({ingested_at}) as ingested_at
"""


@dataclass(frozen=True)
class Event:
    """One event of the log; instants are UTC."""

    seq: int
    name: str
    user: str | None
    happened_at: datetime
    first_delivered_at: datetime
    text: str

    @property
    def properties(self) -> dict[str, object]:
        parsed: dict[str, object] = json.loads(self.text, parse_float=Decimal)
        return parsed

    @property
    def is_accepted(self) -> bool:
        """Whether the first delivery names a user and comes in time; later ones are old or repetitions."""
        return self.user is not None and self.first_delivered_at - self.happened_at <= OLDEST_ACCEPTED


def read_events(data: Path) -> Iterator[Event]:
    """Yield every event in the order of the log."""
    columns = "seq, event, user_id, time, first_delivered_at, properties"
    for seq, name, user, time, delivered, text in duckdb.execute(f"select {columns} from '{_events(data)}' order by seq").fetchall():
        yield Event(seq, name, user, datetime.fromtimestamp(time, UTC), datetime.fromtimestamp(delivered, UTC), text)


def read_calls(data: Path) -> Iterator[Event]:
    """Yield the calls of language models."""
    return (event for event in read_events(data) if event.name == "message_send")


def write_calls(data: Path, folder: Path) -> None:
    """Write the calls of language models as one CSV file, each ingested when it happened."""
    folder.mkdir(parents=True)
    with (folder / "calls.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("transaction_id", "customer_id", "event_type", "timestamp", "properties"))
        for call in read_calls(data):
            writer.writerow((call.seq, call.user, call.name, call.happened_at.isoformat(), call.text))


def expected_amounts(data: Path, prices: dict[str, Price]) -> dict[tuple[str, str], Decimal]:
    """Return US dollars per user and product of the calls whose user and price are known, unrounded."""
    amounts: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for call in read_calls(data):
        price = price_of(str(call.properties["main_model"]), prices)
        if call.user is None or price is None:
            continue
        amounts[call.user, "prompt_tokens"] += _integer(call, "prompt_tokens") * price.input
        amounts[call.user, "completion_tokens"] += _integer(call, "completion_tokens") * price.output
    return dict(amounts)


def write_clean_load(data: Path, folder: Path) -> None:
    """Write every event once, ingested at its first delivery, as one Parquet file."""
    folder.mkdir(parents=True)
    once = EVENTS.format(ingested_at="first_delivered_at")
    _copy(f"{once} from '{_events(data)}' order by seq", folder / "events.parquet")


def write_deliveries(data: Path, folder: Path, *, files: int) -> list[datetime]:
    """
    Write all deliveries, in order of delivery, as `files` Parquet files named `deliveries-00.parquet` and on.

    Returns the last instant of delivery in each file; every later file begins after it.
    """
    folder.mkdir(parents=True)
    source = f"'{data / 'aider_analytics_deliveries.parquet'}'"
    instants = [instant for (instant,) in duckdb.execute(f"select distinct delivered_at from {source} order by 1").fetchall()]
    last_instants = [instants[len(instants) * (n + 1) // files - 1] for n in range(files)]
    delivered = EVENTS.format(ingested_at="delivered_at")
    for n, last in enumerate(last_instants):
        after = last_instants[n - 1] if n else 0
        _copy(
            f"{delivered} from {source} as deliveries"
            f" inner join '{_events(data)}' as events on deliveries.event_seq = events.seq"
            f" where delivered_at > {after} and delivered_at <= {last}"
            " order by delivered_at, snapshot_commit, line_no",
            folder / f"deliveries-{n:02}.parquet",
        )
    return [datetime.fromtimestamp(last, UTC) for last in last_instants]


def _copy(query: str, target: Path) -> None:
    duckdb.execute(f"copy ({query}) to '{target}' (format parquet)")


def _events(data: Path) -> Path:
    return data / "aider_analytics_events.parquet"


def _integer(event: Event, name: str) -> int:
    value = event.properties[name]
    assert isinstance(value, int)
    return value
