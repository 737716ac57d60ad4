"""
An invoice of the marts beside the auditor's: every place where a column differs, and the hours of the lines that differ.

The marts' rows come as mappings of their columns. Ids of lines are the marts' own: lines are matched by what they say.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from meterhouse.auditor.audited import AuditedInvoice, AuditedLine
from meterhouse.auditor.exact import ZERO, exactly
from meterhouse.auditor.line_hours import LineHour

Row = Mapping[str, Any]
Pair = tuple[AuditedLine | None, Mapping[str, Any] | None]
IDENTITY = (
    "type",
    "product_id",
    "pricing_group_values",
    "presentation_group_values",
    "tier",
    "commit_id",
    "segment_id",
    "starting_at",
    "ending_before",
)
MEASURES = ("quantity", "unit_price", "amount", "pricing_unit", "name")
TOTALS = ("subtotal", "credits_applied", "total", "amount_due")
HOURLY = ("quantity", "unit_price", "amount", "covered_amount", "due_amount")
HOUR_PLACE = ("product_id", "pricing_group_values", "presentation_group_values", "tier", "charge")
# lines that have this much in common are one line that was changed, and not two
LEAST_IN_COMMON = 9


@dataclass(frozen=True)
class Difference:
    """A column that differs: of an invoice, of one of its lines, or of an hour of a line."""

    invoice_id: str
    line: str | None
    hour_start_at: datetime | None
    column: str
    theirs: Any
    ours: Any
    line_item_id: str | None = None
    product_id: str | None = None


@exactly
def differences(ours: AuditedInvoice, invoice: Row, lines: Sequence[Row], hours: Sequence[Row]) -> list[Difference]:
    """What differs in the marts' rows of an invoice: its lines, then their hours, then its totals."""
    pairs = _paired(ours, lines)
    return [*_of_lines(ours, pairs), *_of_hours(ours, pairs, hours), *_of_invoice(ours, invoice)]


def _of_invoice(ours: AuditedInvoice, invoice: Row) -> Iterator[Difference]:
    expected: dict[str, Any] = {name: getattr(ours, name) for name in ("contract_id", "type", "currency", "regenerated_from", *TOTALS)}
    expected["status"] = "draft" if ours.step is None else "void" if ours.is_void else "finalized"
    expected["issued_at"] = ours.finalizes_at
    expected["finalized_at"] = None if ours.step is None else ours.finalizes_at
    for column, value in expected.items():
        if invoice[column] != value:
            yield Difference(ours.invoice_id, None, None, column, invoice[column], value)


def _of_lines(ours: AuditedInvoice, pairs: Sequence[Pair]) -> Iterator[Difference]:
    for line, row in pairs:
        if line is None and row is not None:
            yield Difference(ours.invoice_id, described(row), None, "amount", row["amount"], None, row["line_item_id"])
        elif row is None and line is not None:
            yield Difference(ours.invoice_id, described(_columns(line)), None, "amount", None, line.amount)
        elif line is not None and row is not None:
            for column, value in _columns(line).items():
                if row[column] != value and not (column == "name" and value is None):
                    yield Difference(ours.invoice_id, described(row), None, column, row[column], value, row["line_item_id"])


def _paired(ours: AuditedInvoice, lines: Sequence[Row]) -> list[Pair]:
    """Each line with the row that says the same, else with the one that has most in common with it."""
    left, rows = [line for line in ours.lines if line.is_printed], list(lines)
    pairs: list[Pair] = []
    for columns in ((*IDENTITY, *MEASURES), (*IDENTITY, *MEASURES[:-1]), (*IDENTITY, "unit_price"), IDENTITY):
        found, left, rows = _matched(left, rows, columns)
        pairs += found
    for row in list(rows):
        nearest = max(left, key=lambda line: _in_common(line, row), default=None)
        if nearest is not None and _in_common(nearest, row) >= LEAST_IN_COMMON:
            pairs.append((nearest, row))
            left.remove(nearest)
            rows.remove(row)
    pairs += [*((line, None) for line in left), *((None, row) for row in rows)]
    return sorted(pairs, key=lambda pair: _order(pair[1] if pair[1] is not None else _columns(pair[0])))


def _matched(lines: Sequence[AuditedLine], rows: Sequence[Row], columns: Sequence[str]) -> tuple[list[Pair], list[AuditedLine], list[Row]]:
    """Lines and rows that say the same in some columns, then the lines and the rows that are left."""
    waiting: dict[tuple[Any, ...], list[AuditedLine]] = {}
    for line in lines:
        waiting.setdefault(tuple(getattr(line, name) for name in columns), []).append(line)
    pairs: list[Pair] = []
    left = []
    for row in rows:
        same = waiting.get(tuple(row[name] for name in columns))
        if same:
            pairs.append((same.pop(0), row))
        else:
            left.append(row)
    return pairs, [line for same in waiting.values() for line in same], left


def _in_common(line: AuditedLine, row: Row) -> int:
    return sum(row[name] == getattr(line, name) for name in (*IDENTITY, *MEASURES))


def _columns(line: AuditedLine | None) -> dict[str, Any]:
    return {name: getattr(line, name) for name in (*IDENTITY, *MEASURES)}


def _order(row: Row) -> tuple[str, ...]:
    return tuple(
        str(row[name]) for name in ("starting_at", "product_id", "type", "pricing_group_values", "tier", "segment_id", "unit_price")
    )


def _of_hours(ours: AuditedInvoice, pairs: Sequence[Pair], hours: Sequence[Row]) -> Iterator[Difference]:
    """Hours of matched lines; then those that belong to no line that is printed, by what they say."""
    by_line: dict[str, list[Row]] = {}
    for hour in hours:
        by_line.setdefault(hour["line_item_id"], []).append(hour)
    printed = {row["line_item_id"] for _, row in pairs if row is not None}
    for line, row in pairs:
        said = row if row is not None else _columns(line)
        line_item_id = row["line_item_id"] if row is not None else None
        theirs = {hour["hour_start_at"]: hour for hour in by_line.get(line_item_id or "", [])}
        expected = {hour.hour_start_at: _hourly(hour, line.is_owed) for hour in line.hours} if line is not None else {}
        yield from _hour_by_hour(ours.invoice_id, said, line_item_id, theirs, expected)
    loose = [hour for name, found in by_line.items() if name not in printed for hour in found]
    silent = [(line, hour) for line in ours.lines if not line.is_printed for hour in line.hours]
    yield from _loose_hours(ours.invoice_id, loose, silent)


def _hour_by_hour(
    invoice_id: str, line: Row, line_item_id: str | None, theirs: Mapping[datetime, Row], ours: Mapping[datetime, Row]
) -> Iterator[Difference]:
    place, product_id = described(line), line["product_id"]
    for at in sorted(theirs.keys() | ours.keys()):
        row, expected = theirs.get(at), ours.get(at)
        if row is None or expected is None:
            found, right = (None if side is None else side["quantity"] for side in (row, expected))
            yield Difference(invoice_id, place, at, "quantity", found, right, line_item_id, product_id)
            continue
        for column in HOURLY:
            if row[column] != expected[column]:
                yield Difference(invoice_id, place, at, column, row[column], expected[column], line_item_id, product_id)


def _hourly(hour: LineHour, is_owed: bool) -> dict[str, Any]:
    covered = hour.amount if hour.segment_id is not None and not is_owed else ZERO
    return {
        "quantity": hour.quantity,
        "unit_price": hour.unit_price,
        "amount": hour.amount,
        "covered_amount": covered,
        "due_amount": hour.amount - covered,
    }


def _loose_hours(invoice_id: str, theirs: Sequence[Row], ours: Iterable[tuple[AuditedLine, LineHour]]) -> Iterator[Difference]:
    found: dict[tuple[Any, ...], tuple[Decimal, Decimal]] = {}
    expected: dict[tuple[Any, ...], tuple[Decimal, Decimal]] = {}
    for row in theirs:
        _add(found, (*(row[name] for name in HOUR_PLACE), row["unit_price"], row["hour_start_at"]), row["quantity"], row["amount"])
    for line, hour in ours:
        place = (*(getattr(line, name) for name in HOUR_PLACE), hour.unit_price, hour.hour_start_at)
        _add(expected, place, hour.quantity, hour.amount)
    nothing = (ZERO, ZERO)
    for place in sorted(found.keys() | expected.keys(), key=str):
        for column, left, right in zip(("quantity", "amount"), found.get(place, nothing), expected.get(place, nothing), strict=True):
            if left != right:
                yield Difference(
                    invoice_id, f"{place[0]} {place[1]} {place[2]}, a line that is not printed", place[-1], column, left, right
                )


def _add(sums: dict[tuple[Any, ...], tuple[Decimal, Decimal]], place: tuple[Any, ...], quantity: Decimal, amount: Decimal) -> None:
    before = sums.get(place, (ZERO, ZERO))
    sums[place] = (before[0] + quantity, before[1] + amount)


def described(row: Row) -> str:
    """A line in words: its product, what it is, its tuples, its tier, its balance and its time."""
    parts: list[str] = [str(row["product_id"] or row["name"] or row["type"])]
    if row["type"] != "usage":
        parts.append(row["type"].replace("_", " "))
    parts += [row[name] for name in ("pricing_group_values", "presentation_group_values") if row[name] not in (None, "{}")]
    shown: list[tuple[str, str, Callable[[Any], str]]] = [("tier", "tier", str), ("segment_id", "from", str)]
    parts += [f"{word} {show(row[name])}" for name, word, show in shown if row[name] is not None]
    return " ".join(parts) + f", {row['starting_at']:%Y-%m-%d %H:%M} to {row['ending_before']:%Y-%m-%d %H:%M} UTC"
