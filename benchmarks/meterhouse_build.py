"""One whole build, from event files to published invoices, as a process of its own; prints its seconds."""

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from meterhouse.runner import Workspace, build

# A day after the end of January: every invoice of the month becomes final.
AS_OF = datetime(2026, 2, 2, tzinfo=UTC)


def main(folder: Path, events: Path, warehouse: Path, as_of: datetime = AS_OF) -> None:
    """Build `folder`'s metrics and catalogue over the `events` folder into the file `warehouse`, up to a clock."""
    workspace = Workspace(metrics=folder / "metrics", catalog=folder / "catalog", events=str(events), warehouse=warehouse)
    started = time.perf_counter()
    build(workspace, as_of=as_of)
    print(time.perf_counter() - started)


if __name__ == "__main__":
    places, clocks = sys.argv[1:4], sys.argv[4:]
    main(Path(places[0]), Path(places[1]), Path(places[2]), *map(datetime.fromisoformat, clocks))
