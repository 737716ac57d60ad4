"""Dagster's names: assets, jobs, schedules and sensors, on which people, alerts and saved backfills rely."""

from pathlib import Path

import dagster as dg

SNAPSHOT = Path(__file__).parent / "definitions.txt"
GRIDS: dict[object, str] = {dg.HourlyPartitionsDefinition: ", hours", dg.MonthlyPartitionsDefinition: ", months"}


def described(defs: dg.Definitions) -> str:
    """Return the definitions as lines; an asset with its partitions and the number of its checks."""
    repository = defs.get_repository_def()
    graph = repository.asset_graph
    lines = [f"job       {job.name}" for job in repository.get_all_jobs() if not job.name.startswith("__")]
    lines += [f"schedule  {one.name}: {one.cron_schedule}, {one.job_name}, {one.default_status.value}" for one in repository.schedule_defs]
    lines += [f"sensor    {one.name}: {one.default_status.value}" for one in repository.sensor_defs]
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        grid = GRIDS.get(type(node.partitions_def), "")
        checks = f", {len(node.check_keys)} checks" if node.check_keys else ""
        lines.append(f"asset     {key.to_user_string()}{grid}{checks}")
    return "\n".join(sorted(lines)) + "\n"


def test_the_definitions_are_those_of_the_snapshot(defs: dg.Definitions) -> None:
    """A new model or test changes `definitions.txt`: put there what this test found."""
    assert described(defs) == SNAPSHOT.read_text()


def test_what_an_asset_says_of_itself(defs: dg.Definitions) -> None:
    graph = defs.get_repository_def().asset_graph
    invoices = graph.get(dg.AssetKey(["invoicing", "invoices"]))
    assert invoices.group_name == "invoicing"
    assert "One row per invoice" in (invoices.description or "")
    assert dg.AssetKey(["invoicing", "int_open_line_items"]) in invoices.parent_keys
    assert graph.get(dg.AssetKey(["published", "marts"])).freshness_policy is not None
    names = {key.name for key in invoices.check_keys}
    assert "assert_invoice_totals_equal_their_lines" in names


def test_a_month_waits_for_its_hours(defs: dg.Definitions) -> None:
    """The rooms that are built by the month read those that are built by the hour, and never the other way round."""
    graph = defs.get_repository_def().asset_graph
    crossed = [
        f"{key.to_user_string()} reads {parent.to_user_string()}"
        for key in graph.get_all_asset_keys()
        if isinstance(graph.get(key).partitions_def, dg.HourlyPartitionsDefinition)
        for parent in graph.get(key).parent_keys
        if isinstance(graph.get(parent).partitions_def, dg.MonthlyPartitionsDefinition)
    ]
    assert not crossed
