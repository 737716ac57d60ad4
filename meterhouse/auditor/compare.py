"""Two sets of rows beside each other: the auditor's and the marts'."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from decimal import Decimal
from typing import Any

from meterhouse.auditor.exact import exactly

KEYS = (
    "invoice_id",
    "product_id",
    "hour_start_at",
    "pricing_group_values",
    "presentation_group_values",
    "charge",
    "tier",
    "unit_price",
)
MEASURES = ("quantity", "amount")

Found = dict[tuple[Any, ...], tuple[Decimal, ...]]


@exactly
def compare(
    rows: Iterable[Any],
    mart_rows: Iterable[Mapping[str, Any]],
    keys: Sequence[str] = KEYS,
    measures: Sequence[str] = MEASURES,
) -> list[str]:
    """
    What differs between the auditor's rows (dataclasses) and a mart's (mappings), one line for each combination of the keys.

    The measures are summed per combination; what sums to nothing is no difference.
    """
    expected, found = _summed(map(_as_mapping, rows), keys, measures), _summed(mart_rows, keys, measures)
    nothing = (Decimal(0),) * len(measures)
    lines = []
    for key in sorted(expected.keys() | found.keys(), key=str):
        ours, theirs = expected.get(key, nothing), found.get(key, nothing)
        if ours != theirs:
            place = " ".join(f"{name}={_shown(value)}" for name, value in zip(keys, key, strict=True))
            lines.append(f"{place}: auditor {_measured(measures, ours)}, mart {_measured(measures, theirs)}")
    return lines


def _summed(rows: Iterable[Mapping[str, Any]], keys: Sequence[str], measures: Sequence[str]) -> Found:
    sums: Found = {}
    for row in rows:
        key = tuple(row[name] for name in keys)
        before = sums.get(key, (Decimal(0),) * len(measures))
        sums[key] = tuple(sofar + Decimal(row[name]) for sofar, name in zip(before, measures, strict=True))
    return sums


def _as_mapping(row: Any) -> Mapping[str, Any]:
    return {field.name: getattr(row, field.name) for field in fields(row)}


def _measured(measures: Sequence[str], values: tuple[Decimal, ...]) -> str:
    return " ".join(f"{name} {_shown(value)}" for name, value in zip(measures, values, strict=True)) if any(values) else "nothing"


def _shown(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
