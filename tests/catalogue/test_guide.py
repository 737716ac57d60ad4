"""The guide's examples are one catalogue that is right, and show every table."""

import csv
import re
from collections import defaultdict
from io import StringIO
from pathlib import Path

from meterhouse.catalogue import Catalogue, read_catalogue
from meterhouse.catalogue.tables import TABLES

GUIDE = (Path(__file__).parents[2] / "docs" / "contracts.md").read_text()
EXAMPLES = re.findall(r"\*\*(\w+)\.csv\*\*\n```csv\n(.*?)```", GUIDE, re.DOTALL)
METRICS = {
    **dict.fromkeys(("requests", "billable_requests", "exports", "emails", "payment_volume", "previews", "agent_runs"), ()),
    "tokens": ("model", "region", "user_id"),
}


def examples(folder: Path) -> Catalogue:
    """The guide's examples as one catalogue; those of one file are parts of it, each with the columns it needs."""
    rows: dict[str, list[dict[str, str]]] = defaultdict(list)
    for name, text in EXAMPLES:
        rows[name] += csv.DictReader(StringIO(text))
    for name, found in rows.items():
        with (folder / f"{name}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, list(dict.fromkeys(column for row in found for column in row)))
            writer.writeheader()
            writer.writerows(found)
    return read_catalogue(folder, METRICS)


def test_the_examples_are_a_right_catalogue(tmp_path: Path) -> None:
    tables = examples(tmp_path).tables
    assert sum(map(len, tables.values())) == sum(len(text.splitlines()) - 1 for _, text in EXAMPLES)


def test_every_table_has_an_example() -> None:
    assert {name for name, _ in EXAMPLES} == {table.table for table in TABLES}


def test_links_inside_the_guide_lead_to_headings() -> None:
    headings = re.findall(r"^#+ (.+)$", GUIDE, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#([^)]+)\)", GUIDE)) <= anchors
