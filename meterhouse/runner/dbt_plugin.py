"""What lets a plain `dbt build` work: it prepares the run that `meterhouse build` would have prepared (architecture 4)."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.flags import get_flags

from meterhouse.runner import control
from meterhouse.runner.incoming import lay_incoming_view, register_event_files
from meterhouse.runner.workspace import Workspace

BUILDING_COMMANDS = ("build", "run")


class Plugin(BasePlugin):
    """Prepares the control tables once, when dbt opens the warehouse without the runner."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Keep the settings of DuckDB that the profile gives."""
        self._settings = plugin_config

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Make the settings; without the runner, begin a step now that reads the workspace's event files and stores no invoice."""
        for name, value in self._settings.items():
            # for all cursors to come, one of which dbt opens for each node
            conn.execute(f"set global {name} = '{value}'")
        conn.execute("set TimeZone = 'UTC'")
        if os.environ.get("METERHOUSE_PREPARED"):
            return
        control.create_control_tables(conn)
        if getattr(get_flags(), "WHICH", "") in BUILDING_COMMANDS:  # type: ignore[no-untyped-call]
            prepare_plain_run(conn)


def prepare_plain_run(con: duckdb.DuckDBPyConnection) -> None:
    """
    Begin a step whose rows never count: `meterhouse build` undoes it and passes the finalization instants itself.

    Only the runner may store invoices, because only it stops at every finalization instant on the way.
    """
    workspace = Workspace.from_environment()
    control.undo_unfinished_steps(con)
    control.drop_derived_tables(con)
    step_id = control.begin_step(con, datetime.now(UTC), rebuilds_all=True, is_plain=True)
    if Path(workspace.events).exists():
        register_event_files(con, workspace.events, workspace.staged_events, step_id)
    lay_incoming_view(con)
