"""The benchmarks' events: generated once and kept under `build/bench`."""

import shutil
from pathlib import Path

from meterhouse.example.bench import generate_bench_events

CACHE = Path(__file__).resolve().parent.parent / "build" / "bench"
CUSTOMERS = 1_000


def cached_events(events: int, customers: int) -> Path:
    """Return the folder of the generated events, generating it if an earlier run has not."""
    folder = CACHE / f"events-{events}-{customers}"
    if not folder.exists():
        print(f"generating {events:,} events of {customers:,} customers (once) ...", flush=True)
        unfinished = folder.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        generate_bench_events(unfinished, events=events, customers=customers)
        unfinished.rename(folder)
    return folder
