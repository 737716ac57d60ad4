"""
`meterhouse verify`: invoices as the warehouse holds them beside those that the auditor makes of the raw event files.

The auditor shares no code with the models. From the warehouse it is told what no file says: which runs there were, which
files each of them knew, and by which an invoice was stored.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import yaml

from meterhouse.auditor.audited import AuditedInvoice
from meterhouse.auditor.basic_filter import query_of
from meterhouse.auditor.catalogue import Catalogue, read_catalogue
from meterhouse.auditor.differences import Difference, differences
from meterhouse.auditor.events import Event, EventRow, accepted_events
from meterhouse.auditor.lines import Line
from meterhouse.auditor.metering import metrics_sold
from meterhouse.auditor.query import Metric
from meterhouse.auditor.query_text import CannotRead
from meterhouse.auditor.replay import History, replay
from meterhouse.evidence import EventDifference, Evidence, differing_events, evidence_of
from meterhouse.raw_events import read_raw_events
from meterhouse.runner.errors import MeterhouseError
from meterhouse.runner.event_files import find_event_files, hash_file
from meterhouse.runner.warehouse import open_warehouse
from meterhouse.runner.workspace import Workspace

Progress = Callable[[str], None]
Row = Mapping[str, Any]
LOOKS = ("type", "product_id", "pricing_group_values", "presentation_group_values", "tier", "charge", "starting_at", "ending_before")
LINES_WITH_CHARGES = """
select lines.*, hours.charge
from marts.invoice_line_items as lines
inner join (select line_item_id, any_value(charge) as charge from marts.line_items_hourly group by line_item_id) as hours
    using (line_item_id)
where lines.customer_id = ?
"""


@dataclass(frozen=True)
class Verdict:
    """What came of an invoice: nothing (it agrees), differences, or why it could not be verified."""

    invoice_id: str
    customer_id: str
    status: str
    amount_due: Any
    currency: str
    differences: tuple[Difference, ...] = ()
    not_verified: tuple[str, ...] = ()
    evidence: Evidence | None = None
    events: tuple[EventDifference, ...] = ()

    @property
    def differs(self) -> bool:
        return bool(self.differences or self.events)

    @property
    def agrees(self) -> bool:
        """It was made again, and is the same."""
        return not self.differs and not self.not_verified


@dataclass(frozen=True)
class Verification:
    """All verdicts, in the order of invoices, and what a reader should know beside them."""

    verdicts: tuple[Verdict, ...]
    notes: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        return not any(verdict.differs for verdict in self.verdicts)


def verify(
    workspace: Workspace, invoice_id: str | None = None, *, drafts: bool = False, progress: Progress = lambda message: None
) -> Verification:
    """
    Compute finalized invoices (with `drafts` all), or the one that is named, from raw events, and compare them with the warehouse.

    Raises:
        MeterhouseError: there is no warehouse, no such invoice, or an event file is gone.
        WarehouseBusyError: a run is writing.
    """
    con = _opened(workspace.warehouse)
    try:
        stored = {row["invoice_id"]: row for row in _rows(con, "select * from marts.invoices order by invoice_id")}
        if invoice_id is not None and invoice_id not in stored:
            near = difflib.get_close_matches(invoice_id, stored, n=3, cutoff=0.5)
            raise MeterhouseError(f"there is no invoice {invoice_id}" + (f"; did you mean {' or '.join(near)}?" if near else ""))
        return _Verifier(workspace, con, stored, progress).run(Wanted(invoice_id, drafts))
    finally:
        con.close()


@dataclass(frozen=True)
class Wanted:
    """One invoice, or all final ones, or all."""

    invoice_id: str | None
    drafts: bool

    def holds(self, row: Row) -> bool:
        return bool(self.drafts or row["status"] != "draft") if self.invoice_id is None else bool(row["invoice_id"] == self.invoice_id)


class _Customer(NamedTuple):
    """What a customer's invoices are made of."""

    catalogue: Catalogue
    customer_id: str
    metrics: Mapping[str, Metric]
    events: Sequence[Event]
    history: History


@dataclass
class _Verifier:
    workspace: Workspace
    con: duckdb.DuckDBPyConnection
    stored: dict[str, Row]
    progress: Progress
    notes: list[str] = field(default_factory=list)

    def run(self, wanted: Wanted) -> Verification:
        self.progress("reading catalogue and metrics")
        catalogue = read_catalogue(self.workspace.catalog)
        metrics, unread = read_metrics(self.workspace.metrics)
        unread_of = _unread_of_customers(catalogue, unread)
        history = self._history()
        if not history.steps:
            return Verification((), ("the warehouse has seen no run yet",))
        by_customer: dict[str, list[Event]] = defaultdict(list)
        for event in accepted_events(self._event_rows(), catalogue.customers_by_key, history.steps):
            by_customer[event.customer_id].append(event)
        customers = sorted({row["customer_id"] for row in self.stored.values() if wanted.invoice_id in (None, row["invoice_id"])})
        verdicts: list[Verdict] = []
        for number, customer_id in enumerate(customers, start=1):
            self.progress(f"customer {number} of {len(customers)}: {customer_id}")
            if customer_id in unread_of:
                unknown = tuple(f"the auditor does not know {rule}" for rule in dict.fromkeys(unread_of[customer_id]))
                own = [row for row in self.stored.values() if row["customer_id"] == customer_id]
                verdicts += [_verdict(row, not_verified=unknown) for row in own if wanted.holds(row)]
            else:
                verdicts += self._verdicts(_Customer(catalogue, customer_id, metrics, by_customer[customer_id], history), wanted)
        self._note_changes()
        return Verification(tuple(sorted(verdicts, key=lambda verdict: verdict.invoice_id)), tuple(self.notes))

    def _history(self) -> History:
        steps = self.con.execute("select step_id, as_of, is_plain from control.steps where passed order by step_id").fetchall()
        stored = self.con.execute("select invoice_id, step_id from control.finalized_invoices").fetchall()
        storing = frozenset(step for step, _, is_plain in steps if not is_plain)
        return History(tuple((step, clock) for step, clock, _ in steps), storing, dict(stored))

    def _event_rows(self) -> Iterable[EventRow]:
        """The rows of all files that some run knew; files that no run knows are told of and left out."""
        files = self.con.execute("select path, step_id, content_hash from control.event_files order by file_id").fetchall()
        known = {path for path, _, _ in files}
        new = [path for path in self._event_files() if str(path) not in known]
        if new:
            self.notes.append(f"{len(new)} event files are newer than the last run and were left out, {new[0]} first")
        for number, (path, step_id, content_hash) in enumerate(files, start=1):
            self.progress(f"event file {number} of {len(files)}: {path}")
            yield from read_raw_events(Path(path), step_id)
            if hash_file(Path(path)) != content_hash:
                self.notes.append(f"{path} has changed since a run read it")

    def _event_files(self) -> list[Path]:
        try:
            return find_event_files(self.workspace.events)
        except MeterhouseError:
            return []  # the files that runs knew are read by their own paths

    def _verdicts(self, customer: _Customer, wanted: Wanted) -> Iterator[Verdict]:
        """The verdicts on a customer's invoices, and on those that should be there and are not."""
        theirs = {name: row for name, row in self.stored.items() if row["customer_id"] == customer.customer_id}
        made = replay(*customer, self._line_ids(customer.customer_id), wanted.invoice_id)
        ours = {invoice.invoice_id: invoice for invoice in made}
        lines, hours = (
            _grouped(_rows(self.con, f"select * from marts.{mart} where customer_id = ? order by all", customer.customer_id))
            for mart in ("invoice_line_items", "line_items_hourly")
        )
        for name, row in theirs.items():
            is_overdue = wanted.invoice_id is None and name in ours and ours[name].step is not None and row["status"] == "draft"
            if wanted.holds(row) or is_overdue:
                yield self._verdict(customer, ours.get(name), row, lines[name], hours[name])
        for name, invoice in ours.items():
            if wanted.invoice_id is None and invoice.step is not None and name not in theirs:
                missing = Difference(name, None, None, "invoice_id", None, name)
                yield Verdict(name, customer.customer_id, "missing", None, invoice.currency, (missing,))

    def _verdict(self, customer: _Customer, ours: AuditedInvoice | None, row: Row, lines: Sequence[Row], hours: Sequence[Row]) -> Verdict:
        if ours is None:
            return _verdict(row, [Difference(row["invoice_id"], None, None, "invoice_id", row["invoice_id"], None)])
        found = differences(ours, row, lines, hours)
        if row["type"] != "usage":
            return _verdict(row, found)
        step = ours.step or customer.history.steps[-1][0]
        period = (row["period_start_at"], row["period_end_at"])
        held = [event for event in customer.events if period[0] <= event.timestamp < period[1] and event.step <= step]
        differing = differing_events(self.con, customer.customer_id, period, step, held)
        evidence = evidence_of(customer.catalogue, customer.metrics, held, found, differing, period) if found else None
        return replace(_verdict(row, found), evidence=evidence, events=differing)

    def _line_ids(self, customer_id: str) -> Callable[[Line], str]:
        """
        The ids that the marts gave to lines, for lines are drawn in the order of their ids where no rule tells them apart.

        Lines that look the same but for their price are told apart by it.
        """
        places: dict[tuple[Any, ...], dict[str, set[Any]]] = defaultdict(dict)
        for row in _rows(self.con, LINES_WITH_CHARGES, customer_id):
            key = row["line_item_id"].removesuffix(f"/{row['segment_id']}") if row["segment_id"] else row["line_item_id"]
            place = tuple(row[name] for name in ("invoice_id", *LOOKS))
            places[place].setdefault(key, set()).add(row["unit_price"])

        def line_id(line: Line) -> str:
            keys = places.get((line.key.invoice_id, *(getattr(line.key, name) for name in LOOKS)), {})
            return min((key for key, prices in keys.items() if line.key.unit_price in prices), default=min(keys, default=""))

        return line_id

    def _note_changes(self) -> None:
        """What may explain a difference: inputs that changed after invoices were stored, and rows that were touched since."""
        changed = self.con.execute(
            "select distinct name from control.fingerprints where name <> 'models' and step_id > (select min(step_id)"
            " from control.finalized_invoices) order by name"
        ).fetchall()
        if changed:
            names = ", ".join(name.replace("seed ", "") + (".csv" if name.startswith("seed ") else "") for (name,) in changed)
            self.notes.append(f"changed after invoices were stored: {names}; stored invoices were made of what these said before")


def read_metrics(folder: Path) -> tuple[dict[str, Metric], dict[str, str]]:
    """The metrics of a folder as the auditor reads them, and of those that it cannot read the reason."""
    metrics, unread = {}, {}
    for path in sorted([*folder.glob("*.sql"), *folder.glob("*.yml")]):
        text = path.read_text(encoding="utf-8")
        try:
            metrics[path.stem] = Metric(query_of(yaml.safe_load(text)) if path.suffix == ".yml" else text)
        except CannotRead as error:
            unread[path.stem] = str(error)
    return metrics, unread


def _unread_of_customers(catalogue: Catalogue, unread: Mapping[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for contract in catalogue.contracts:
        for name in sorted(metrics_sold(catalogue, contract) & unread.keys()):
            found[contract.customer_id].append(f"the metric {name}: {unread[name]}")
    return dict(found)


def _verdict(row: Row, found: Sequence[Difference] = (), not_verified: tuple[str, ...] = ()) -> Verdict:
    return Verdict(row["invoice_id"], row["customer_id"], row["status"], row["amount_due"], row["currency"], tuple(found), not_verified)


def _grouped(rows: Iterable[Row]) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row["invoice_id"]].append(row)
    return groups


def _rows(con: duckdb.DuckDBPyConnection, query: str, *parameters: Any) -> list[Row]:
    cursor = con.execute(query, list(parameters))
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _opened(path: Path) -> duckdb.DuckDBPyConnection:
    if not path.exists():
        raise MeterhouseError(f"{path}: there is no warehouse; run `meterhouse build` or `meterhouse demo` first")
    return open_warehouse(path, read_only=True)
