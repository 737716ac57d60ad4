"""Errors of the runner.

MeterhouseError
├── EventFileError        an event file is missing, broken or has changed
├── ClockError            the clock goes backwards
├── WarehouseBusyError    another run holds the warehouse
├── WarehouseError        the warehouse file cannot be opened
├── DiskFullError         a file cannot be written for lack of space
├── LogError              the log of a run cannot be written
├── BuildFailed           a model did not build
└── GatesFailed           a test did not pass; nothing is published
"""

from __future__ import annotations

from collections.abc import Sequence


class MeterhouseError(Exception):
    """A mistake that a person can mend: the message says where, what was found and what would be right."""


class EventFileError(MeterhouseError):
    """An event file is missing, broken or has changed since it was read."""


class ClockError(MeterhouseError):
    """The clock of a run lies before the clock of the run before it."""


class WarehouseBusyError(MeterhouseError):
    """Another run is writing to the warehouse."""


class WarehouseError(MeterhouseError):
    """The warehouse file cannot be opened."""


class DiskFullError(MeterhouseError):
    """There is no space left to write a file."""


class LogError(MeterhouseError):
    """The log that was asked for cannot be written."""


class BuildFailed(MeterhouseError):
    """A model did not build."""


class GatesFailed(MeterhouseError):
    """Data tests did not pass; `checks` are their names."""

    def __init__(self, message: str, checks: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.checks = tuple(checks)
