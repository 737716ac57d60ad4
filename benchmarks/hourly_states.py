"""
From event files to the hourly states of the metrics, on the path of `meterhouse build`, as a process of its own.

It stops where a build goes on to quantities, prices and invoices. Prints two times: until the events are stored, which
is checked, without duplicates and with typed columns, and from there until the states of all metrics are.
"""

import sys
import time
from pathlib import Path

import duckdb

from benchmarks.meterhouse_build import AS_OF
from benchmarks.workspace import METRICS
from meterhouse.runner import Workspace, control
from meterhouse.runner.dbt import Dbt
from meterhouse.runner.incoming import lay_incoming_view, register_event_files
from meterhouse.runner.project import assemble_project

STATES = tuple(f"int_{metric}__hourly" for metric in METRICS)


def main(folder: Path, events: Path, warehouse: Path) -> None:
    """Store the `events` folder in the new file `warehouse`, and compute the hourly states of `folder`'s metrics."""
    workspace = Workspace(metrics=folder / "metrics", catalog=folder / "catalog", events=str(events), warehouse=warehouse)
    assemble_project(workspace)
    with duckdb.connect(warehouse) as con, Dbt(workspace.project, workspace.warehouse).opened() as dbt:
        con.execute("set TimeZone = 'UTC'")
        control.create_control_tables(con)
        step_id = control.begin_step(con, AS_OF, rebuilds_all=True)
        dbt.seed(["config.materialized:seed"])

        started = time.perf_counter()
        register_event_files(con, workspace.events, workspace.staged_events, step_id)
        lay_incoming_view(con)
        dbt.run("--select", "+path:models/events")
        stored = time.perf_counter()
        dbt.run("--select", *STATES)
        print(stored - started, time.perf_counter() - stored)


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:4]))
