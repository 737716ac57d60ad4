"""Runs: in-process dbt, control tables, the clock, publication."""

from meterhouse.runner.build import BuildResult, build
from meterhouse.runner.errors import MeterhouseError
from meterhouse.runner.workspace import Workspace

__all__ = ["BuildResult", "MeterhouseError", "Workspace", "build"]
