"""How `meterhouse verify` tells what it found: a table of invoices, and the place of the first difference of each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from rich.markup import escape

from meterhouse.auditor.differences import Difference
from meterhouse.display import as_table, as_text, money
from meterhouse.evidence import MOST_SHOWN, EventDifference, Evidence
from meterhouse.printing import out
from meterhouse.verify import Verdict, Verification


def print_verification(found: Verification) -> None:
    """Print every invoice with its verdict, then the first difference of each that differs, then how many there are of each kind."""
    rows = [(verdict.invoice_id, verdict.status, _amount(verdict), _said(verdict)) for verdict in found.verdicts]
    if rows:
        out.print(as_table(("invoice", "status", "amount due", "verdict"), rows))
    for verdict in found.verdicts:
        for line in _story(verdict):
            out.print(escape(line), highlight=False, soft_wrap=True)
    for note in found.notes:
        out.print(f"[dim]note: {escape(note)}[/dim]", highlight=False, soft_wrap=True)
    out.print(summary(found), highlight=False, soft_wrap=True)


def summary(found: Verification) -> str:
    """One line: how many invoices agree, differ, and could not be verified."""
    differ = sum(verdict.differs for verdict in found.verdicts)
    unknown = sum(bool(verdict.not_verified) for verdict in found.verdicts)
    agree = len(found.verdicts) - differ - unknown
    if not found.verdicts:
        return "no finalized invoice to verify; name a draft to verify that"
    parts = [f"{agree} agree with the event files", *([f"{differ} differ"] if differ else [])]
    return ", ".join([*parts, *([f"{unknown} not verified"] if unknown else [])])


def as_json(found: Verification) -> str:
    """The verdicts as JSON, with every difference; decimals and instants are texts."""
    verdicts = [
        {
            "invoice_id": verdict.invoice_id,
            "customer_id": verdict.customer_id,
            "status": verdict.status,
            "verdict": _kind(verdict),
            "not_verified": list(verdict.not_verified),
            "differences": [_difference(one) for one in verdict.differences],
            "differing_events": [{"transaction_id": e.transaction_id, "what": e.what, "place": e.place} for e in verdict.events],
            "evidence": _evidence(verdict.evidence) if verdict.evidence else None,
        }
        for verdict in found.verdicts
    ]
    return json.dumps({"invoices": verdicts, "notes": list(found.notes)}, indent=2, ensure_ascii=False)


def _kind(verdict: Verdict) -> str:
    return "differs" if verdict.differs else "not verified" if verdict.not_verified else "agrees"


def _said(verdict: Verdict) -> str:
    if verdict.not_verified:
        return f"not verified: {'; '.join(verdict.not_verified)}"
    if verdict.events and not verdict.differences:
        return "agrees, but its events do not"
    if not verdict.differences:
        return "agrees"
    return "1 difference" if len(verdict.differences) == 1 else f"{len(verdict.differences)} differences"


def _amount(verdict: Verdict) -> str:
    return "" if verdict.amount_due is None else money(verdict.amount_due, verdict.currency)


def _story(verdict: Verdict) -> Iterator[str]:
    """The first difference, the first hour of its line that differs, and the events of that hour."""
    if not verdict.differs:
        return
    if not verdict.differences:
        yield f"\n{verdict.invoice_id}"
        yield from _differing(verdict.events)
        return
    first, evidence = verdict.differences[0], verdict.evidence
    yield f"\n{verdict.invoice_id}"
    if first.line is not None:
        yield f"  line      {first.line}" + (f" ({first.line_item_id})" if first.line_item_id else "")
    if first.hour_start_at is None:
        yield f"  {first.column:<10}{_pair(first)}"
    hour = first if first.hour_start_at is not None else evidence.hour if evidence else None
    if hour is not None and hour.hour_start_at is not None:
        of_line = "" if hour.line == first.line else f" of {hour.line}"
        yield f"  hour      {hour.hour_start_at:%Y-%m-%d %H:%M} UTC{of_line}: {hour.column} {_pair(hour)}"
        yield from _events(evidence)
    elif first.line is not None:
        yield "  hours     all hours of the line agree with the event files: the line itself was changed"
    others = len(verdict.differences) - 1
    if others:
        yield f"  {others} more {'difference' if others == 1 else 'differences'} in this invoice; --format json lists them"


def _events(evidence: Evidence | None) -> Iterator[str]:
    if evidence is None or evidence.starting_at is None:
        return
    yield from _differing(evidence.differing)
    counted = ", ".join(evidence.counted[:MOST_SHOWN]) + (" ..." if len(evidence.counted) > MOST_SHOWN else "")
    known = "; the warehouse has the same" if not evidence.differing else ""
    yield f"  events    {len(evidence.counted)} by the files{': ' + counted if counted else ''}{known}"


def _differing(events: tuple[EventDifference, ...]) -> Iterator[str]:
    for one in events[:MOST_SHOWN]:
        yield f"  event     {one.transaction_id} {one.what}" + (f" ({one.place})" if one.place else "")
    if len(events) > MOST_SHOWN:
        yield f"  ...       {len(events) - MOST_SHOWN} more events differ"


def _pair(one: Difference) -> str:
    return f"{_value(one.theirs)} in the warehouse, {_value(one.ours)} by the auditor"


def _value(value: Any) -> str:
    return "nothing" if value is None else as_text(value)


def _difference(one: Difference) -> dict[str, Any]:
    return {
        "line": one.line,
        "line_item_id": one.line_item_id,
        "hour_start_at": _text(one.hour_start_at),
        "column": one.column,
        "warehouse": _text(one.theirs),
        "auditor": _text(one.ours),
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {
        "starting_at": _text(evidence.starting_at),
        "ending_before": _text(evidence.ending_before),
        "events": list(evidence.counted),
    }


def _text(value: Any) -> str | None:
    return None if value is None else as_text(value)
