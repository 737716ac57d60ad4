"""The assets of a workspace: its event files, and the marts that a run publishes from them."""

from datetime import UTC, datetime

import dagster as dg

from meterhouse.runner import Workspace, build
from meterhouse.runner.event_files import find_event_files

events = dg.AssetSpec(
    key="event_files",
    description="Files of usage events that applications write. Read once each; never changed.",
    group_name="events",
)


@dg.asset(
    key=["published", "marts"],
    deps=[events],
    group_name="published",
    pool="warehouse_writer",
    description="Every mart, built, tested and published as one file. A run that fails leaves the publication as it was.",
)
def marts(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    """Build the workspace of METERHOUSE_* variables up to now, through every finalization instant on the way."""
    workspace = Workspace.from_environment()
    result = build(workspace, datetime.now(UTC), progress=context.log.info)
    return dg.MaterializeResult(
        metadata={
            "as_of": dg.MetadataValue.timestamp(result.as_of),
            "steps": len(result.steps),
            "new_event_files": result.new_event_files,
            "event_files": len(find_event_files(workspace.events)),
            "tables": list(result.tables),
            "publication": dg.MetadataValue.path(workspace.publication),
        }
    )
