"""
The assets of a workspace: its event files, the models by hour and by month, and the publication.

A run is the runner's: it takes in events, builds, tests and publishes up to a clock. Dagster says which clock, and writes down
what came of each model and test.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import dagster as dg

from meterhouse.runner import BuildResult, MeterhouseError, Workspace, build
from meterhouse.runner.dbt import Outcome
from meterhouse.runner.errors import WarehouseBusyError
from meterhouse.runner.project import manifest_of
from meterhouse.runner.run_log import log_target
from orchestration.models import ModelAssets, model_assets
from orchestration.partitions import clock_of_hours, clock_of_months, hours, months

Event = dg.AssetCheckResult | dg.MaterializeResult[None]
# one run at a time writes to the warehouse: the limit is in dagster.yaml; a run that someone started outside Dagster is waited for
POOL = "warehouse_writer"
ATTEMPTS, PAUSE_SECONDS = 20, 30

by_hour, by_month = model_assets(manifest_of(Workspace.from_environment()))

event_files = dg.AssetSpec(
    key="event_files",
    description="Files of usage events that applications write. Read once each; never changed.",
    group_name="events",
)
publication = dg.AssetSpec(
    key=["published", "marts"],
    deps=list(by_month.key_of.values()),
    description="Every mart as one DuckDB file and as Parquet. A run that fails leaves the publication as it was.",
    group_name="published",
    freshness_policy=dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=3), warn_window=timedelta(hours=2)),
)


@dg.multi_asset(
    name="facts",
    specs=by_hour.specs,
    check_specs=by_hour.checks,
    partitions_def=hours,
    backfill_policy=dg.BackfillPolicy.single_run(),
    pool=POOL,
)
def facts(context: dg.AssetExecutionContext) -> Iterator[Event]:
    """Events and what is counted of them, up to the end of the run's hours; drafts and the publication follow."""
    yield from _built(context, by_hour, lambda workspace: clock_of_hours(workspace, context.partition_time_window.end))


@dg.multi_asset(
    name="billing",
    specs=by_month.specs,
    check_specs=by_month.checks,
    partitions_def=months,
    backfill_policy=dg.BackfillPolicy.single_run(),
    pool=POOL,
)
def billing(context: dg.AssetExecutionContext) -> Iterator[Event]:
    """Lines, balances and invoices of all billing periods that end in the run's months, made final once their grace has passed."""
    end = context.partition_time_window.end
    yield from _built(context, by_month, lambda workspace: clock_of_months(workspace, end, datetime.now(UTC)))


def _built(context: dg.AssetExecutionContext, assets: ModelAssets, clock_of: Callable[[Workspace], datetime]) -> Iterator[Event]:
    workspace = Workspace.from_environment()
    outcomes: dict[str, list[Outcome]] = {}
    failure: MeterhouseError | None = None
    try:
        result = build(
            workspace,
            clock_of(workspace),
            progress=context.log.info,
            watch=lambda outcome: outcomes.setdefault(outcome.unique_id, []).append(outcome),
            log=log_target(),
        )
    except WarehouseBusyError as error:
        raise dg.RetryRequested(max_retries=ATTEMPTS, seconds_to_wait=PAUSE_SECONDS) from error
    except MeterhouseError as error:
        failure = error
    for name, check in assets.check_of.items():
        for outcome in outcomes.get(name, [])[-1:]:
            yield dg.AssetCheckResult(
                passed=outcome.status in ("pass", "warn"),
                asset_key=check.asset_key,
                check_name=check.name,
                metadata={"seconds": outcome.seconds, **({"message": outcome.message} if outcome.message else {})},
            )
    if failure:
        raise dg.Failure(str(failure)) from failure
    context.log_event(_published(workspace, result))
    for name, key in assets.key_of.items():
        seconds = sum(outcome.seconds for outcome in outcomes.get(name, []))
        yield dg.MaterializeResult(asset_key=key, metadata={"as_of": dg.MetadataValue.timestamp(result.as_of), "seconds": seconds})


def _published(workspace: Workspace, result: BuildResult) -> dg.AssetMaterialization:
    return dg.AssetMaterialization(
        asset_key=publication.key,
        metadata={
            "as_of": dg.MetadataValue.timestamp(result.as_of),
            "steps": len(result.steps),
            "new_event_files": result.new_event_files,
            "tables": list(result.tables),
            "publication": dg.MetadataValue.path(workspace.publication),
        },
    )
