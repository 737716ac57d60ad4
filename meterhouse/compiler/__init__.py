"""
The metric compiler: SQL of the metric language in, incremental dbt models out.

It is pure: text in, text out. Each pass is one file: parse, validate, bind, classify, plan, render (hourly, merging,
outer, increments, matches, documentation); `project.PIPELINE` puts them in their order.
"""

from meterhouse.compiler.errors import MetricError, MetricErrors
from meterhouse.compiler.project import CompiledMetric, CompiledProject, compile_files, compile_metrics

__all__ = [
    "CompiledMetric",
    "CompiledProject",
    "MetricError",
    "MetricErrors",
    "compile_files",
    "compile_metrics",
]
