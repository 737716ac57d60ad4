"""
`meterhouse backtest`: the workspace built again as it is, and with another catalogue or other metrics, both from nothing.

Both sides are built in scratch warehouses from the same event files up to the last published clock, so that what differs between
them comes from the change alone, and not from what was stored under earlier catalogues (docs/decisions.md). The workspace's
warehouse and publication are not touched.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb

from meterhouse.catalogue import CatalogueError
from meterhouse.compiler import MetricErrors
from meterhouse.publication import Fields, current_publication, fields
from meterhouse.runner.errors import MeterhouseError
from meterhouse.runner.texts import quoted
from meterhouse.runner.workspace import Workspace

Progress = Callable[[str], None]
METRIC_SUFFIXES = (".sql", ".yml")
SIDES = ("now", "against", "difference")

BILLED = """
select
    lines.customer_id,
    coalesce(lines.product_id, lines.type) as product_id,
    lines.pricing_unit as unit,
    sum(lines.amount) as billed
from {side}.marts.invoice_line_items as lines
inner join {side}.marts.invoices as invoices using (invoice_id)
where lines.type <> 'applied_commit_or_credit' and invoices.status <> 'void' and {in_range}
group by all
"""
INVOICES = """
select
    invoice_id,
    customer_id,
    currency,
    amount_due
from {side}.marts.invoices as invoices
where invoices.status <> 'void' and {in_range}
"""
IN_RANGE = "coalesce(invoices.period_start_at, invoices.issued_at) >= $1 and coalesce(invoices.period_start_at, invoices.issued_at) < $2"
COMPARED = """
with now_side as ({now}), other_side as ({other})
select
    {keys},
    coalesce(now_side.{value}, 0) as now,
    coalesce(other_side.{value}, 0) as against,
    coalesce(other_side.{value}, 0) - coalesce(now_side.{value}, 0) as difference
from now_side full outer join other_side using ({keys})
"""
BEGINNING, END = datetime.fromisoformat("0001-01-01T00:00:00Z"), datetime.fromisoformat("9999-01-01T00:00:00Z")


@dataclass(frozen=True)
class Backtest:
    """
    What another catalogue would have billed up to a clock (UTC).

    `products`: customer_id, product_id, unit, now, against, difference; before balances, every row, also without a difference.
    `invoices`: invoice_id, customer_id, currency, now, against, difference of the amount due, largest difference first.
    `totals`: currency, now, against, difference of all amounts due.
    """

    clock: datetime
    products: tuple[Fields, ...]
    invoices: tuple[Fields, ...]
    totals: tuple[Fields, ...]

    @property
    def differs(self) -> bool:
        """Whether any customer would have been billed otherwise."""
        return any(row["difference"] for row in (*self.products, *self.invoices))


def backtest(
    workspace: Workspace,
    against: Path,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    progress: Progress = lambda message: None,
) -> Backtest:
    """
    Build both sides and compare the invoices whose period begins (or, without one, whose date lies) in [start, end), UTC.

    Files of `against`/metrics and `against`/catalog (or seeds) go in the place of the workspace's, or beside them; what is not
    there stays as it is.

    Raises:
        MeterhouseError: nothing is published yet, `against` is no such folder, or a side does not build.
        MetricErrors, CatalogueError: the other side is faulty; with its own files and lines.
    """
    clock = _published_clock(workspace)
    other_metrics, other_catalog = _other_folders(against)
    with tempfile.TemporaryDirectory(prefix="meterhouse-backtest-") as scratch:
        folder = Path(scratch)
        metrics = _overlaid(folder / "metrics", workspace.metrics, other_metrics, METRIC_SUFFIXES)
        catalog = _overlaid(folder / "catalog", workspace.catalog, other_catalog, (".csv",))
        changed = Workspace(folder / "metrics", folder / "catalog", workspace.events, folder / "against" / "warehouse.duckdb")
        same = Workspace(workspace.metrics, workspace.catalog, workspace.events, folder / "now" / "warehouse.duckdb")
        # the side with the change first: its mistakes are found before the longer work
        try:
            _build(changed, clock, "against", workspace.project, progress)
        except (MetricErrors, CatalogueError, MeterhouseError) as error:
            raise MeterhouseError(_by_own_names(str(error), {**metrics, **catalog})) from error
        _build(same, clock, "now", workspace.project, progress)
        progress("comparing")
        return _compared(same, changed, clock, (start or BEGINNING, end or END))


def _published_clock(workspace: Workspace) -> datetime:
    return datetime.fromisoformat(current_publication(workspace)[1]["clock"])


def _other_folders(against: Path) -> tuple[Path | None, Path | None]:
    if not against.is_dir():
        raise MeterhouseError(f"{against}: no such folder; give one that holds metrics/ or catalog/ with the files that change")
    metrics = against / "metrics" if (against / "metrics").is_dir() else None
    catalogs = [against / name for name in ("catalog", "seeds") if (against / name).is_dir()]
    if len(catalogs) > 1:
        raise MeterhouseError(f"{against}: has both catalog/ and seeds/; keep one")
    catalog = catalogs[0] if catalogs else None
    if metrics is None and catalog is None:
        found = ", ".join(sorted(path.name for path in against.iterdir())[:5]) or "nothing"
        raise MeterhouseError(f"{against}: holds {found}, and neither metrics/ nor catalog/; put the files that change into one of these")
    return metrics, catalog


def _overlaid(target: Path, base: Path, over: Path | None, suffixes: tuple[str, ...]) -> dict[Path, Path]:
    """Copy the files of `base`, then those of `over` in their place; return for each copy what it is a copy of."""
    if not base.is_dir():
        raise MeterhouseError(f"{base}: no such folder")
    target.mkdir(parents=True)
    written = sorted(path for path in over.iterdir() if path.suffix in suffixes) if over else []
    # a metric of the same name goes, whichever way it is written
    replaced = {path.stem for path in written}
    kept = sorted(path for path in base.iterdir() if path.suffix in suffixes and path.stem not in replaced)
    return {Path(shutil.copy(path, target)): path for path in (*kept, *written)}


def _by_own_names(text: str, copies: dict[Path, Path]) -> str:
    """A message about copies, as one about the files that a person knows."""
    for copy, original in copies.items():
        text = text.replace(str(copy), str(original)).replace(f"{copy.parent.name}/{copy.name}", str(original))
    return text


def _build(workspace: Workspace, clock: datetime, side: str, parsed: Path, progress: Progress) -> None:
    # dbt takes seconds to import: only what builds pays for it
    from meterhouse.runner import build

    if parsed.is_dir():
        # what dbt has parsed already; the run writes what differs
        shutil.copytree(parsed, workspace.project)
    workspace.warehouse.parent.mkdir(exist_ok=True)
    build(workspace, clock, progress=lambda message: progress(f"{side}: {message}"))


def _compared(same: Workspace, changed: Workspace, clock: datetime, between: tuple[datetime, datetime]) -> Backtest:
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        for side, workspace in (("now_marts", same), ("other_marts", changed)):
            con.execute(f"attach {quoted(workspace.publication)} as {side} (read_only)")
        products = _differences(con, BILLED, "customer_id, product_id, unit", "billed", between)
        invoices = _differences(con, INVOICES, "invoice_id, customer_id, currency", "amount_due", between)
    totals: dict[str, Fields] = {}
    for row in invoices:
        total = totals.setdefault(row["currency"], {"currency": row["currency"], **dict.fromkeys(SIDES, Decimal(0))})
        total.update({side: total[side] + row[side] for side in SIDES})
    invoices.sort(key=lambda row: (-abs(row["difference"]), row["invoice_id"]))
    return Backtest(clock, tuple(products), tuple(invoices), tuple(totals[currency] for currency in sorted(totals)))


def _differences(con: duckdb.DuckDBPyConnection, query: str, keys: str, value: str, between: tuple[datetime, datetime]) -> list[Fields]:
    now, other = (query.format(side=side, in_range=IN_RANGE) for side in ("now_marts", "other_marts"))
    compared = COMPARED.format(now=now, other=other, keys=keys, value=value)
    return fields(con, f"{compared} order by {keys}", between)
