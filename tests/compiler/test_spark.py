"""
Compiled models return the same rows on Spark as on DuckDB, from the same events.

Spark is no dependency of the project: install pyspark 3.5 and Java to run this. What a session must be set to is in `spark`.
"""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from meterhouse.compiler import CompiledProject, compile_files
from meterhouse.compiler.project import MetricFile
from meterhouse.runner.render import Renderer
from tests.compiler.queries import NUMBER_TEXTS, TEXTS, WINDOWS, random_events, random_query
from tests.compiler.test_portability import PROJECTS
from tests.compiler.test_scalars import EVENT
from tests.compiler.warehouse import Event, Warehouse

pytest.importorskip("pyspark", reason="pyspark is not installed: Spark's rows are not compared with DuckDB's")

from pyspark.sql import DataFrame, SparkSession

EVENT_TYPES = ("chat_completion", "embedding", "image_generated", "storage_snapshot", "seats_changed", "storage_heartbeat")
QUERIES = [random_query(Random(seed), depth=1 + seed % 3).text for seed in range(60)]
COMPARED = PROJECTS | {"random": compile_files([MetricFile(f"r{i}", f"metrics/r{i}.sql", text) for i, text in enumerate(QUERIES)])}
TABLES = ("int_usage_events", "int_run_hours", "int_run_windows", "int_unbilled_hours", "int_review_hours")

Rows = list[tuple[Any, ...]]


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    settings = {
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.ansi.enabled": "true",
        "spark.sql.decimalOperations.allowPrecisionLoss": "false",
        "spark.sql.shuffle.partitions": "1",
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
    }
    session = SparkSession.builder.master("local[1]").config(map=settings).getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


def events_of(project: CompiledProject) -> list[Event]:
    """Random events of all types, with something in every property that the metrics read."""
    rng = Random(1)
    names = sorted({item["name"] for item in Warehouse(project, []).properties})
    texts = [*NUMBER_TEXTS, *TEXTS, "ok", "true", "2026-03-01T05:30:00+05:30", None]
    drawn = [event for _ in range(6) for event in random_events(rng)]
    return [EVENT] + [
        Event(
            f"e{number:03}",
            event.customer_id,
            rng.choice([event.event_type, *EVENT_TYPES]),
            event.timestamp,
            event.properties | {name: text for name in names if (text := rng.choice(["ok", *NUMBER_TEXTS, *texts])) is not None},
        )
        for number, event in enumerate(drawn)
    ]


def comparable(frame: DataFrame) -> Rows:
    columns = [f"unix_micros(`{name}`)" if kind == "timestamp" else f"`{name}`" for name, kind in frame.dtypes]
    return sorted((tuple(row) for row in frame.selectExpr(*columns).collect()), key=str)


def duckdb_rows(warehouse: Warehouse, sql: str) -> Rows:
    relation = warehouse.connection.sql(sql)
    instants = {name for name, kind in zip(relation.columns, relation.types, strict=True) if str(kind).startswith("TIMESTAMP")}
    columns = ", ".join(f'epoch_us("{name}")' if name in instants else f'"{name}"' for name in relation.columns)
    return sorted(relation.project(columns).fetchall(), key=str)


@pytest.mark.parametrize("name", COMPARED)
def test_spark_returns_the_rows_of_duckdb(name: str, spark: SparkSession, tmp_path: Path) -> None:
    project = COMPARED[name]
    warehouse = Warehouse(project, WINDOWS)
    warehouse.ingest(events_of(project))
    for table in ("int_unbilled_hours", "int_review_hours"):
        warehouse.connection.execute(f"create table {table} as select distinct customer_id, hour_start_at from int_usage_events")
    for table in TABLES:
        warehouse.connection.execute(f"copy (from {table}) to '{tmp_path / table}.parquet'")
        spark.read.parquet(f"{tmp_path / table}.parquet").createOrReplaceTempView(table)

    renderers = {engine: Renderer(project.files["macros/compiled/metric_properties.sql"], engine=engine) for engine in ("duckdb", "spark")}
    different = []
    for path, text in in_order(project):
        model = Path(path).stem
        warehouse.connection.execute(f"create or replace table {model} as {renderers['duckdb'].render(text)}")
        frame = spark.sql(renderers["spark"].render(text)).localCheckpoint()
        frame.createOrReplaceTempView(model)
        if comparable(frame) != duckdb_rows(warehouse, f"from {model}"):
            different.append(path)

    assert different == []


def in_order(project: CompiledProject) -> list[tuple[str, str]]:
    """The models, hourly states first and the models that read those of all metrics last."""
    models = [(path, text) for path, text in project.files.items() if path.startswith("models/") and path.endswith(".sql")]
    return sorted(models, key=lambda model: ("__hourly" not in model[0], "__increments" not in model[0], model[0]))
