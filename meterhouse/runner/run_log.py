"""
What a run does, as events of the logger `meterhouse.run`; if asked for, as one JSON object a line in a file (docs/operations.md).

A program that configures logging itself gets the same records: `event`, `run` and `fields` are their attributes.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from heapq import nlargest
from importlib.metadata import version
from pathlib import Path
from typing import Any, TextIO
from uuid import uuid4

from meterhouse.runner.dbt import FAILED, Outcome, Watch
from meterhouse.runner.errors import LogError
from meterhouse.runner.texts import written
from meterhouse.runner.workspace import Workspace

LOGGER = logging.getLogger("meterhouse.run")
# without a handler of ours, Python would print warnings and errors on stderr, where the message of the run stands already
logging.getLogger("meterhouse").addHandler(logging.NullHandler())
STDERR = "-"
SLOWEST = 5


def log_target(given: str | None = None) -> str | None:
    """Return where runs are logged: the file given, else METERHOUSE_LOG, `-` for stderr; None for nowhere."""
    return given or os.environ.get("METERHOUSE_LOG") or None


class RunLog:
    """What one run says; all its events bear its `id`, and `result` is told when it ends."""

    def __init__(self) -> None:
        self.id = uuid4().hex[:12]
        self.result: dict[str, Any] = {}
        self._model_seconds: dict[str, float] = defaultdict(float)

    def say(self, event: str, level: int = logging.INFO, **fields: Any) -> None:
        """Log an event (snake_case) and what belongs to it, as JSON takes it."""
        LOGGER.log(level, "%s %s", event, fields, extra={"event": event, "run": self.id, "fields": fields})

    @contextmanager
    def timed(self, event: str, **fields: Any) -> Iterator[dict[str, Any]]:
        """Log an event at the end of the block, with its state and seconds, and with what the block adds to the fields given."""
        began, state = time.monotonic(), "failed"
        try:
            yield fields
            state = "passed"
        finally:
            self.say(event, **fields, state=state, seconds=_since(began))

    @contextmanager
    def step(self, number: int, steps: int, clock: datetime) -> Iterator[dict[str, Any]]:
        """Log the beginning and the end of a step; `clock` in UTC."""
        fields: dict[str, Any] = {"step": number, "steps": steps, "clock": written(clock)}
        self.say("step_started", **fields)
        with self.timed("step_ended", **fields) as ended:
            yield ended

    @contextmanager
    def phase(self, name: str, **fields: Any) -> Iterator[None]:
        """Log how long a part of the run took."""
        with self.timed("phase_ended", phase=name, **fields):
            yield

    def watching(self, watch: Watch) -> Watch:
        """Return a watch that logs what failed or warned, notes how long models took, and tells `watch`."""

        def note(outcome: Outcome) -> None:
            kind, _, name, *_ = outcome.unique_id.split(".")
            if kind == "model":
                self._model_seconds[name] += outcome.seconds
            found = {"name": name, "message": (outcome.message or "").strip(), "seconds": round(outcome.seconds, 3)}
            if outcome.status in FAILED:
                self.say(f"{kind}_failed", logging.ERROR, **found)
            elif outcome.status == "warn":
                self.say(f"{kind}_warned", logging.WARNING, **found)
            watch(outcome)

        return note

    def say_slowest_models(self) -> None:
        """Log which models took longest, all steps together."""
        slowest = nlargest(SLOWEST, self._model_seconds.items(), key=lambda model: model[1])
        if slowest:
            self.say("slowest_models", models=[{"name": name, "seconds": round(seconds, 3)} for name, seconds in slowest])


@contextmanager
def logged(workspace: Workspace, as_of: datetime, target: str | None) -> Iterator[RunLog]:
    """
    Log that a run up to `as_of` (UTC) begins and how it ends; write all it logs to `target`, a file or `-` for stderr.

    Raises:
        LogError: `target` cannot be written, and nothing is done yet.
    """
    log = RunLog()
    with _lines(log.id, target):
        places = {name: str(getattr(workspace, name)) for name in ("metrics", "catalog", "events", "warehouse")}
        log.say("run_started", clock=written(as_of), workspace=places, pid=os.getpid(), version=version("meterhouse"))
        began = time.monotonic()
        try:
            yield log
        except BaseException as error:
            log.say_slowest_models()
            failure = {"error": type(error).__name__, "message": str(error) or repr(error)}
            log.say("run_ended", logging.ERROR, state="failed", seconds=_since(began), **failure)
            raise
        log.say_slowest_models()
        log.say("run_ended", state="passed", seconds=_since(began), **log.result)


class _JsonLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        told = {"at": at, "level": record.levelname.lower(), "event": record.__dict__["event"], "run": record.__dict__["run"]}
        return json.dumps(told | record.__dict__["fields"])


class _Lines(logging.StreamHandler[TextIO]):
    """Writes the lines of one run. The first must be written; a run that is under way is worth more than its log."""

    def __init__(self, stream: TextIO, name: str, run: str) -> None:
        super().__init__(stream)
        self.setFormatter(_JsonLine())
        self.addFilter(lambda record: record.__dict__["run"] == run)
        self._target = name
        self._is_said = False

    def handleError(self, record: logging.LogRecord) -> None:
        error = sys.exception()
        if record.__dict__["event"] == "run_started":
            raise _unwritable(self._target, error) from error
        if not self._is_said:
            self._is_said = True
            with suppress(OSError):
                sys.stderr.write(f"{self._target}: the log cannot be written any more ({error}); the run goes on\n")


@contextmanager
def _lines(run: str, target: str | None) -> Iterator[None]:
    """Write the lines of a run to its target, if it has one."""
    if target is None:
        yield
        return
    try:
        stream = sys.stderr if target == STDERR else _opened(Path(target))
    except OSError as error:
        raise _unwritable(target, error) from error
    handler = _Lines(stream, target, run)
    LOGGER.addHandler(handler)
    # stays: another run of this process may be writing its own lines
    LOGGER.setLevel(logging.INFO)
    try:
        yield
    finally:
        LOGGER.removeHandler(handler)
        if stream is not sys.stderr:
            # what could not be written was said
            with suppress(OSError):
                stream.close()


def _opened(path: Path) -> TextIO:
    stream = path.open("a", encoding="utf-8")
    if path.is_file() and path.stat().st_size:
        with path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            if file.read() != b"\n":
                # a full disk cut the last line short: it stays a line of its own
                stream.write("\n")
    return stream


def _unwritable(target: str, error: BaseException | None) -> LogError:
    reason = getattr(error, "strerror", None) or error
    return LogError(f"{target}: the log of the run cannot be written ({reason}); choose another file, or - for stderr")


def _since(began: float) -> float:
    return round(time.monotonic() - began, 3)
