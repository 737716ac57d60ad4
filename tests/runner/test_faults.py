"""What a person does wrong gives one clear message; nothing is published, nothing is lost."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from meterhouse.catalogue import CatalogueError
from meterhouse.compiler import MetricErrors
from meterhouse.runner import MeterhouseError
from tests.runner.shop import SECOND, SECOND_CLOCK
from tests.worlds import World, differences, event

Fault = Callable[[World], object]


def spoil(name: str, change: Callable[[bytes], bytes]) -> Fault:
    """Return a fault: new events come in a file whose bytes are changed."""

    def fault(world: World) -> None:
        path = world.events(name, SECOND)
        path.write_bytes(change(path.read_bytes()))

    return fault


def half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def take_events_away(world: World) -> None:
    (world.folder / "events").rename(world.folder / "events-elsewhere")


def change_a_read_file(world: World) -> None:
    path = world.folder / "events" / "first.csv"
    path.write_text(path.read_text().replace("""{""units"":3""", """{""units"":4"""))


# Faults of the workspace, found before the warehouse is opened.
WORKSPACE_FAULTS: dict[str, tuple[Fault, str]] = {
    "no folder of metrics": (
        lambda world: shutil.rmtree(world.folder / "metrics"),
        "metrics: no such folder; the metrics of a workspace is a folder of files",
    ),
    "no folder of the catalogue": (
        lambda world: shutil.rmtree(world.folder / "catalog"),
        "catalog: no such folder; the catalogue of a workspace is a folder of files",
    ),
    "syntax error in a metric": (
        lambda world: world.metric("units", "select sum(properties.units as value from events"),
        "metrics/units.sql:1:",
    ),
    "faulty catalogue": (
        lambda world: world.catalog(customer_aliases="customer_id,alias\nacmee,acme-us"),
        'customer_aliases.csv:2: customer_id "acmee"',
    ),
    "catalogue file cut in half": (
        lambda world: world.catalog(contracts="contract_id,customer_id,rate_card_id,starting_at\nk1,acme,ca"),
        "contracts.csv:2: ",
    ),
    "a product's metric is gone": (
        lambda world: (world.folder / "metrics" / "units.sql").rename(world.folder / "metrics" / "unit.sql"),
        'products.csv:2: metric "units"',
    ),
}

# Faults of event files, found when the run takes them in.
EVENT_FAULTS: dict[str, tuple[Fault, str]] = {
    "events folder is missing": (take_events_away, "events: no event files here; give a folder, a file or a glob"),
    "a file that was read has changed": (
        change_a_read_file,
        "events/first.csv: has changed since it was read; event files are never changed",
    ),
    "CSV line with too few values": (
        spoil("second.csv", lambda content: content + b"x,acme\n"),
        "events/second.csv:4: broken line",
    ),
    "CSV line with too many values": (
        spoil("second.csv", lambda content: content + b"x,acme,use,2026-01-13T10:00:00Z,{},,7\n"),
        "events/second.csv:4: broken line",
    ),
    "CSV with a quote that does not end": (
        spoil("second.csv", lambda content: content + b'x,acme,use,2026-01-13T10:00:00Z,"{}\n'),
        "events/second.csv:4: broken line",
    ),
    "CSV that is not UTF-8": (
        spoil("second.csv", lambda content: content + "x,acmé,use,2026-01-13T10:00:00Z,{},\n".encode("latin-1")),
        "events/second.csv",
    ),
    "CSV without a column": (
        spoil("second.csv", lambda content: content.replace(b"timestamp", b"time")),
        "events/second.csv:1: the header lacks timestamp; it has transaction_id, customer_id, event_type, time,",
    ),
    "CSV with a column twice": (
        spoil("second.csv", lambda content: content.replace(b"ingested_at", b"timestamp")),
        "events/second.csv:1: the header has timestamp twice",
    ),
    "empty CSV": (spoil("second.csv", lambda content: b""), "events/second.csv:1: the header lacks"),
    "NDJSON cut short": (spoil("second.ndjson", lambda content: content[:-20]), "events/second.ndjson:2: is no JSON object"),
    "NDJSON of arrays": (
        spoil("second.ndjson", lambda content: b"[1]\n" + content),
        "events/second.ndjson:1: is no JSON object: [1]; write one event per line",
    ),
    "NDJSON with bytes that are no text": (
        spoil("second.ndjson", lambda content: content + b'{"transaction_id":"\xff\xfe"}\n'),
        "events/second.ndjson",
    ),
    "Parquet cut in half": (
        spoil("second.parquet", half),
        "events/second.parquet: cannot be read as Parquet; is it cut short?",
    ),
    "empty Parquet": (spoil("second.parquet", lambda content: b""), "events/second.parquet: cannot be read as Parquet"),
    "Parquet without a column": (
        spoil("second.parquet", lambda content: content.replace(b"event_type", b"event_kind")),
        "events/second.parquet: has no column event_type; of an event's columns it has customer_id,",
    ),
    "a file of a format that is not read": (
        lambda world: (world.folder / "events" / "second.json.gz").write_bytes(b"usage"),
        "events/second.json.gz: events are read from .parquet, .csv, .ndjson and .jsonl files, not from .gz; convert it,",
    ),
    "CSV under the name of Parquet": (
        spoil("second.parquet", lambda content: b"transaction_id,customer_id\n"),
        "events/second.parquet: cannot be read as Parquet",
    ),
}


@contextmanager
def mended(world: World, place: Path) -> Iterator[None]:
    """Put metrics, catalogue and events back to what they were."""
    for part in ("metrics", "catalog", "events"):
        shutil.copytree(world.folder / part, place / part, dirs_exist_ok=True)
    try:
        yield
    finally:
        for part in ("metrics", "catalog", "events", "events-elsewhere"):
            shutil.rmtree(world.folder / part, ignore_errors=True)
            if (place / part).exists():
                shutil.copytree(place / part, world.folder / part)


def fails_with(world: World, message: str, clock: str = SECOND_CLOCK) -> None:
    """The build ends with one message that holds `message`, and readers see what they saw before."""
    published = world.workspace.publication.read_bytes()
    with pytest.raises((MeterhouseError, CatalogueError, MetricErrors)) as raised:
        world.build(clock)
    text = str(raised.value)
    assert message in text
    assert len(text.splitlines()) == 1, text
    assert world.workspace.publication.read_bytes() == published


def test_faults_of_the_workspace_do_not_touch_the_warehouse(shop: World, tmp_path: Path, subtests: pytest.Subtests) -> None:
    before = shop.workspace.warehouse.read_bytes()
    for name, (fault, message) in WORKSPACE_FAULTS.items():
        with subtests.test(name), mended(shop, tmp_path):
            fault(shop)
            fails_with(shop, message)
            assert shop.workspace.warehouse.read_bytes() == before


def test_faults_of_event_files_lose_nothing(shop: World, tmp_path: Path, subtests: pytest.Subtests) -> None:
    for name, (fault, message) in EVENT_FAULTS.items():
        with subtests.test(name), mended(shop, tmp_path):
            fault(shop)
            fails_with(shop, message)
    with subtests.test("clock going backwards"):
        fails_with(shop, "is already at 2026-01-12T00:00:00Z; choose a clock from there on", "2026-01-11T00:00:00Z")
    with subtests.test("another process writes to the warehouse"), writing_elsewhere(shop.workspace.warehouse):
        fails_with(shop, "warehouse.duckdb: another process writes to this warehouse; wait for it to end")

    with subtests.test("after mending, the rows of an undisturbed run"):
        shop.events("second.csv", SECOND)
        shop.build(SECOND_CLOCK)
        found = shop.marts()
        shop.lay_empty_warehouse()
        shop.build(SECOND_CLOCK)
        assert differences(shop.marts(), found) == []


@contextmanager
def writing_elsewhere(warehouse: Path) -> Iterator[None]:
    """Let another process hold the warehouse."""
    program = "import duckdb, sys; con = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", program, str(warehouse)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout and writer.stdout.readline() == b"open\n"
        try:
            yield
        finally:
            writer.communicate()


FILE_NAMES = {
    "a format that is not read": ("events/notes.txt", "notes.txt: events are read from .parquet, .csv, .ndjson and .jsonl files"),
    "a glob that finds nothing": ("events/*.parquet", "events/*.parquet: no event files here; give a folder, a file or a glob"),
}


@pytest.mark.parametrize("place, message", FILE_NAMES.values(), ids=FILE_NAMES)
def test_a_place_without_event_files(place: str, message: str, tmp_path: Path) -> None:
    from meterhouse.runner.event_files import find_event_files

    (tmp_path / "events").mkdir()
    (tmp_path / "events" / "notes.txt").write_text("nothing")
    with pytest.raises(MeterhouseError) as raised:
        find_event_files(str(tmp_path / place))
    assert message in str(raised.value)


def test_a_file_that_goes_before_all_of_it_has_arrived(shop: World) -> None:
    path = shop.events("week.parquet", [*SECOND, event("e", "2026-01-11T10:00:00Z", {"units": 1})])
    shop.build("2026-01-12T12:00:00Z")
    path.unlink()

    fails_with(shop, "week.parquet: is gone before all of it was read; put it back")
