"""One metric of a folder, by its name."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from meterhouse.compiler import CompiledProject, compile_files
from meterhouse.compiler.project import read_metrics
from meterhouse.runner.errors import MeterhouseError


def compile_metric(metrics: Path, name: str) -> CompiledProject:
    """
    Compile one metric of a folder: the faults of the others are none of its business.

    Raises:
        MetricErrors: the metric is faulty.
        MeterhouseError: there is no such metric.
    """
    files, unreadable = read_metrics(metrics)
    chosen = [file for file in files if file.name == name]
    faults = [fault for fault in unreadable if fault.startswith(f"{metrics.name}/{name}.")]
    if not chosen and not faults:
        names = sorted({file.name for file in files})
        remedy = nearest(name, names) or f"; {metrics} has {', '.join(names) or 'none'}"
        raise MeterhouseError(f"there is no metric {name}{remedy}")
    return compile_files(chosen, faults)


def nearest(name: str, names: Iterable[str]) -> str:
    """Return `; did you mean ...?` where one of the names is like this one, else nothing."""
    near = get_close_matches(name, names, n=1)
    return f"; did you mean {near[0]}?" if near else ""
