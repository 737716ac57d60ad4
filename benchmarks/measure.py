"""Runs one step in a process of its own, so that its time and its peak memory are its own."""

import os
import subprocess
import sys
from dataclasses import dataclass
from statistics import fmean

GIGABYTE = 1_000_000_000


@dataclass(frozen=True)
class Measured:
    """
    One finished process: wall times in seconds, one for each part of its step; processor seconds; largest resident memory in bytes.

    Processor time is of the whole process, its start included; it hardly changes when other work shares the machine.
    """

    parts: tuple[float, ...]
    processor_seconds: float
    peak_bytes: int

    @property
    def seconds(self) -> float:
        """The wall time of all parts."""
        return sum(self.parts)


def mean_of(first: Measured, second: Measured) -> Measured:
    """Return the mean times of two runs of one step, and the larger of their memories."""
    parts = tuple(fmean(both) for both in zip(first.parts, second.parts, strict=True))
    processors = fmean((first.processor_seconds, second.processor_seconds))
    return Measured(parts, processors, max(first.peak_bytes, second.peak_bytes))


class StepFailed(Exception):
    """The measured process ended with an error; its own output says why."""


def measure(module: str, *arguments: str) -> Measured:
    """
    Run `python -m module arguments...` and wait for it; its last line are the seconds of its parts.

    The times are the step's own and leave the start of the interpreter out; the memory is the whole process.

    Raises: StepFailed if the process ends with another code than 0.
    """
    process = subprocess.Popen([sys.executable, "-m", module, *arguments], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    output = process.stdout.read()
    # wait4 and not getrusage(RUSAGE_CHILDREN), which only knows the largest of all children so far.
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise StepFailed(f"{module} {' '.join(arguments)} ended with code {process.returncode}:\n{output}")
    kilobytes = 1 if sys.platform == "darwin" else 1024
    parts = tuple(float(part) for part in output.splitlines()[-1].split())
    return Measured(parts, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * kilobytes)


def print_measured(what: str, measured: Measured, events: int) -> None:
    """Print the seconds, the events a second and the peak memory of a step that took in so many events."""
    rate = events / measured.seconds
    memory = measured.peak_bytes / GIGABYTE
    print(
        f"{what}: {measured.seconds:.1f} s ({measured.processor_seconds:.1f} s of processors),"
        f" {rate:,.0f} events/s, peak memory {memory:.2f} GB",
        flush=True,
    )


def print_ratio(ours: Measured, yardstick: Measured) -> None:
    """Print how many times as long as the yardstick the other side took."""
    print(
        f"ratio meterhouse / hand-written: {ours.seconds / yardstick.seconds:.2f}"
        f" ({ours.processor_seconds / yardstick.processor_seconds:.2f} in processor time)"
    )
