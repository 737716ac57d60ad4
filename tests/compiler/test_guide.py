"""The guide's examples are metrics that compile."""

import re
from pathlib import Path

import pytest

from meterhouse.compiler import compile_files
from meterhouse.compiler.project import MetricFile

GUIDE = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text()
EXAMPLES = re.findall(r"```(sql|yaml)\n(.*?)```", GUIDE, re.DOTALL)


@pytest.mark.parametrize(("language", "text"), EXAMPLES, ids=[text.splitlines()[0][:50] for _, text in EXAMPLES])
def test_an_example_of_the_guide_compiles(language: str, text: str) -> None:
    suffix = {"sql": "sql", "yaml": "yml"}[language]
    (metric,) = compile_files([MetricFile("example", f"metrics/example.{suffix}", text)]).metrics
    assert metric.metric_class in GUIDE
