"""The metrics and the catalogue of the main benchmark: five metrics, one contract a customer, flat prices."""

import csv
import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from meterhouse.example.bench import MODELS, REGIONS

METRICS = {
    "input_tokens": (
        "-- Input tokens per model.\n"
        "select sum(properties.input_tokens) as value, properties.model as model\n"
        "from events where event_type = 'llm_request' group by properties.model\n"
    ),
    "output_tokens": (
        "-- Output tokens per model.\n"
        "select sum(properties.output_tokens) as value, properties.model as model\n"
        "from events where event_type = 'llm_request' group by properties.model\n"
    ),
    "requests": (
        "-- Requests per region.\n"
        "select count(*) as value, properties.region as region\n"
        "from events where event_type = 'llm_request' group by properties.region\n"
    ),
    "stored_gigabytes": (
        "-- The most gigabytes stored at any moment of the period.\n"
        "select max(properties.gigabytes) as value from events where event_type = 'storage_snapshot'\n"
    ),
    "active_users": (
        "-- Different people who sent a request.\n"
        "select count(distinct properties.user_id) as value from events where event_type = 'llm_request'\n"
    ),
}

PRICES = {
    "input_tokens": ("model", MODELS, "0.0000025"),
    "output_tokens": ("model", MODELS, "0.00001"),
    "requests": ("region", REGIONS, "0.0001"),
    "stored_gigabytes": (None, (), "0.023"),
    "active_users": (None, (), "2"),
}
# One customer in ten has a prepaid balance that its usage draws down.
PREPAID_EVERY = 10
OPENS_AT = "2026-01-01T00:00:00Z"
BALANCE_ENDS_AT = "2027-01-01T00:00:00Z"


def fresh_workspace(folder: Path, *, customers: int) -> Path:
    """Return `folder` with the workspace and nothing that an earlier run left."""
    shutil.rmtree(folder, ignore_errors=True)
    write_workspace(folder, customers=customers)
    return folder


def write_workspace(folder: Path, *, customers: int) -> None:
    """Write `metrics/*.sql` and `catalog/*.csv` for `customer-0` and on into `folder`."""
    metrics, catalog = folder / "metrics", folder / "catalog"
    metrics.mkdir(parents=True, exist_ok=True)
    catalog.mkdir(parents=True, exist_ok=True)
    for name, query in METRICS.items():
        (metrics / f"{name}.sql").write_text(query)
    names = [f"customer-{n}" for n in range(customers)]
    prepaid = names[::PREPAID_EVERY]
    _write(catalog, "customers", ("customer_id", "name"), ((name, name) for name in names))
    _write(catalog, "rate_cards", ("rate_card_id", "name", "currency"), [("list", "List prices", "usd")])
    _write(catalog, "products", ("product_id", "name", "type", "metric", "pricing_group_keys"), _products())
    _write(
        catalog,
        "rates",
        (
            "rate_id",
            "rate_card_id",
            "product_id",
            "starting_at",
            "rate_type",
            "unit_price",
            "pricing_group_values",
        ),
        _rates(),
    )
    _write(
        catalog,
        "contracts",
        ("contract_id", "customer_id", "rate_card_id", "starting_at"),
        ((f"{name}-contract", name, "list", OPENS_AT) for name in names),
    )
    _write(
        catalog,
        "commits",
        (
            "commit_id",
            "customer_id",
            "contract_id",
            "type",
            "name",
            "product_id",
            "pricing_unit",
            "created_at",
        ),
        ((f"{n}-prepaid", n, f"{n}-contract", "prepaid", "Prepaid usage", "prepaid", "usd", OPENS_AT) for n in prepaid),
    )
    _write(
        catalog,
        "commit_segments",
        ("segment_id", "commit_id", "amount", "starting_at", "ending_before"),
        ((f"{n}-segment", f"{n}-prepaid", "50", OPENS_AT, BALANCE_ENDS_AT) for n in prepaid),
    )


def _products() -> Iterable[tuple[str, ...]]:
    for metric, (key, _, _) in PRICES.items():
        yield metric, metric.replace("_", " "), "usage", metric, json.dumps([key]) if key else ""
    yield "prepaid", "Prepaid usage", "fixed", "", ""


def _rates() -> Iterable[tuple[str, ...]]:
    for metric, (key, values, price) in PRICES.items():
        for value in values or ("all",):
            group = json.dumps({key: value}, separators=(",", ":")) if key else ""
            yield f"{metric}-{value}", "list", metric, OPENS_AT, "flat", price, group


def _write(folder: Path, table: str, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    with (folder / f"{table}.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
