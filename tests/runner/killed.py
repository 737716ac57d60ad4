"""Builds a world and dies on the way, as a machine does that loses power: no exception, no clean-up.

Run as `python -m tests.runner.killed FOLDER CLOCK POINT`; the point is a model of dbt or a function of the run.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

from dbt.cli.main import dbtRunner
from dbt_common.events.base_types import EventMsg

from tests.worlds import World

FUNCTIONS = {
    "finish_step": "meterhouse.runner.control.finish_step",
    "pass_steps": "meterhouse.runner.control.pass_steps",
    "publish_marts": "meterhouse.runner.build.publish_marts",
}


def die(*_: Any, **__: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def dying_after(model: str) -> Callable[..., dbtRunner]:
    """Return a dbtRunner that dies as soon as a model is built."""

    def on_event(event: EventMsg) -> None:
        if event.info.name == "NodeFinished" and event.data.node_info.node_name == model:
            die()

    return lambda manifest=None, callbacks=(): dbtRunner(manifest=manifest, callbacks=[*callbacks, on_event])


def main(folder: str, clock: str, point: str) -> None:
    place, stand_in = (FUNCTIONS[point], die) if point in FUNCTIONS else ("meterhouse.runner.dbt.dbtRunner", dying_after(point))
    with patch(place, stand_in):
        World(Path(folder)).build(clock)


if __name__ == "__main__":
    main(*sys.argv[1:])
