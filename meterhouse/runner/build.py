"""A run: from event files and a catalogue to a publication, through every finalization instant on the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from meterhouse.runner import control
from meterhouse.runner.dbt import Dbt, Watch
from meterhouse.runner.disk import full_disk_is_said
from meterhouse.runner.errors import ClockError
from meterhouse.runner.incoming import lay_incoming_view, refuse_moving_files, register_event_files
from meterhouse.runner.last_run import noted
from meterhouse.runner.lock import one_run_at_a_time
from meterhouse.runner.project import assemble_project
from meterhouse.runner.publish import Facts, kept_publications, publish_marts, read_manifest
from meterhouse.runner.run_log import RunLog, logged
from meterhouse.runner.texts import written
from meterhouse.runner.warehouse import open_warehouse
from meterhouse.runner.workspace import Workspace

Progress = Callable[[str], None]
TABLES = ("--select", "config.materialized:table", "config.materialized:incremental")
# what says when invoices become final, and all that it follows from besides the catalogue
TABLES_OF_DATES = (
    "int_voided_invoices",
    "billing_periods",
    "int_subscription_charges",
    "int_recurring_grants",
    "int_rollovers",
    "int_commits",
    "int_commit_segments",
    "int_dated_true_ups",
)
# the rooms whose views change with the metrics: their columns are the properties that metrics read
ROOMS_OF_METRICS = ("path:models/metrics", "path:models/events")


@dataclass(frozen=True)
class BuildResult:
    """What a run did: its clock, its steps' clocks (UTC, ascending) and the tables it published."""

    as_of: datetime
    steps: tuple[datetime, ...]
    new_event_files: int
    tables: tuple[str, ...]
    published: Path


def build(
    workspace: Workspace,
    as_of: datetime,
    *,
    stops: Sequence[datetime] = (),
    progress: Progress = lambda message: None,
    watch: Watch = lambda outcome: None,
    log: str | None = None,
) -> BuildResult:
    """
    Build the workspace up to the clock `as_of` (UTC; what arrives at or after it is left for later) and publish it.

    The run passes through every finalization instant on the way, and through the `stops` (UTC) as well. `watch` is told what
    came of each model and test. `log` is a file to which the run appends what it does, a JSON object a line; `-` is stderr.

    Raises:
        MetricErrors, CatalogueError: the workspace is faulty; every fault at once.
        EventFileError: an event file is missing, broken or has changed.
        ClockError: an earlier run had a later clock.
        WarehouseBusyError: another run is at work on the warehouse.
        WarehouseError: the warehouse file cannot be opened.
        DiskFullError: there is no space left; the publication stays as it was.
        LogError: `log` cannot be written; nothing is done.
        BuildFailed, GatesFailed: a model or a test failed; the publication stays as it was.
    """
    with logged(workspace, as_of, log) as run_log, full_disk_is_said(workspace):
        # a run that is refused because of another one leaves that one's files and note alone
        with one_run_at_a_time(workspace), noted(workspace, as_of):
            return _build(workspace, as_of, stops, progress, watch, run_log)


def _build(workspace: Workspace, as_of: datetime, stops: Sequence[datetime], progress: Progress, watch: Watch, log: RunLog) -> BuildResult:
    kept_publications()  # a wrong setting is found before the work, not after it
    progress("compiling metrics, checking the catalogue")
    with log.phase("compile"):
        fingerprints = assemble_project(workspace)
    con = _prepared_warehouse(workspace.warehouse)
    try:
        with Dbt(workspace.project, workspace.warehouse.resolve(), log.watching(watch)).opened() as dbt:
            return _Run(workspace, con, dbt, progress, log).to(as_of, stops, fingerprints)
    finally:
        con.close()


@dataclass
class _Run:
    workspace: Workspace
    con: duckdb.DuckDBPyConnection
    dbt: Dbt
    progress: Progress
    log: RunLog

    def to(self, as_of: datetime, stops: Sequence[datetime], fingerprints: dict[str, str]) -> BuildResult:
        control.undo_unfinished_steps(self.con)
        self._refuse_earlier_clock(as_of)
        changed = control.changed_fingerprints(self.con, fingerprints)
        instants = self._instants(as_of, stops, changed)
        new_files = 0
        for number, instant in enumerate(instants, start=1):
            self.progress(f"step {number} of {len(instants)}: building up to {instant:%Y-%m-%d %H:%M} UTC")
            with self.log.step(number, len(instants), instant) as ended:
                ended["new_event_files"] = self._step(number, instants, changed if number == 1 else set(), fingerprints)
                new_files += ended["new_event_files"]
        self.progress("testing")
        with self.log.phase("tests"):
            self.dbt.test()
        control.pass_steps(self.con)
        self.progress("publishing")
        with self.log.phase("publish"):
            tables = publish_marts(self.con, self.workspace.published, Facts(as_of, instants, fingerprints))
        self._note_publication()
        return BuildResult(as_of, tuple(instants), new_files, tuple(tables), self.workspace.published)

    def _step(self, number: int, instants: list[datetime], changed: set[str], fingerprints: dict[str, str]) -> int:
        """Build up to one of the instants; the first step takes in the event files. Return how many of them are new."""
        step_id = control.begin_step(self.con, instants[number - 1], rebuilds_all=bool(changed))
        if changed:
            control.drop_derived_tables(self.con)
        new_files = 0
        if number == 1:
            with self.log.phase("events", step=number):
                new_files = register_event_files(self.con, self.workspace.events, self.workspace.staged_events, step_id)
            control.store_fingerprints(self.con, fingerprints, step_id)
        lay_incoming_view(self.con)
        try:
            with self.log.phase("models", step=number):
                self.dbt.run(*_selection(changed, is_only_step=len(instants) == 1))
        finally:
            # a file that went or changed is the cause of what else is wrong
            refuse_moving_files(self.con)
        control.finish_step(self.con, step_id)
        return new_files

    def _note_publication(self) -> None:
        """Tell the log what is published now, while no other run can be at work."""
        folder = (self.workspace.published / "current").resolve()
        self.log.result |= {"publication": str(folder), "tables": (read_manifest(folder) or {}).get("tables", {})}

    def _refuse_earlier_clock(self, as_of: datetime) -> None:
        last = control.last_passed_clock(self.con)
        if last is not None and as_of < last:
            raise ClockError(
                f"the clock of this run is {written(as_of)}, but {self.workspace.warehouse} is already at"
                f" {written(last)}; choose a clock from there on, or build into another warehouse"
            )

    def _instants(self, as_of: datetime, stops: Sequence[datetime], changed: set[str]) -> list[datetime]:
        """Every stop and finalization instant after the last clock, then the clock itself."""
        control.begin_step(self.con, as_of, rebuilds_all=True)
        seeds = sorted(name.removeprefix("seed ") for name in changed if name.startswith("seed "))
        if seeds:
            self.progress("loading the catalogue")
            with self.log.phase("seed"):
                self.dbt.seed(seeds)
        with self.log.phase("dates"):
            self.dbt.run("--select", *(["+int_due_instants"] if "models" in changed else TABLES_OF_DATES))
        due = self.con.execute("select due_at from usage.int_due_instants where due_at <= ?", [as_of]).fetchall()
        control.undo_unfinished_steps(self.con)
        last = control.last_passed_clock(self.con)
        on_the_way = {*stops, *(instant for (instant,) in due)}
        return [*sorted(i for i in on_the_way if (last is None or i > last) and i < as_of), as_of]


def _selection(changed: set[str], *, is_only_step: bool) -> tuple[str, ...]:
    """
    What dbt runs in a step. A view stays as it is until its SQL changes, and making it takes as long as a table.

    The tables of dates are up to the clock of the run already; with steps before it, or dropped, they are made again.
    """
    if "models" in changed:
        return ()
    if changed:
        return (*TABLES, *ROOMS_OF_METRICS)
    return (*TABLES, "--exclude", *TABLES_OF_DATES) if is_only_step else TABLES


def _prepared_warehouse(path: Path) -> duckdb.DuckDBPyConnection:
    path.resolve().parent.mkdir(parents=True, exist_ok=True)
    con = open_warehouse(path)
    control.create_control_tables(con)
    return con
