"""The catalogue as dbt seeds: canonical CSV files and the YAML that declares them."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic.fields import FieldInfo

from meterhouse.catalogue.currencies import CURRENCIES
from meterhouse.catalogue.reader import Catalogue
from meterhouse.catalogue.tables import TABLES, Row, blank, choices, columns, kind

_HEADER = """\
# The catalogue's seeds, written by meterhouse.catalogue.seeds_yaml() from meterhouse/catalogue/tables.
# Change it there.
version: 2

seeds:
"""
_ABOUT_CURRENCIES = "Minor units of ISO 4217; written with the catalogue. One row per currency."
_CURRENCIES = {
    "pricing_unit": ("varchar", "ISO 4217 code in lower case."),
    "decimal_places": ("integer", "Digits after the point of the currency's minor unit."),
}


def write_seeds(catalogue: Catalogue, folder: Path) -> None:
    """Write every table to `folder`: all columns in declared order, canonical values, blank for none."""
    folder.mkdir(parents=True, exist_ok=True)
    for table in TABLES:
        names = list(columns(table))
        rows = catalogue.tables.get(table.table, [])
        _write(folder / f"{table.table}.csv", names, ([row.get(name) for name in names] for row in rows))
    _write(
        folder / "currencies.csv",
        list(_CURRENCIES),
        ([code, str(places)] for code, places in sorted(CURRENCIES.items())),
    )


def _write(path: Path, header: list[str], rows: Iterable[list[str | None]]) -> None:
    lines = [",".join(header), *(",".join(map(_cell, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def _cell(value: str | None) -> str:
    """Quoted, whatever it holds: DuckDB guesses the quote character from the file, and may guess wrong."""
    return "" if value is None else '"' + value.replace('"', '""') + '"'


def seeds_yaml() -> str:
    """The text of seeds/_catalogue.yml: every seed and column with its type and meaning."""
    seeds = [_seed(table.table, _table_text(table), _columns(table)) for table in TABLES]
    return _HEADER + "\n".join([*seeds, _seed("currencies", _ABOUT_CURRENCIES, _CURRENCIES)])


def _table_text(table: type[Row]) -> str:
    return " ".join((table.__doc__ or "").split())


def _columns(table: type[Row]) -> dict[str, tuple[str, str]]:
    return {name: (kind(field).sql, " ".join(_sentences(field))) for name, field in columns(table).items()}


def _sentences(field: FieldInfo) -> Iterator[str]:
    """Meaning, allowed words, what blank means."""
    yield field.description or ""
    if choices(field):
        yield f"One of {', '.join(choices(field))}."
    meaning = blank(field)
    yield f"Blank: {meaning}." if meaning else "Required."


def _seed(name: str, about: str, described: dict[str, tuple[str, str]]) -> str:
    return "\n".join(
        (
            f"  - name: {name}",
            f"    description: {_yaml(about)}",
            "    config:",
            "      schema: catalogue",
            "      quote_columns: true",
            "      column_types:",
            *(f"        {column}: {_yaml(sql)}" for column, (sql, _) in described.items()),
            "    columns:",
            *(f"      - {{name: {column}, description: {_yaml(text)}}}" for column, (_, text) in described.items()),
            "",
        )
    )


def _yaml(text: str) -> str:
    """A double-quoted scalar: every JSON string is one."""
    return json.dumps(text, ensure_ascii=False)
