"""
Rules that the marts know and the auditor does not.

What an invoice of such a customer should be cannot be said: it is reported as not verified, never passed in silence. Whoever
teaches the auditor a rule deletes its line here.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from meterhouse.auditor.catalogue import Catalogue


@dataclass(frozen=True)
class Limit:
    """A table (no column), or the values of a column beside `known`, that the auditor passes over."""

    table: str
    rule: str
    column: str = ""
    known: tuple[str, ...] = ()


LIMITS = (Limit("invoice_actions", "void and regenerated invoices"),)


def rules_not_known(folder: Path, catalogue: Catalogue) -> dict[str, list[str]]:
    """For each customer the rules that their rows of the catalogue use and the auditor does not know."""
    found: dict[str, list[str]] = {}
    for limit in LIMITS:
        for customer_id in sorted(set(_customers(folder, catalogue, limit))):
            found.setdefault(customer_id, []).append(limit.rule)
    return found


def _customers(folder: Path, catalogue: Catalogue, limit: Limit) -> Iterator[str]:
    path = folder / f"{limit.table}.csv"
    if not path.exists():
        return
    commits = {row.segment_id: row.commit_id for row in catalogue.commit_segments}
    owners = {row.commit_id: row.customer_id for row in catalogue.commits}
    with path.open(newline="", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            if limit.column and (row.get(limit.column) or "").strip().lower() in limit.known:
                continue
            contract = catalogue.contracts_by_id.get((row.get("contract_id") or "").strip())
            commit = commits.get((row.get("segment_id") or "").strip(), "")
            yield (row.get("customer_id") or "").strip() or (contract.customer_id if contract else owners.get(commit, ""))
