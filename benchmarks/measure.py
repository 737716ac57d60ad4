"""Runs one step in a process of its own, so that its time and its peak memory are its own."""

import os
import subprocess
import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Measured:
    """Wall time in seconds and the largest resident memory in bytes of one finished process."""

    seconds: float
    peak_bytes: int


class StepFailed(Exception):
    """The measured process ended with an error; its own output says why."""


def measure(module: str, *arguments: str) -> Measured:
    """
    Run `python -m module arguments...` and wait for it; the module prints its seconds as its last line.

    The time is the step's own and leaves the start of the interpreter out; the memory is the whole process.

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
    return Measured(float(output.splitlines()[-1]), usage.ru_maxrss * kilobytes)
