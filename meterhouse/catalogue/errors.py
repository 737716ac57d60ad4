"""
What can be wrong with a catalogue.

CatalogueError          the catalogue is refused; holds every fault, sorted by file and line
  .faults: Fault        one mistake: where, what was found, what would be right
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path


@dataclass(frozen=True, order=True)
class Fault:
    """One mistake; prints as `seeds/rates.csv:7: unit_price "1,5" is no number; write 1.5`."""

    path: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}" if self.line else f"{self.path}: {self.message}"


class CatalogueError(Exception):
    """A catalogue that contradicts itself; `faults` holds all its mistakes, sorted by file and line."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(set(faults)))
        super().__init__("\n".join(map(str, self.faults)))


def quoted(value: object) -> str:
    """The value as an error shows it: in double quotes, at most 80 characters of it."""
    text = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in str(value))
    return f'"{text[:77]}..."' if len(text) > 80 else f'"{text}"'


def listed(names: Iterable[str], limit: int = 8) -> str:
    """The names in double quotes, sorted, with commas; past `limit` their number is said instead."""
    ordered = sorted(names)
    shown = ", ".join(quoted(name) for name in ordered[:limit])
    return shown if len(ordered) <= limit else f"{shown} and {len(ordered) - limit} more"


def nearest(name: str, allowed: Iterable[str]) -> str | None:
    """The allowed name that a person most likely meant, or None."""
    names = {candidate.lower(): candidate for candidate in sorted(allowed)}
    swapped = [candidate for candidate in names if sorted(candidate) == sorted(name.lower())]
    close = swapped or get_close_matches(name.lower(), names, n=1, cutoff=0.6)
    return names[close[0]] if close else None


def suggestion(name: str, allowed: Iterable[str], otherwise: str) -> str:
    """The end of a message about an unknown name: the nearest allowed one, or else `otherwise`."""
    near = nearest(name, allowed)
    return f'did you mean "{near}"?' if near else otherwise
