"""Runs that are killed at any moment, many of them at little cost: forks of one process that has dbt imported and parsed.

`python -m tests.runner.killing FOLDER` reads a line of JSON per run, forks, and kills the fork (SIGKILL: no exception, no
clean-up) so many seconds after it said something: {"work": "build", "clock": ..., "after": "step 1", "seconds": 0.7}. It answers
"killed", or "ended" when the run was faster. This process itself never opens DuckDB, so its forks inherit no thread or lock.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb

from meterhouse.runner.build import build
from meterhouse.runner.dbt import Dbt
from meterhouse.runner.project import assemble_project
from meterhouse.runner.publish import Facts, publish_marts, read_manifest
from meterhouse.runner.workspace import PROJECT_FOLDER
from tests.worlds import World, instant, without_gates

Say = Callable[[str], None]
Kill = Callable[..., str]


@contextmanager
def killer(world: World) -> Iterator[Kill]:
    """Give a function that makes a run and kills it: the keys of a line above are its arguments."""
    command = [sys.executable, "-m", "tests.runner.killing", str(world.folder)]
    with subprocess.Popen(command, cwd=PROJECT_FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin and server.stdout

        def kill(**run: Any) -> str:
            assert server.stdin and server.stdout
            server.stdin.write(json.dumps(run) + "\n")
            server.stdin.flush()
            return server.stdout.readline().strip()

        try:
            assert server.stdout.readline() == "ready\n"
            yield kill
        finally:
            server.stdin.close()


def serve(world: World) -> None:
    assemble_project(world.workspace)
    with Dbt(world.workspace.project, world.workspace.warehouse.resolve()).opened() as dbt:
        manifest = dbt._parse()
    # gates write nothing, and take a third of a run
    with patch.object(Dbt, "_parse", lambda _: manifest), without_gates():
        print("ready", flush=True)
        for line in sys.stdin:
            print(forked_and_killed(world, **json.loads(line)), flush=True)


def forked_and_killed(world: World, work: str, after: str, seconds: float, clock: str) -> str:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        WORKS[work](world, clock, lambda message: os.write(writer, f"{message}\n".encode()))
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as said:
        for message in said:
            if message.startswith(after):
                break
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, f"the run ended with {status}"
    return "killed" if os.WIFSIGNALED(status) else "ended"


def run_build(world: World, clock: str, say: Any) -> None:
    build(world.workspace, instant(clock), progress=say)


def run_publish(world: World, clock: str, say: Any) -> None:
    manifest = read_manifest(world.workspace.published / "current") or {}
    with duckdb.connect(str(world.workspace.warehouse)) as con:
        say("publishing")
        # of the same models as before, so that its parts are shared
        publish_marts(con, world.workspace.published, Facts(instant(clock), [instant(clock)], {"models": manifest["code"]["models"]}))


WORKS: dict[str, Callable[[World, str, Any], None]] = {"build": run_build, "publish": run_publish}

if __name__ == "__main__":
    serve(World(Path(sys.argv[1])))
