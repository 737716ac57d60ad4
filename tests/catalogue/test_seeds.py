"""The seeds as dbt-duckdb loads them: COPY by position into declared types, without any loss."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from meterhouse.catalogue import CURRENCIES, Catalogue, read_catalogue, seeds_yaml, write_seeds
from meterhouse.catalogue.tables import TABLES, Row, columns, kind
from meterhouse.catalogue.values import canonical, group_values, instant, money, names

SEEDS = Path(__file__).parents[2] / "seeds"

TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=8).map(str.strip).filter(bool)
PRICES = st.decimals(0, Decimal("99999999999999.999999999999"), places=12)
INSTANTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))


CONNECTION = duckdb.connect()
CONNECTION.execute("set TimeZone = 'UTC'")
SEED_TYPES = {seed["name"]: seed["config"]["column_types"] for seed in yaml.safe_load(seeds_yaml())["seeds"]}


def loaded(folder: Path, table: str) -> list[dict[str, Any]]:
    """The rows of a written seed, loaded as dbt-duckdb does it."""
    types = SEED_TYPES[table]
    CONNECTION.execute("create or replace table seed (" + ", ".join(f'"{name}" {sql}' for name, sql in types.items()) + ")")
    CONNECTION.execute(f"copy seed from '{folder / table}.csv' (format csv, header true, delimiter ',')")
    # Instants leave as text: Python's own conversion would need another package.
    picked = ", ".join(f'"{name}"::varchar' if sql == "timestamptz" else f'"{name}"' for name, sql in types.items())
    return [dict(zip(types, row, strict=True)) for row in CONNECTION.execute(f"select {picked} from seed").fetchall()]


def written(folder: Path, table: str, rows: list[dict[str, str | None]]) -> list[dict[str, Any]]:
    write_seeds(Catalogue({table: rows}), folder)
    return loaded(folder, table)


def test_the_committed_yaml_is_the_definition() -> None:
    assert (SEEDS / "_catalogue.yml").read_text() == seeds_yaml(), "run: python -m meterhouse.catalogue"


def test_the_yaml_describes_every_seed_and_column() -> None:
    seeds = {seed["name"]: seed for seed in yaml.safe_load(seeds_yaml())["seeds"]}
    for table in TABLES:
        seed = seeds.pop(table.table)
        assert [column["name"] for column in seed["columns"]] == list(columns(table))
        assert seed["config"]["column_types"] == {name: kind(field).sql for name, field in columns(table).items()}
        assert all(column["description"] for column in seed["columns"])
    assert list(seeds) == ["currencies"]


def test_every_table_has_a_committed_file_with_its_columns_in_order() -> None:
    for table in TABLES:
        header = (SEEDS / f"{table.table}.csv").read_text().splitlines()[0]
        assert header.split(",") == list(columns(table)), table.table


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.table)
def test_a_table_without_rows_loads(tmp_path: Path, table: type[Row]) -> None:
    assert written(tmp_path, table.table, []) == []


def test_currencies_load(tmp_path: Path) -> None:
    write_seeds(Catalogue({}), tmp_path)
    rows = {row["pricing_unit"]: row["decimal_places"] for row in loaded(tmp_path, "currencies")}
    assert rows == CURRENCIES
    assert (rows["usd"], rows["jpy"], rows["kwd"]) == (2, 0, 3)


def test_writing_what_was_written_changes_nothing(tmp_path: Path) -> None:
    base = Path(__file__).parent / "cases" / "base"
    metrics = {"calls": (), "tokens": ("model", "user")}
    write_seeds(read_catalogue(base, metrics), tmp_path / "once")
    write_seeds(read_catalogue(tmp_path / "once", metrics), tmp_path / "twice")
    once, twice = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("once", "twice"))
    assert once == twice
    assert len(once) == len(TABLES) + 1


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.tuples(TEXTS, st.none() | TEXTS, st.none() | TEXTS), max_size=5, unique_by=lambda row: row[0]))
def test_texts_survive(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str | None, str | None]]) -> None:
    folder = tmp_path_factory.mktemp("seeds")
    cells = [{"customer_id": key, "name": name, "email": email, "timezone": "UTC"} for key, name, email in rows]
    assert sorted(written(folder, "customers", cells), key=str) == sorted(cells, key=str)


@settings(max_examples=60, deadline=None)
@given(prices=st.lists(PRICES, min_size=1, max_size=5), instants=st.lists(INSTANTS, min_size=1, max_size=5))
def test_prices_and_instants_survive(tmp_path_factory: pytest.TempPathFactory, prices: list[Decimal], instants: list[datetime]) -> None:
    folder = tmp_path_factory.mktemp("seeds")
    pairs = list(zip(prices, instants, strict=False))
    rows = [{"commit_id": "k", "invoice_at": canonical(moment), "unit_price": canonical(price)} for price, moment in pairs]
    found = written(folder, "commit_invoice_items", rows)
    assert [(row["unit_price"], instant(row["invoice_at"].replace("+00", "Z"))) for row in found] == pairs


@given(price=PRICES, moment=INSTANTS)
def test_canonical_text_reads_as_the_same_value(price: Decimal, moment: datetime) -> None:
    assert money(str(canonical(price))) == price
    assert money(format(price, "e")) == price
    assert instant(str(canonical(moment))) == moment
    assert "e" not in str(canonical(price)).lower()


@settings(max_examples=60, deadline=None)
@given(values=st.dictionaries(TEXTS, TEXTS, max_size=4), tags=st.lists(TEXTS, unique=True, max_size=4))
def test_json_survives_and_is_what_the_warehouse_makes_of_it(
    tmp_path_factory: pytest.TempPathFactory, values: dict[str, str], tags: list[str]
) -> None:
    """The canonical text equals DuckDB's own JSON text, so that it joins with group values made in the warehouse."""
    folder = tmp_path_factory.mktemp("seeds")
    texts = (canonical(values), canonical(sorted(tags)))
    (row,) = written(folder, "rates", [{"rate_id": "r", "pricing_group_values": texts[0], "rate_type": texts[1]}])
    assert (row["pricing_group_values"], row["rate_type"]) == texts
    assert (group_values(str(texts[0])), names(str(texts[1]))) == (values, sorted(tags))
    parts = [part for key in sorted(values) for part in (key, values[key])]
    marks = ", ".join(["?::varchar"] * len(parts))
    assert CONNECTION.execute(f"select json_object({marks})::varchar", parts).fetchall() == [(texts[0],)]
