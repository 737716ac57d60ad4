"""The project's macros without dbt: SQL of a model, where nothing is built and no manifest is read."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import jinja2

from meterhouse.runner.workspace import PROJECT_FOLDER

MACRO = re.compile(r"{%-? macro (\w+)\(.*?{%-? endmacro -?%}", re.DOTALL)


class _Returned(Exception):
    """A macro ends here, with a value that need not be text: dbt's `return`."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


class Renderer:
    """
    Renders models with the project's macros, as dbt does; `ref` of a model is just its name.

    `macros` is the text of further macros, for example of the compiled ones; `engine` is the adapter type whose macros
    are dispatched; `names` are what else models and macros may use, or use instead: `ref`, `source`, `metric_properties`.
    """

    def __init__(self, macros: str = "", engine: str = "duckdb", **names: Any) -> None:
        self._engine = engine
        self._environment = jinja2.Environment(undefined=jinja2.StrictUndefined, extensions=["jinja2.ext.do"])
        self._environment.globals |= {"return": _return, "config": lambda **_: "", "adapter": self, "ref": str}
        # a model as it is where its table is there already, which holds for the first time too
        self._environment.globals |= {"is_incremental": lambda: True}
        # each macro is a template of its own, so that macros find each other here, where `return` is understood
        for found in MACRO.finditer(_project_macros() + macros):
            self._environment.globals[found[1]] = self._callable(found[1], found[0])
        self._environment.globals |= names

    def render(self, text: str) -> str:
        """Return the SQL of a model's text."""
        return self._environment.from_string(text).render()

    def call(self, macro: str, *arguments: Any) -> Any:
        """Return what a macro returns, else its text."""
        return self._environment.globals[macro](*arguments)  # type: ignore[operator]

    def dispatch(self, name: str) -> Callable[..., Any]:
        """
        Return the engine's macro of a name, else the one for all engines: dbt's `adapter.dispatch`.

        Raises:
            LookupError: there is neither.
        """
        for prefix in (self._engine, "default"):
            if found := self._environment.globals.get(f"{prefix}__{name}"):
                return found  # type: ignore[return-value]
        raise LookupError(f"macros: {name} has no macro {self._engine}__{name}, and no default__{name} for engines without one")

    def _callable(self, name: str, text: str) -> Callable[..., Any]:
        @cache
        def macro() -> Callable[..., str]:
            return getattr(self._environment.from_string(text).module, name)  # type: ignore[no-any-return]

        def call(*arguments: Any, **named: Any) -> Any:
            try:
                return str(macro()(*arguments, **named)).strip()
            except _Returned as returned:
                return returned.value

        return call


def _return(value: Any) -> None:
    raise _Returned(value)


@cache
def _project_macros() -> str:
    folder = PROJECT_FOLDER / "macros"
    return "\n".join(path.read_text() for path in sorted(folder.glob("*.sql")))
