"""Writes the metrics and the catalogue of a test workspace."""

import csv
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path

Row = Mapping[str, str]


def write_metrics(folder: Path, metrics: Mapping[str, str]) -> None:
    """Write one `metrics/<name>.sql` each."""
    (folder / "metrics").mkdir(parents=True)
    for name, query in metrics.items():
        (folder / "metrics" / f"{name}.sql").write_text(query + "\n")


def write_catalog(folder: Path, tables: Mapping[str, Iterable[Row]]) -> None:
    """Write one `catalog/<table>.csv` each; the columns are those of the first row."""
    (folder / "catalog").mkdir(parents=True)
    for table, rows in tables.items():
        listed = list(rows)
        with (folder / "catalog" / f"{table}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(listed[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(listed)


def contract(customer: str, starting_at: str, billing_frequency: str) -> Row:
    """Return a contract of `customer` on the card `list`, with periods from the first of a month."""
    return {
        "contract_id": f"{customer}:contract",
        "customer_id": customer,
        "rate_card_id": "list",
        "starting_at": starting_at,
        "billing_frequency": billing_frequency,
    }


def product(metric: str, *, pricing: tuple[str, ...] = (), presentation: tuple[str, ...] = ()) -> Row:
    """Return the product that sells `metric` under the metric's name."""
    return {
        "product_id": metric,
        "name": metric,
        "type": "usage",
        "metric": metric,
        "pricing_group_keys": json.dumps(pricing),
        "presentation_group_keys": json.dumps(presentation),
    }


def rate(product_id: str, unit_price: Decimal, starting_at: str, group: Mapping[str, str]) -> Row:
    """Return a flat rate of the card `list` for the pricing values `group`."""
    values = json.dumps(group, sort_keys=True, separators=(",", ":"))
    return {
        "rate_id": f"{product_id}:{values}",
        "rate_card_id": "list",
        "product_id": product_id,
        "starting_at": starting_at,
        "rate_type": "flat",
        "unit_price": f"{unit_price:f}",
        "pricing_group_values": values,
    }


CARD: Row = {"rate_card_id": "list", "name": "List prices", "currency": "usd"}
