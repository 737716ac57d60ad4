"""
A customer's invoices, from events, in the order in which they became final.

Each run stores the invoices whose time has come: from the events that it and the runs before it took in, and from what
balances still held after the invoices that earlier runs stored. What is left over at the last clock are drafts.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from meterhouse.auditor.amendments import changes, key_of, replaced_events
from meterhouse.auditor.audited import AuditedInvoice, AuditedLine
from meterhouse.auditor.audited_lines import charge_line, drawn_parts, true_up_line, undrawn_line
from meterhouse.auditor.balances import Balance, balances
from meterhouse.auditor.catalogue import Catalogue
from meterhouse.auditor.charges import dated_charges
from meterhouse.auditor.composites import rate_composites
from meterhouse.auditor.drawdown import DrawnLine, draw_down
from meterhouse.auditor.events import Event
from meterhouse.auditor.exact import ZERO, exactly, rounded
from meterhouse.auditor.grants import with_grants
from meterhouse.auditor.invoices import conversions, decimal_places, usage_invoices
from meterhouse.auditor.late_lines import LateUsage
from meterhouse.auditor.lines import Line
from meterhouse.auditor.metering import metered_hours
from meterhouse.auditor.periods import Period, billing_periods, usage_invoice_id
from meterhouse.auditor.postpaid import true_up_at, true_up_invoice_id
from meterhouse.auditor.query import Metric
from meterhouse.auditor.query_expressions import UsageEvent
from meterhouse.auditor.rating import RatedRow, rate_usage
from meterhouse.auditor.rollovers import known_at, rolled_over
from meterhouse.auditor.subscriptions import rate_subscriptions
from meterhouse.auditor.tables import Contract
from meterhouse.auditor.voids import voids


@dataclass(frozen=True)
class History:
    """The runs with their clocks (UTC), in order; which of them store invoices, and by which an invoice was stored."""

    steps: tuple[tuple[int, datetime], ...]
    storing: frozenset[int]
    stored: Mapping[str, int]

    def step_of(self, invoice_id: str, finalizes_at: datetime) -> int | None:
        """The run that stored an invoice, else the first one whose clock had reached its time."""
        due = next((step for step, clock in self.steps if step in self.storing and clock >= finalizes_at), None)
        return self.stored.get(invoice_id, due)


@exactly
def replay(
    catalogue: Catalogue,
    customer_id: str,
    metrics: Mapping[str, Metric],
    events: Sequence[Event],
    history: History,
    tie_break: Callable[[Line], str],
    until: str | None = None,
) -> list[AuditedInvoice]:
    """
    All invoices of a customer, stored ones in their order, drafts last; with `until`, up to the run of that invoice.

    `events` are the accepted events of the customer; lines that no rule tells apart draw in the order of `tie_break`.
    """
    own = _of_customer(catalogue, customer_id)
    run = _Replay(own, customer_id, metrics, events, history, tie_break)
    return list(run.invoices(until))


def _of_customer(catalogue: Catalogue, customer_id: str) -> Catalogue:
    contracts = tuple(contract for contract in catalogue.contracts if contract.customer_id == customer_id)
    names = {contract.contract_id for contract in contracts}
    subscriptions = tuple(row for row in catalogue.subscriptions if row.contract_id in names)
    recurring = tuple(row for row in catalogue.recurring_commits if row.contract_id in names)
    return replace(catalogue, contracts=contracts, subscriptions=subscriptions, recurring_commits=recurring)


class _Replay:
    def __init__(
        self,
        catalogue: Catalogue,
        customer_id: str,
        metrics: Mapping[str, Metric],
        events: Sequence[Event],
        history: History,
        tie_break: Callable[[Line], str],
    ) -> None:
        self.catalogue, self.customer_id, self.metrics, self.history, self.tie_break = catalogue, customer_id, metrics, history, tie_break
        clock = history.steps[-1][1]
        self.events = [(event, event.usage()) for event in events]
        self.granted = with_grants(catalogue, clock)
        self.charges = dated_charges(self.granted, customer_id, clock)
        self.renewals = [row for row in catalogue.contract_transitions if row.from_contract_id in catalogue.contracts_by_id]
        self.drawn: dict[str, Decimal] = {}
        self.drawn_by: dict[str, dict[str, Decimal]] = {}
        # invoices of periods go by the id of the period's first one; `current` tells the one that stands in its place
        self.final: set[str] = set()
        self.current: dict[str, str] = {}
        self.made: list[AuditedInvoice] = []
        self.voided: set[str] = set()
        begun = [(contract.contract_id, period.starting_at, self._id(contract, period)) for contract, period in self._periods(clock)]
        self.voids = voids(catalogue, begun, clock)
        self.first_of = {void.regenerated_as: void.base for void in self.voids if void.regenerated_as and void.base}
        self.late = LateUsage(catalogue)

    def invoices(self, until: str | None) -> Iterator[AuditedInvoice]:
        last, clock = self.history.steps[-1]
        times = self._finalization_instants(clock)
        run_of = {name: self.history.step_of(name, at) for name, at in times.items()}
        clocks = dict(self.history.steps)
        wanted = run_of.get(until) if until is not None else None
        for step in sorted({step for step in run_of.values() if step is not None}):
            if wanted is not None and step > wanted:
                return
            made = list(self._as_of(step, clocks[step], {name: times[name] for name, run in run_of.items() if run == step}, step))
            self.made += made
            yield from (replace(one, is_void=any(void.names(one) for void in self.voids)) for one in made)
        if until is None or wanted is None:
            drafts = {name: at for name, at in times.items() if run_of[name] is None}
            yield from self._as_of(last, clock, drafts, None)

    def _finalization_instants(self, clock: datetime) -> dict[str, datetime]:
        """Usage invoices are final when their grace has passed, scheduled ones at the first date of their charges."""
        times = {
            usage_invoice_id(self.catalogue, contract, period): period.ending_before + timedelta(hours=contract.grace_period_hours)
            for contract, period in self._periods(clock)
        }
        usage = set(times)
        dated = [(charge.invoice_id, charge.dated_at) for charge in self.charges]
        dated += [(row.invoice_id, row.dated_at) for row in rate_subscriptions(self.catalogue, clock) if row.dated_at]
        for name, at in dated:
            if name not in usage:
                times[name] = min(at, times.get(name, at))
        times |= {true_up_invoice_id(balance): true_up_at(self.catalogue, balance) for balance in self._promised(clock)}
        times |= {void.regenerated_as: void.regenerated_at for void in self.voids if void.regenerated_as and void.regenerated_at}
        return times

    def _promised(self, clock: datetime) -> Iterator[Balance]:
        """Postpaid commits that have begun."""
        for balance in balances(self.granted, self.customer_id):
            if balance.commit.type == "postpaid" and balance.segment.starting_at <= clock:
                yield balance

    def _periods(self, clock: datetime) -> Iterator[tuple[Contract, Period]]:
        for contract in self.catalogue.contracts:
            for period in billing_periods(self.catalogue, contract, clock):
                yield contract, period

    def _as_of(self, step: int, clock: datetime, due: Mapping[str, datetime], stored_by: int | None) -> Iterator[AuditedInvoice]:
        """The invoices that are due in a run, from all that is open in it; they are final for the runs after it."""
        self._roll_over(clock)
        self._carry_out_voids(clock)
        names = {self.first_of.get(name, name): name for name in due}
        due = {first: due[name] for first, name in names.items()}
        rows = self._rows(step, clock)
        drawn = draw_down(self.catalogue, rows, clock, self._line_id, self.drawn)
        late = dict(self._late_lines(step, clock))
        for balance in self._promised(clock):
            name = true_up_invoice_id(balance)
            if name in due:
                yield self._true_up(balance, name, due[name], drawn, stored_by)
                due = {other: at for other, at in due.items() if other != name}
                self.final.add(name)
        for name, at in sorted(due.items()):
            of_invoice = [line for line in drawn if line.line.key.invoice_id == name]
            invoice = self._invoice(name, at, clock, of_invoice, late.get(name, []), stored_by)
            yield replace(invoice, invoice_id=names[name], regenerated_from=self._regenerated_from(names[name]))
        for line in drawn:
            name = line.line.key.invoice_id
            for draw in line.draws if name in due else ():
                by_segment = self.drawn_by.setdefault(names[name], {})
                by_segment[draw.segment_id] = by_segment.get(draw.segment_id, ZERO) + draw.amount
                self.drawn[draw.segment_id] = self.drawn.get(draw.segment_id, ZERO) + draw.amount
        self._close(step, clock, due, rows, late)

    def _roll_over(self, clock: datetime) -> None:
        """What remains at a renewal is a balance in every run after the old contract's last invoice became final."""
        for transition in list(self.renewals):
            at = known_at(self.catalogue, transition)
            if at is None or at >= clock:
                continue
            self.renewals.remove(transition)
            self._carry_out_voids(at)
            made = rolled_over(self.granted, transition, self.drawn, at)
            self.catalogue, self.granted = (
                replace(
                    one,
                    commits=(*one.commits, *{commit.commit_id: commit for commit, _ in made}.values()),
                    commit_segments=(*one.commit_segments, *(segment for _, segment in made)),
                )
                for one in (self.catalogue, self.granted)
            )

    def _carry_out_voids(self, until: datetime) -> None:
        """Give back what voided invoices drew and billed late, and open the periods that are billed anew (UTC, included)."""
        for void in self.voids:
            for invoice in self.made if void.voided_at <= until else ():
                if void.names(invoice) and invoice.invoice_id not in self.voided:
                    self.voided.add(invoice.invoice_id)
                    for segment_id, amount in self.drawn_by.get(invoice.invoice_id, {}).items():
                        self.drawn[segment_id] -= amount
                    self.late.void(void.contract_id, void.named_at, invoice.invoice_id)
            is_anew = void.regenerated_at is not None and void.regenerated_at <= until and void.invoice_id in self.voided
            if is_anew and void.base and void.regenerated_as not in self.current.values():
                self.current[void.base] = str(void.regenerated_as)
                self.final.discard(void.base)

    def _regenerated_from(self, name: str) -> str | None:
        return next((void.invoice_id for void in self.voids if void.regenerated_as == name), None)

    def _line_id(self, line: Line) -> str:
        name = line.key.invoice_id
        return self.tie_break(replace(line, key=replace(line.key, invoice_id=self.current.get(name, name))))

    def _late_lines(self, step: int, clock: datetime) -> Iterator[tuple[str, list[AuditedLine]]]:
        """What is late goes on the contract's draft that is final next."""
        known, changed = self._known(step), changes(event for event, _ in self.events if event.step <= step)
        for contract in self.catalogue.contracts:
            if contract.late_usage != "next_invoice":
                continue
            begun = billing_periods(self.catalogue, contract, clock)
            periods = [period for period in begun if self._id(contract, period) not in self.final]
            if periods:
                yield self._id(contract, periods[0]), self.late.lines(contract, self.metrics, known, changed, periods[0])

    def _close(
        self, step: int, clock: datetime, due: Mapping[str, datetime], rows: list[RatedRow], late: Mapping[str, list[AuditedLine]]
    ) -> None:
        """Remember what the invoices of a run hold, for the late usage of their periods."""
        for contract, period in self._periods(clock):
            name = self._id(contract, period)
            if name in due and contract.late_usage == "next_invoice":
                self.late.bill(contract, self.current.get(name, name), late.get(name, []))
                self.late.close(contract, period, step, [row for row in rows if row.invoice_id == name and row.type == "usage"])
        self.final |= set(due)

    def _id(self, contract: Contract, period: Period) -> str:
        return usage_invoice_id(self.catalogue, contract, period)

    def _known(self, step: int) -> list[UsageEvent]:
        """What counts of the events that a run and those before it took in: no later one of them replaces it."""
        taken_in = [(event, usage) for event, usage in self.events if event.step <= step]
        replaced = replaced_events(event for event, _ in taken_in)
        return [usage for event, usage in taken_in if key_of(event) not in replaced]

    def _rows(self, step: int, clock: datetime) -> list[RatedRow]:
        known = self._known(step)
        usage = [
            hour
            for contract, period in self._periods(clock)
            if usage_invoice_id(self.catalogue, contract, period) not in self.final
            for hour in metered_hours(self.catalogue, contract, period, self.metrics, known)
        ]
        rows = [*rate_usage(self.catalogue, usage), *rate_subscriptions(self.catalogue, clock)]
        rows = [row for row in rows if row.invoice_id not in self.final]
        return [*rows, *rate_composites(self.catalogue, rows, clock)]

    def _invoice(
        self, name: str, at: datetime, clock: datetime, drawn: list[DrawnLine], late: list[AuditedLine], step: int | None
    ) -> AuditedInvoice:
        charges = [charge for charge in self.charges if charge.invoice_id == name]
        lines = [part for line in drawn for part in drawn_parts(self.granted, line)] + [charge_line(charge) for charge in charges] + late
        for contract, period in self._periods(clock):
            if usage_invoice_id(self.catalogue, contract, period) == name:
                (one,) = [
                    invoice
                    for invoice in usage_invoices(replace(self.granted, contracts=(contract,)), drawn, clock)
                    if invoice.invoice_id == name
                ]
                lines += [undrawn_line(line, period) for line in one.lines if line.type in ("unit_conversion", "true_up")]
                return self._totalled(name, contract.contract_id, "usage", one.currency, at, step, lines)
        contract_id = charges[0].contract_id if charges else drawn[0].line.key.contract_id
        currency = charges[0].currency if charges else self.catalogue.currency(self.catalogue.contracts_by_id[str(contract_id)])
        if drawn:
            whole = Period(at, at, at, at)
            converted = conversions(self.catalogue, self.catalogue.contracts_by_id[str(contract_id)], drawn, currency)
            lines += [undrawn_line(line, whole) for line in converted]
        return self._totalled(name, contract_id, "scheduled", currency, at, step, lines)

    def _true_up(self, balance: Balance, name: str, at: datetime, open_lines: list[DrawnLine], step: int | None) -> AuditedInvoice:
        """What was promised and neither stored invoices nor open lines draw."""
        segment_id = balance.segment.segment_id
        draws = (draw.amount for line in open_lines for draw in line.draws if draw.segment_id == segment_id)
        rest = balance.segment.amount - self.drawn.get(segment_id, ZERO) - sum(draws, ZERO)
        lines = [true_up_line(balance, rest)] if rest > 0 else []
        return self._totalled(name, balance.commit.contract_id, "true_up", balance.pricing_unit, at, step, lines)

    def _totalled(
        self,
        name: str,
        contract_id: str | None,
        kind: str,
        currency: str,
        at: datetime,
        step: int | None,
        lines: list[AuditedLine],
    ) -> AuditedInvoice:
        due = [line for line in lines if line.pricing_unit == currency]
        subtotal = sum((line.amount for line in due if line.type != "applied_commit_or_credit"), ZERO)
        credits = -sum((line.amount for line in due if line.type == "applied_commit_or_credit" and not line.is_owed), ZERO)
        total = subtotal - credits
        amount_due = rounded(total, "half_up", decimal_places(self.catalogue, currency))
        return AuditedInvoice(name, contract_id, kind, currency, at, step, subtotal, credits, total, amount_due, tuple(lines))
