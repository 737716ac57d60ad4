"""
What can be wrong with a metric, as a tree of error classes.

MetricError
├── SyntaxMistake         the text is no SELECT statement
├── TooLarge              longer or more deeply nested than a metric can be
├── NotInLanguage         a construct that the metric language leaves out (JOIN, LIMIT, a window ...)
├── UnknownName           a column, function or table that does not exist
├── AmbiguousName         a name that can mean two things
├── WrongKind             a text where a number belongs, and the like
├── WrongArguments        a function with too many, too few or unfit arguments
├── UngroupedColumn       a column that is neither grouped nor aggregated
├── MisplacedAggregate    an aggregate inside another, or in WHERE or GROUP BY
├── BadOutput             no quantity, or an output column without a name of its own
└── BadDefinition         a metric file whose name or YAML content is wrong

Each reads `file:line:column: what was found; what would be right`.
MetricErrors holds every fault of a folder at once.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class MetricError(Exception):
    """One fault of one metric; `offset` counts characters from the start of its file, or is None for the whole file."""

    def __init__(self, message: str, offset: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


class SyntaxMistake(MetricError):
    pass


class TooLarge(MetricError):
    pass


class NotInLanguage(MetricError):
    pass


class UnknownName(MetricError):
    pass


class AmbiguousName(MetricError):
    pass


class WrongKind(MetricError):
    pass


class WrongArguments(MetricError):
    pass


class UngroupedColumn(MetricError):
    pass


class MisplacedAggregate(MetricError):
    pass


class BadOutput(MetricError):
    pass


class BadDefinition(MetricError):
    pass


class MetricErrors(Exception):
    """Every fault of the metrics of a folder; `lines` holds one readable line per fault."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = tuple(lines)
        super().__init__("\n".join(self.lines))


def located(error: MetricError, source_path: str, text: str) -> str:
    """Write an error as `file:line:column: message`; lines and columns count from 1."""
    if error.offset is None:
        return f"{source_path}: {error.message}"
    before = text[: error.offset]
    line = before.count("\n") + 1
    column = error.offset - (before.rfind("\n") + 1) + 1
    return f"{source_path}:{line}:{column}: {error.message}"


def nearest(name: str, allowed: Iterable[str]) -> str:
    """Say which allowed name was probably meant, as `; did you mean X?`, or nothing."""
    matches = get_close_matches(name.lower(), [a.lower() for a in allowed], n=1, cutoff=0.6)
    spelling = {a.lower(): a for a in allowed}
    return f"; did you mean {spelling[matches[0]]}?" if matches else ""
