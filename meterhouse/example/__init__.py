"""The example business, Fjordlight AI: its usage of one month, and a larger stream for the benchmarks."""

from meterhouse.example.bench import generate_bench_events
from meterhouse.example.generate import generate_events

__all__ = ["generate_bench_events", "generate_events"]
