"""How runs write instants and paths: in files, messages and SQL."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path


def written(instant: datetime) -> str:
    """Return an instant in UTC to the second, 2026-02-01T00:00:00Z."""
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def quoted(text: str | Path) -> str:
    """Return a text or a path as a string of SQL."""
    return "'" + str(text).replace("'", "''") + "'"
