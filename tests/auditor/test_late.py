"""The auditor bills late usage as the scenario says that invoices do."""

import csv
import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from meterhouse.auditor import Arrival, Measurement, late_usage_lines, read_catalogue

SCENARIO = Path(__file__).parents[1] / "scenarios" / "late_usage_on_the_next_invoice"
AS_OF = datetime.fromisoformat("2026-01-27T00:00:00Z")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_auditor_bills_late_usage_as_expected() -> None:
    arrivals = [
        Arrival(
            Measurement(
                event["customer_id"],
                "units",
                datetime.fromisoformat(event["timestamp"]),
                {},
                Decimal(json.loads(event["properties"])["units"]),
            ),
            datetime.fromisoformat(event["ingested_at"]),
        )
        for event in rows(SCENARIO / "events.csv")
    ]

    found = late_usage_lines(read_catalogue(SCENARIO / "catalog"), arrivals, AS_OF)

    expected = rows(SCENARIO / "expected" / "invoice_line_items.csv")
    assert len(expected) == 5
    assert sorted((line.invoice_id, line.period_start_at, line.unit_price, line.quantity, line.amount) for line in found) == sorted(
        (
            row["invoice_id"],
            datetime.fromisoformat(row["starting_at"]),
            Decimal(row["unit_price"]),
            Decimal(row["quantity"]),
            Decimal(row["amount"]),
        )
        for row in expected
    )
