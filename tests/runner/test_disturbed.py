"""What happens to a run from outside while it is at work: files that move, a full disk, a second run. The next run makes it good."""

import resource
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest

from meterhouse.runner import MeterhouseError, build, event_files
from meterhouse.runner.dbt import Outcome, Watch
from meterhouse.runner.errors import WarehouseBusyError
from meterhouse.runner.lock import one_run_at_a_time
from meterhouse.runner.workspace import PROJECT_FOLDER
from tests.runner.shop import SECOND, SECOND_CLOCK, THIRD_CLOCK, fresh_build
from tests.worlds import World, differences, instant

Disturbance = Callable[[Path], object]


def grow(path: Path) -> None:
    """Let a writer be at work still: the file gains bytes."""
    with path.open("ab") as file:
        file.write(b"\n" if path.suffix == ".csv" else b"PAR1")


# when it happens, what happens, and what the run says
MOVING_FILES: dict[str, tuple[str, str, Disturbance, str]] = {
    "CSV grows while it is read": ("second.csv", "reading", grow, "second.csv: was written to while it was read; name a file *.part"),
    "Parquet grows while it is read": ("second.parquet", "reading", grow, "second.parquet: was written to while it was read"),
    "NDJSON goes while it is read": ("second.ndjson", "reading", Path.unlink, "second.ndjson: is gone before all of it was read"),
    "Parquet goes while it is read": ("second.parquet", "reading", Path.unlink, "second.parquet: is gone before all of it was read"),
    "Parquet grows while models build": ("second.parquet", "building", grow, "second.parquet: has changed since it was read"),
    "Parquet goes while models build": ("second.parquet", "building", Path.unlink, "second.parquet: is gone before all of it was read"),
}


def test_files_that_move_under_a_run(shop: World, subtests: pytest.Subtests) -> None:
    published = shop.workspace.publication.read_bytes()
    for name, (file, moment, disturbance, message) in MOVING_FILES.items():
        with subtests.test(name):
            path = shop.events(file, SECOND)
            with pytest.raises(MeterhouseError) as raised, moved_while(moment, path, disturbance) as watch:
                build(shop.workspace, instant(SECOND_CLOCK), watch=watch)
            assert message in str(raised.value)
            assert len(str(raised.value).splitlines()) == 1
            assert shop.workspace.publication.read_bytes() == published
            path.unlink(missing_ok=True)

    shop.events("second.parquet", SECOND)
    ends_undisturbed(shop)


@contextmanager
def moved_while(moment: str, path: Path, disturbance: Disturbance) -> Iterator[Watch]:
    """Disturb a file once, when its content is hashed or when the events are stored; the latter needs the watch given."""
    done = threading.Event()

    def disturb() -> None:
        if not done.is_set():
            done.set()
            disturbance(path)

    def disturb_after_events(outcome: Outcome) -> None:
        if outcome.unique_id.endswith(".int_events"):
            disturb()

    def hash_then_disturb(of: Path) -> str:
        content_hash = hash_file(of)
        if of == path:
            disturb()
        return content_hash

    hash_file = event_files.hash_file
    if moment == "building":
        yield disturb_after_events
    else:
        with patch.object(event_files, "hash_file", hash_then_disturb):
            yield lambda _: None
    assert done.is_set()


def command_line(world: World, clock: str) -> list[str]:
    workspace = world.workspace
    places = [f"--{name}={getattr(workspace, name)}" for name in ("metrics", "catalog", "events", "warehouse")]
    return [sys.executable, "-m", "meterhouse.cli", "build", "--as-of", clock, *places]


FULL_DISK = "no space left; nothing is published, the next run undoes this one: free some space and run again"


def test_a_full_disk_under_the_warehouse(shop: World) -> None:
    shop.events("second.parquet", SECOND)
    published = shop.workspace.publication.read_bytes()
    # no byte of a file can lie behind the first two megabytes: the warehouse is larger already
    limit = 2_000_000
    assert shop.workspace.warehouse.stat().st_size > limit
    ended = subprocess.run(
        command_line(shop, SECOND_CLOCK), cwd=PROJECT_FOLDER, capture_output=True, text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )  # fmt: skip

    assert (ended.returncode, FULL_DISK in ended.stderr) == (1, True), ended.stdout + ended.stderr
    assert shop.workspace.publication.read_bytes() == published
    ends_undisturbed(shop)


def test_a_full_disk_under_the_publication(shop: World) -> None:
    shop.events("second.parquet", SECOND)
    before = shop.workspace.publication.resolve()
    with small_disk(shop.workspace.published, shop.folder / "room") as free:
        ended = subprocess.run(command_line(shop, SECOND_CLOCK), cwd=PROJECT_FOLDER, capture_output=True, text=True)
        assert (ended.returncode, FULL_DISK in ended.stderr) == (1, True), ended.stdout + ended.stderr
        assert shop.workspace.publication.resolve() == before
        free()
        ends_undisturbed(shop)


@contextmanager
def small_disk(folder: Path, kept: Path) -> Iterator[Callable[[], object]]:
    """Put a folder on a disk that is all but full; the function given makes room."""
    folder.rename(kept)
    folder.mkdir()
    try:
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(folder)], capture_output=True, text=True)
    except FileNotFoundError as error:
        pytest.skip(f"no small disk: {error}")
    if mounted.returncode:
        pytest.skip(f"no small disk may be mounted here: {mounted.stderr.strip()}")
    try:
        shutil.copytree(kept, folder, symlinks=True, dirs_exist_ok=True)
        ballast = folder / "ballast"
        ballast.write_bytes(bytes(shutil.disk_usage(folder).free - 500_000))
        yield ballast.unlink
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def ends_undisturbed(shop: World) -> None:
    """Build, and find the rows of a run that nothing came between."""
    shop.build(SECOND_CLOCK)
    is_undisturbed(shop)


def is_undisturbed(shop: World) -> None:
    found = shop.marts()
    assert differences(fresh_build(shop, SECOND_CLOCK), found) == []


def test_event_files_by_another_name_are_no_second_delivery(shop: World) -> None:
    shop.events("second.parquet", SECOND)
    shop.build(SECOND_CLOCK)
    linked = shop.folder / "linked"
    linked.symlink_to(shop.workspace.events)
    (Path(shop.workspace.events) / "twice.parquet").symlink_to("second.parquet")

    result = build(replace(shop.workspace, events=str(linked)), instant(THIRD_CLOCK))

    assert result.new_event_files == 0
    assert shop.rows("select * from marts.rejected_events where reason = 'duplicate'") == []


def test_of_two_runs_started_at_once_one_is_refused(shop: World) -> None:
    shop.events("second.parquet", SECOND)
    runs = [
        subprocess.Popen(command_line(shop, SECOND_CLOCK), cwd=PROJECT_FOLDER, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    ended = sorted((run.communicate()[1], run.returncode) for run in runs)

    refused = [text for text, code in ended if code == 1]
    assert [code for _, code in ended].count(0) == 1, ended
    assert "another run is at work on this warehouse; wait for it to end" in refused[0]
    is_undisturbed(shop)


def test_a_refused_run_leaves_the_other_one_alone(shop: World) -> None:
    note = (shop.workspace.state_folder / "last_run.json").read_bytes()
    shop.metric("units", "select this is no query")
    with one_run_at_a_time(shop.workspace), pytest.raises(WarehouseBusyError):
        shop.build(SECOND_CLOCK)
    assert (shop.workspace.state_folder / "last_run.json").read_bytes() == note
