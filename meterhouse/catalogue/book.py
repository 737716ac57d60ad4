"""All sheets of a catalogue, as the checks read them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar, cast

from meterhouse.catalogue.currencies import CURRENCIES
from meterhouse.catalogue.errors import Fault
from meterhouse.catalogue.sheets import Record, Sheet
from meterhouse.catalogue.tables import PricingUnit, Product, ProductVersion, Row, primary_key
from meterhouse.catalogue.values import canonical

R = TypeVar("R", bound=Row)


@dataclass(frozen=True)
class Book:
    """The sheets by table name, and the project's metrics with their group keys."""

    sheets: Mapping[str, Sheet]
    metrics: Mapping[str, tuple[str, ...]]

    def rows(self, table: type[R]) -> list[R]:
        """The table's rows that have no wrong cell."""
        return [cast(R, record.row) for record in self.sheets[table.table].records if record.row]

    def by_key(self, table: type[R]) -> dict[str, R]:
        """The rows of a table with a one-column key, by that key."""
        (column,) = primary_key(table)
        return {getattr(row, column): row for row in self.rows(table)}

    def whole(self, *tables: type[Row]) -> bool:
        """Whether every row of these tables could be read, so that a missing row is really missing."""
        sheets = [self.sheets[table.table] for table in tables]
        return all(sheet.complete and all(record.row for record in sheet.records) for sheet in sheets)

    def values(self, table: str, column: str) -> set[str]:
        """The column's values, also those of rows in which another cell is wrong."""
        found = (cell(record, column) for record in self.sheets[table].records)
        return {value for value in found if value is not None}

    def fault(self, row: Row, message: str) -> Fault:
        """The mistake, placed at the row."""
        return Fault(self.sheets[row.table].path, row.line, message)

    def is_currency(self, unit: str) -> bool:
        """Whether invoices can be due in the unit."""
        return unit in CURRENCIES or any(row.pricing_unit == unit and row.is_currency for row in self.rows(PricingUnit))

    def versions(self) -> dict[str, list[tuple[Row, Product]]]:
        """
        Each product as it is from each version on, in order of time.

        A pair is the row that says so (first the product's own, which counts from the beginning of time) and
        the product with all its values from then on.
        """
        known = self.by_key(Product)
        found: dict[str, list[tuple[Row, Product]]] = {name: [(row, row)] for name, row in known.items()}
        for version in sorted(self.rows(ProductVersion), key=lambda row: row.starting_at):
            if version.product_id in found:
                written = version.model_fields_set - {"product_id", "starting_at"}
                changes = {name: getattr(version, name) for name in written}
                _, before = found[version.product_id][-1]
                found[version.product_id].append((version, before.model_copy(update=changes)))
        return found


def cell(record: Record, column: str) -> str | None:
    """The canonical text of a cell, or its own text where the row has a wrong cell."""
    return canonical(getattr(record.row, column)) if record.row else record.cells.get(column)


def grouped(rows: Iterable[R], *names: str) -> list[list[R]]:
    """The rows in groups of equal canonical text in some columns."""
    groups: dict[tuple[str | None, ...], list[R]] = defaultdict(list)
    for row in rows:
        groups[tuple(canonical(getattr(row, name)) for name in names)].append(row)
    return list(groups.values())
