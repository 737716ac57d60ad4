"""A clone is an ordinary dbt project: `dbt build` and `dbt docs generate` work, and `meterhouse build` takes over."""

import json
import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pytest

from meterhouse.example import generate_events
from meterhouse.runner.workspace import PROJECT_FOLDER

CLONED = ("dbt_project.yml", "profiles.yml", "metrics", "models", "macros", "seeds", "tests/dbt")
BIN = Path(sys.executable).parent
CLOCK = "2026-02-03T00:00:00Z"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Return a copy of the project with a thousand events of the example business."""
    for name in CLONED:
        source, target = PROJECT_FOLDER / name, tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy(source, target)
    generate_events(tmp_path / "events", events=1_000, month=date(2026, 1, 1))
    return tmp_path


def run(folder: Path, *command: str) -> str:
    # as if typed in the clone, with the package that is tested here
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("METERHOUSE_", "DBT_"))}
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env={**variables, "PYTHONPATH": str(PROJECT_FOLDER), "COLUMNS": "200"}
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


def invoices(folder: Path, database: str) -> dict[str, int]:
    with duckdb.connect(str(folder / database), read_only=True) as con:
        return dict(con.execute("select status, count(*) from marts.invoices group by 1").fetchall())


def test_plain_dbt_then_meterhouse(clone: Path) -> None:
    built = run(clone, str(BIN / "dbt"), "build", "--no-use-colors")
    assert "ERROR=0" in built
    assert invoices(clone, "warehouse.duckdb").keys() == {"draft"}, "only meterhouse build makes invoices final"

    run(clone, str(BIN / "dbt"), "docs", "generate")
    catalogue = json.loads((clone / "target" / "catalog.json").read_text())
    assert "model.meterhouse.invoices" in catalogue["nodes"]

    run(clone, sys.executable, "-m", "meterhouse.cli", "build", "--as-of", CLOCK)
    assert invoices(clone, "published/meterhouse.duckdb").keys() == {"draft", "finalized"}
