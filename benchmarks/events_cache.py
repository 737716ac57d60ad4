"""The benchmarks' events: generated once and kept under `build/bench`."""

import argparse
import os
import shutil
from pathlib import Path
from typing import Any

from meterhouse.example.bench import generate_bench_events

CACHE = Path(__file__).resolve().parent.parent / "build" / "bench"
CUSTOMERS = 1_000


def parsed_options(text: str | None, events: int, **parser: Any) -> argparse.Namespace:
    """Return `events` and `customers` of the command line; `text` is the benchmark's own, `parser` what else its help says."""
    options = argparse.ArgumentParser(description=(text or "").strip().splitlines()[0], **parser)
    options.add_argument("--events", type=int, default=events, help=f"how many events (default: {events:,})")
    options.add_argument("--customers", type=int, default=CUSTOMERS, help=f"how many customers (default: {CUSTOMERS:,})")
    return options.parse_args()


def cached_events(events: int, customers: int) -> Path:
    """Return the folder of the generated events, generating it if an earlier run has not; read once, so that both sides find it warm."""
    folder = CACHE / f"events-{events}-{customers}"
    if not folder.exists():
        print(f"generating {events:,} events of {customers:,} customers (once) ...", flush=True)
        # each process its own: two that start together write the same bytes, and the first to end names them
        unfinished = folder.with_suffix(f".{os.getpid()}.unfinished")
        generate_bench_events(unfinished, events=events, customers=customers)
        if folder.exists():
            shutil.rmtree(unfinished)
        else:
            unfinished.rename(folder)
    for file in sorted(folder.glob("*.parquet")):
        file.read_bytes()
    return folder
