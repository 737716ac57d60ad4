"""The guide's examples are one catalogue that is right, and it names every rule that is refused."""

import re
from pathlib import Path

from meterhouse.catalogue import read_catalogue
from meterhouse.catalogue.checks.not_yet import NOT_YET

GUIDE = (Path(__file__).parents[2] / "docs" / "contracts.md").read_text()
METRICS = {"requests": (), "billable_requests": (), "tokens": ("model", "user_id")}


def test_the_examples_are_a_right_catalogue(tmp_path: Path) -> None:
    examples = re.findall(r"\*\*(\w+\.csv)\*\*\n```csv\n(.*?)```", GUIDE, re.DOTALL)
    for name, text in examples:
        (tmp_path / name).write_text(text)
    catalogue = read_catalogue(tmp_path, METRICS)
    assert len([name for name, rows in catalogue.tables.items() if rows]) == len(examples) == 12


def test_the_guide_names_every_rule_that_is_not_built() -> None:
    listed = GUIDE.split("## Declared, and not built yet")[1]
    missing = [
        rule for rule in NOT_YET if f"`{rule.table.table}`" not in listed and f"`{rule.column}`" not in listed and rule.column != "type"
    ]
    assert not missing
