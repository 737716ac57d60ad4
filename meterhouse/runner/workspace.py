"""Where a run finds its metrics, catalogue and events, and where it writes (data-contract 1)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

PROJECT_FOLDER = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Workspace:
    """The places of a workspace; `events` is a folder, a file or a glob."""

    metrics: Path
    catalog: Path
    events: str
    warehouse: Path

    @classmethod
    def from_environment(
        cls,
        metrics: Path | None = None,
        catalog: Path | None = None,
        events: str | None = None,
        warehouse: Path | None = None,
    ) -> Workspace:
        """Return the workspace of the given places, else of METERHOUSE_* variables, else of this project."""
        return cls(
            metrics=metrics or Path(os.environ.get("METERHOUSE_METRICS", "metrics")),
            catalog=catalog or Path(os.environ.get("METERHOUSE_CATALOG", "seeds")),
            events=events or os.environ.get("METERHOUSE_EVENTS", "events"),
            warehouse=warehouse or Path(os.environ.get("METERHOUSE_WAREHOUSE", "warehouse.duckdb")),
        )

    @property
    def state_folder(self) -> Path:
        """Working files of runs on this warehouse: the dbt project as run, staged event files, logs."""
        return self.warehouse.resolve().parent / ".meterhouse" / self.warehouse.stem

    @property
    def project(self) -> Path:
        """The dbt project of this workspace, assembled anew by every run."""
        return self.state_folder / "project"

    @property
    def staged_events(self) -> Path:
        """Parquet copies of event files that came as text."""
        return self.state_folder / "staged"

    @property
    def published(self) -> Path:
        """The folder that readers open."""
        return self.warehouse.resolve().parent / "published"

    @property
    def publication(self) -> Path:
        """The marts as one DuckDB file. Not marts.duckdb: DuckDB names a catalog after its file, and then
        `marts.invoices` could be a schema's table or a catalog's."""
        return self.published / "meterhouse.duckdb"
