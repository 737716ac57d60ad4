"""The command line of Meterhouse; `meterhouse --help` lists the commands (data-contract 6)."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from meterhouse.catalogue import CatalogueError
from meterhouse.compiler import MetricErrors, compile_metrics
from meterhouse.display import as_table
from meterhouse.one_metric import compile_metric
from meterhouse.printing import Format, err, out, print_balances, print_invoices, print_metric, print_rows, shown_progress
from meterhouse.publication import read_mart
from meterhouse.runner.errors import MeterhouseError
from meterhouse.runner.run_log import log_target
from meterhouse.runner.workspace import PROJECT_FOLDER, Workspace

app = typer.Typer(
    name="meterhouse",
    help="Usage billing inside the data warehouse: SQL metrics in, exact invoices out.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    add_completion=False,
    pretty_exceptions_enable=False,
)
Metrics = Annotated[Path | None, typer.Option(help="Folder of metrics, *.sql and *.yml [METERHOUSE_METRICS, metrics].")]
Catalog = Annotated[Path | None, typer.Option(help="Folder of catalogue CSVs [METERHOUSE_CATALOG, seeds].")]
Events = Annotated[str | None, typer.Option(help="Folder, file or glob of event files [METERHOUSE_EVENTS, events].")]
Warehouse = Annotated[Path | None, typer.Option(help="Warehouse file [METERHOUSE_WAREHOUSE, warehouse.duckdb].")]
AsOf = Annotated[str | None, typer.Option("--as-of", help="Clock of the run, 2026-02-01T00:00:00Z [default: now].")]


class ReportFormat(StrEnum):
    """How a report is printed."""

    table = "table"
    json = "json"


class Steps(StrEnum):
    """At which clocks a scenario stops."""

    direct = "direct"
    hourly = "hourly"


@app.callback()
def options(debug: Annotated[bool, typer.Option("--debug", help="Show a traceback when something fails.")] = False) -> None:
    """Usage billing inside the data warehouse: SQL metrics in, exact invoices out."""
    if debug:
        os.environ["METERHOUSE_DEBUG"] = "yes"


@app.command()
def build(
    as_of: AsOf = None,
    metrics: Metrics = None,
    catalog: Catalog = None,
    events: Events = None,
    warehouse: Warehouse = None,
    log: Annotated[
        str | None, typer.Option(help="File that gets a JSON line for each event of the run, - for stderr [METERHOUSE_LOG].")
    ] = None,
) -> None:
    """
    Compile, load the catalogue, take in new events, build, test and publish.

    Example: `meterhouse build --as-of 2026-02-03T00:00:00Z`
    """
    workspace = Workspace.from_environment(metrics, catalog, events, warehouse)
    _build(workspace, _instant("--as-of", as_of) if as_of else datetime.now(UTC), log)


@app.command(name="compile")
def compile_(
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail if a compiled file is out of date.")] = False,
    metrics: Metrics = None,
) -> None:
    """
    Compile the metrics into dbt models under models/metrics.

    Example: `meterhouse compile --check`
    """
    from meterhouse.compiled_files import out_of_date_files, write_compiled_files

    compiled = compile_metrics(Workspace.from_environment(metrics).metrics)
    if not check:
        written = write_compiled_files(compiled, PROJECT_FOLDER)
        out.print(f"{len(compiled.metrics)} metrics compiled, {len(written)} files changed")
        return
    stale = out_of_date_files(compiled, PROJECT_FOLDER)
    if stale:
        raise MeterhouseError("out of date, run `meterhouse compile`:\n" + "\n".join(f"  {name}" for name in stale))
    out.print(f"{len(compiled.metrics)} metrics, every compiled file is up to date")


@app.command()
def explain(
    metric: Annotated[str, typer.Argument(help="Name of the metric.")],
    metrics: Metrics = None,
) -> None:
    """
    Show how a metric is maintained: its class and why, what it keeps, what it reads, its SQL.

    Example: `meterhouse explain output_tokens`
    """
    print_metric(compile_metric(Workspace.from_environment(metrics).metrics, metric).metrics[0])


@app.command()
def preview(
    metric: Annotated[str, typer.Argument(help="Name of the metric; it need not be built.")],
    customer: Annotated[str, typer.Option(help="Id or alias of the customer.")],
    start: Annotated[str, typer.Option("--from", help="First instant, 2026-01-01T00:00:00Z.")],
    end: Annotated[str, typer.Option("--to", help="First instant after the last.")],
    format: Annotated[Format, typer.Option(help="How to print the rows.")] = Format.table,
    metrics: Metrics = None,
    warehouse: Warehouse = None,
) -> None:
    """
    Show what a metric counts per hour and group, from the events in the warehouse, as if from..to were one period.

    Example: `meterhouse preview output_tokens --customer brightpage --from 2026-01-01T00:00:00Z --to 2026-02-01T00:00:00Z`
    """
    from meterhouse.preview import COLUMNS, preview_metric

    workspace = Workspace.from_environment(metrics, warehouse=warehouse)
    rows = preview_metric(workspace, metric, customer, _instant("--from", start), _instant("--to", end))
    print_rows(COLUMNS, rows, format)


@app.command()
def show(
    mart: Annotated[str, typer.Argument(help="A table of schema marts, for example invoices.")],
    where: Annotated[str | None, typer.Option(help="SQL condition on the rows.")] = None,
    columns: Annotated[str | None, typer.Option(help="Columns, separated by commas [default: all].")] = None,
    limit: Annotated[int, typer.Option(help="Most rows to print; 0 prints all.", min=0)] = 50,
    format: Annotated[Format, typer.Option(help="How to print the rows.")] = Format.table,
    warehouse: Warehouse = None,
) -> None:
    """
    Print rows of a published mart.

    Example: `meterhouse show invoices --where "status = 'draft'" --format csv`
    """
    names, rows, total = read_mart(Workspace.from_environment(warehouse=warehouse), mart, where, columns, limit)
    print_rows(names, rows, format, total)


@app.command(name="explain-line")
def explain_line_(
    line: Annotated[str, typer.Argument(help="Id of an invoice line, as in invoice_line_items.")],
    hours: Annotated[int, typer.Option("--hours", help="Most hours to list; 0 lists all.", min=0)] = 24,
    events: Annotated[int, typer.Option("--events", help="Most events to list; 0 lists all.", min=0)] = 20,
    format: Annotated[ReportFormat, typer.Option(help="table for one page, or json.")] = ReportFormat.table,
    metrics: Metrics = None,
    warehouse: Warehouse = None,
) -> None:
    """
    Explain an invoice line from the publication: its invoice, price, balance, hours, and the events of those hours.

    Example: `meterhouse explain-line brightpage_2026/usage/2026-01-01/active_users/b5ffe58727/brightpage_prepaid_2026`
    """
    from meterhouse.explain_line import explain_line
    from meterhouse.line_report import explanation_as_json, print_explanation

    found = explain_line(Workspace.from_environment(metrics, warehouse=warehouse), line, most_hours=hours, most_events=events)
    if format is ReportFormat.json:
        sys.stdout.write(explanation_as_json(found) + "\n")
    else:
        print_explanation(found)


@app.command()
def verify(
    invoice: Annotated[str | None, typer.Argument(help="Id of an invoice, final or draft [default: all final ones].")] = None,
    drafts: Annotated[bool, typer.Option("--drafts", help="Verify drafts as well.")] = False,
    format: Annotated[ReportFormat, typer.Option(help="table, or json with every difference.")] = ReportFormat.table,
    metrics: Metrics = None,
    catalog: Catalog = None,
    events: Events = None,
    warehouse: Warehouse = None,
) -> None:
    """
    Compute invoices from the raw event files by another path, and compare them with the warehouse to the last digit.

    Names the first line, hour and events that differ, and then exits with 1. What the auditor does not know is not verified,
    and said.

    Example: `meterhouse verify`

    Example: `meterhouse verify brightpage_2026/usage/2026-01-01 --format json`
    """
    from meterhouse.verify import verify as run_verify
    from meterhouse.verify_report import as_json, print_verification

    workspace = Workspace.from_environment(metrics, catalog, events, warehouse)
    if format is ReportFormat.json:
        found = run_verify(workspace, invoice, drafts=drafts)
        sys.stdout.write(as_json(found) + "\n")
    else:
        with out.status("reading the warehouse") as status:
            found = run_verify(workspace, invoice, drafts=drafts, progress=lambda message: status.update(escape(message)))
        print_verification(found)
    if not found.agrees:
        raise typer.Exit(1)


@app.command()
def backtest(
    against: Annotated[Path, typer.Option(help="Folder with metrics/ or catalog/ (or seeds/): the files that change.")],
    start: Annotated[str | None, typer.Option("--from", help="First instant at which a compared period begins [default: all].")] = None,
    end: Annotated[str | None, typer.Option("--to", help="First instant after the last.")] = None,
    top: Annotated[int, typer.Option(help="Most invoices to list; 0 lists all.", min=0)] = 10,
    format: Annotated[ReportFormat, typer.Option(help="table, or json with every row.")] = ReportFormat.table,
    metrics: Metrics = None,
    catalog: Catalog = None,
    events: Events = None,
    warehouse: Warehouse = None,
) -> None:
    """
    Build the past again with another catalogue or other metrics, and print what would have been billed; touches nothing.

    Example: `meterhouse backtest --against next_prices --from 2026-01-01T00:00:00Z`
    """
    from meterhouse.backtest import backtest as run_backtest
    from meterhouse.backtest_report import backtest_as_json, print_backtest

    workspace = Workspace.from_environment(metrics, catalog, events, warehouse)
    between = {"start": _instant("--from", start) if start else None, "end": _instant("--to", end) if end else None}
    with err.status("starting") as at_work:
        found = run_backtest(workspace, against, **between, progress=lambda message: at_work.update(escape(message)))
    if format is ReportFormat.json:
        sys.stdout.write(backtest_as_json(found) + "\n")
    else:
        print_backtest(found, top)


@app.command()
def publish(
    to: Annotated[str, typer.Option(help="postgres://user@host:5432/database, or a file, report.duckdb.")],
    schema: Annotated[str, typer.Option(help="Schema to write; it is made if it is not there.")] = "marts",
    force: Annotated[bool, typer.Option("--force", help="Write also over a newer publication.")] = False,
    warehouse: Warehouse = None,
) -> None:
    """
    Write the published marts into PostgreSQL, in one transaction, or into one DuckDB file that can be sent.

    Example: `meterhouse publish --to postgres://bi@localhost/analytics`
    """
    from meterhouse.duckdb_file import is_duckdb_file, publish_to_duckdb
    from meterhouse.postgres import publish_to_postgres

    publish_to = publish_to_duckdb if is_duckdb_file(to) else publish_to_postgres
    workspace = Workspace.from_environment(warehouse=warehouse)
    with err.status("connecting") as at_work:
        done = publish_to(workspace, to, schema, force=force, progress=lambda table: at_work.update(f"writing {escape(table)}"))
    out.print(
        f"[green]{len(done.rows)} tables, {sum(done.rows.values()):,} rows[/green] of {done.clock:%Y-%m-%d %H:%M} UTC"
        f" are in {escape(done.place)}",
        highlight=False,
        soft_wrap=True,
    )


@app.command()
def status(
    format: Annotated[ReportFormat, typer.Option(help="How to print the facts.")] = ReportFormat.table,
    events: Events = None,
    warehouse: Warehouse = None,
) -> None:
    """
    Show how the workspace stands: clocks, lag, what waits, what was rejected, how the last run ended.

    Example: `meterhouse status --format json`
    """
    from meterhouse.status import read_status, status_rows

    facts = read_status(Workspace.from_environment(events=events, warehouse=warehouse), datetime.now(UTC))
    if format is ReportFormat.json:
        sys.stdout.write(json.dumps(facts, indent=2) + "\n")
    else:
        out.print(as_table(("fact", "value"), status_rows(facts)))


@app.command()
def scenario(
    folders: Annotated[list[Path] | None, typer.Argument(help="Scenario folders, or folders of them [default: all].")] = None,
    steps: Annotated[Steps, typer.Option(help="hourly: build hour by hour in order of ingestion.")] = Steps.direct,
) -> None:
    """
    Build example folders in fresh warehouses and compare the marts with the rows they expect.

    Example: `meterhouse scenario tests/scenarios --steps hourly`
    """
    from meterhouse.scenario import Scenario, find_scenarios, run_scenario

    failed = 0
    with tempfile.TemporaryDirectory(prefix="meterhouse-") as scratch:
        for folder in find_scenarios(folders or []):
            example = Scenario.load(folder)
            with out.status(f"{folder.name}: {example.description}"):
                differences = run_scenario(example, Path(scratch), hourly=steps is Steps.hourly)
            out.print(f"{'[red]differs[/red]' if differences else '[green]as expected[/green]'}  {escape(str(folder))}")
            failed += bool(differences)
            for difference in differences:
                missing = [("missing", *row) for row in difference.missing]
                unexpected = [("unexpected", *row) for row in difference.unexpected]
                out.print(as_table(("", *difference.columns), [*missing, *unexpected], title=difference.mart))
    if failed:
        raise typer.Exit(1)


@app.command()
def demo(
    events_count: Annotated[int, typer.Option("--event-count", help="Events to generate.", min=1_000)] = 200_000,
    events: Events = None,
    warehouse: Warehouse = None,
) -> None:
    """
    Generate a month of events of the example business, build it, and print its invoices and balances.

    Example: `meterhouse demo`
    """
    from meterhouse.example.generate import generate_events

    workspace = Workspace.from_environment(PROJECT_FOLDER / "metrics", PROJECT_FOLDER / "seeds", events, warehouse)
    folder = Path(workspace.events)
    if folder.is_dir() and any(folder.iterdir()):
        out.print(f"[dim]events are in {folder} already[/dim]")
    else:
        with out.status(f"generating {events_count:,} events of January 2026"):
            generate_events(folder, events=events_count, month=date(2026, 1, 1))
    _build(workspace, datetime(2026, 2, 3, tzinfo=UTC))
    print_invoices(workspace)
    print_balances(workspace)
    command = os.path.relpath(sys.argv[0])
    out.print(
        "\nWhere to look next\n"
        f"  {command} show unbilled_events       usage that nobody pays for, and why\n"
        f"  {command} show invoice_line_items --where \"invoice_id = 'brightpage_2026/usage/2026-01-01'\"\n"
        f"  {command} explain active_users       how a metric is maintained\n"
        f"  {workspace.publication}    the marts, for any BI tool",
        highlight=False,
        soft_wrap=True,
    )


def main() -> None:
    """Run the command line; a mistake of the user is one message on stderr and exit code 1."""
    try:
        app(standalone_mode=True)
    except (MeterhouseError, MetricErrors, CatalogueError) as error:
        if os.environ.get("METERHOUSE_DEBUG"):
            raise
        err.print(escape(str(error)), style="red", highlight=False, soft_wrap=True)
        sys.exit(1)


def _build(workspace: Workspace, as_of: datetime, log: str | None = None) -> None:
    # dbt takes seconds to import: only commands that build pay for it
    with shown_progress() as progress:
        from meterhouse.runner import build as run_build

        result = run_build(workspace, as_of, progress=progress, log=log_target(log))
    steps = "1 step" if len(result.steps) == 1 else f"{len(result.steps)} steps"
    out.print(
        f"[green]built up to {as_of:%Y-%m-%d %H:%M} UTC[/green] in {steps}, {result.new_event_files} new event files,"
        f" {len(result.tables)} tables published",
        highlight=False,
    )


def _instant(option: str, text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise MeterhouseError(f"{option} {text}: is no instant; write it like 2026-02-01T00:00:00Z") from error
    if instant.tzinfo is None:
        raise MeterhouseError(f"{option} {text}: has no time zone; write {text}{'' if 'T' in text else 'T00:00:00'}Z for UTC")
    return instant.astimezone(UTC)


if __name__ == "__main__":
    main()
