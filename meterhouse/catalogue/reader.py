"""The folder of CSV files as one checked catalogue."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from meterhouse.catalogue.book import Book
from meterhouse.catalogue.checks import CHECKS
from meterhouse.catalogue.defaults import filled
from meterhouse.catalogue.errors import CatalogueError, Fault, suggestion
from meterhouse.catalogue.sheets import Sheet, read_sheet
from meterhouse.catalogue.tables import TABLES, columns
from meterhouse.catalogue.values import canonical

#: Files that write_seeds adds and nobody writes by hand.
WRITTEN_BY_US = ("currencies",)


@dataclass(frozen=True)
class Catalogue:
    """
    A catalogue without contradictions.

    `tables`: the rows of each table in the order of the file; every column, defaults filled in, as the
    canonical text that the warehouse loads; None is a blank cell.
    """

    tables: dict[str, list[dict[str, str | None]]]


def read_catalogue(folder: Path, metrics: Mapping[str, tuple[str, ...]]) -> Catalogue:
    """
    The catalogue in `folder`, one CSV per table; a missing file is an empty table.

    `metrics` maps the name of each metric to its group keys.

    Raises:
        CatalogueError: with every fault of every file, sorted by file and line.
    """
    if not folder.is_dir():
        raise CatalogueError([Fault(folder, 0, "there is no such folder; a catalogue is a folder of CSV files")])
    sheets = {table.table: read_sheet(table, folder / f"{table.table}.csv") for table in TABLES}
    book = filled(Book(sheets, metrics))
    faults = [fault for sheet in sheets.values() for fault in sheet.faults]
    faults += _stray_files(folder)
    faults += [fault for check in CHECKS for fault in check(book)]
    if faults:
        raise CatalogueError(faults)
    return Catalogue({name: _texts(sheet) for name, sheet in book.sheets.items()})


def _stray_files(folder: Path) -> Iterator[Fault]:
    """A file whose name is misspelled must not pass for an empty table."""
    names = [table.table for table in TABLES]
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() != ".csv" or path.name.startswith(".") or path.name in {f"{name}.csv" for name in (*names, *WRITTEN_BY_US)}:
            continue
        remedy = suggestion(path.stem, names, f"the tables are {', '.join(names)}")
        yield Fault(path, 0, f"is no table of the catalogue; {remedy}")


def _texts(sheet: Sheet) -> list[dict[str, str | None]]:
    return [{name: canonical(getattr(record.row, name)) for name in columns(sheet.table)} for record in sheet.records]
