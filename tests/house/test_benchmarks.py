"""The benchmarks that run models over tables of their own keep up with what those models read."""

from types import ModuleType

import duckdb
import pytest

from benchmarks import drawdown, rating


@pytest.mark.parametrize(
    ("benchmark", "rows"),
    [
        pytest.param(rating, rating.CONTRACTS, id="rating"),
        pytest.param(drawdown, drawdown.CONTRACTS, id="drawdown"),
    ],
)
def test_a_benchmark_runs_on_few_rows(benchmark: ModuleType, rows: int) -> None:
    try:
        spent = benchmark.seconds(rows)
    except duckdb.Error as error:
        pytest.fail(f"{benchmark.__name__} lacks what a model reads: {error}")
    assert spent > 0
