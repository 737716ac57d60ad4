"""A reader: opens the publication anew for each query until it is told to stop, and says what it saw.

`python -m tests.runner.reading duckdb|parquet PUBLISHED` writes "ready", reads until its input ends, and answers with a line of JSON:
the errors, and how often it had which answer: [events, units of usage_hourly, units of the invoices' lines].
"""

import json
import select
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb

# a few questions a second, as of a dashboard; the runs have the rest of the machine
PAUSE_SECONDS = 0.1
MARTS = ("events", "usage_hourly", "invoice_line_items")
QUERY = """
select
    (select count(*) from {events}),
    (select sum(quantity)::int from {usage_hourly}),
    (select sum(quantity)::int from {invoice_line_items} where type = 'usage')
"""


def answer(kind: str, published: Path) -> tuple[Any, ...]:
    """Ask the DuckDB file, or the Parquet files of the folder that `current` leads to at this moment."""
    if kind == "duckdb":
        with duckdb.connect(str(published / "meterhouse.duckdb"), read_only=True) as con:
            return con.execute(QUERY.format_map({name: f"marts.{name}" for name in MARTS})).fetchall()[0]
    folder = (published / "current").resolve() / "parquet"
    return duckdb.execute(QUERY.format_map({name: f"'{parquet_files(folder, name)}'" for name in MARTS})).fetchall()[0]


def parquet_files(folder: Path, mart: str) -> str:
    """Return the glob of a mart: one file, or a folder of parts."""
    return f"{folder / mart}/*.parquet" if (folder / mart).is_dir() else f"{folder / mart}.parquet"


def main(kind: str, published: Path) -> None:
    errors: list[str] = []
    answers: Counter[tuple[Any, ...]] = Counter()
    print("ready", flush=True)
    while not select.select([sys.stdin], [], [], PAUSE_SECONDS)[0]:
        try:
            answers[answer(kind, published)] += 1
        except Exception as error:  # whatever a reader meets is the finding
            errors.append(repr(error))
    print(json.dumps({"errors": errors, "answers": [[list(found), times] for found, times in answers.items()]}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
