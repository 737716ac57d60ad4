"""The look of a compiled model: a header, one commented CTE per step, and a last `select *`."""

from dataclasses import dataclass

from meterhouse.compiler.fragments import Fragment, call, template


@dataclass(frozen=True)
class Step:
    """One CTE; the comment says why it is there."""

    name: str
    comment: str
    body: str


@dataclass(frozen=True)
class Source:
    """Where a model comes from: the metric's file and the first digits of its SHA-256, or the whole folder."""

    path: str
    digest: str


def model(source: Source, grain: str, config: str, steps: list[Step]) -> str:
    """Put a model together; `grain` is its one sentence."""
    ctes = ",\n\n".join(f"{_comment(step.comment)}{step.name} as (\n{indent(step.body)}\n)" for step in steps)
    return f"{header(source, '--')}\n{_comment(grain)}{config}\nwith\n\n{ctes}\n\nselect * from {steps[-1].name}\n"


def header(source: Source, mark: str) -> str:
    digest = f" (sha256 {source.digest})" if source.digest else ""
    return f"{mark} Compiled from {source.path}{digest}. To change it, edit that and run `meterhouse compile`."


def select(columns: list[str], *clauses: str) -> str:
    listed = ",\n".join(indent(column) for column in columns)
    return "\n".join([f"select\n{listed}", *(clause for clause in clauses if clause)])


def column(expression: str | Fragment, name: str) -> str:
    text = expression if isinstance(expression, str) else template(expression)
    return name if text == name else f"{text} as {name}"


def group_by(columns: list[str]) -> str:
    return "group by\n" + ",\n".join(indent(name) for name in columns)


def where(*conditions: str) -> str:
    return "where\n" + "\n".join(indent(("" if i == 0 else "and ") + c) for i, c in enumerate(conditions)) if conditions else ""


def ref(name: str) -> str:
    return template(call("ref", name))


def indent(text: str) -> str:
    return "\n".join(f"    {line}" if line else line for line in text.split("\n"))


def _comment(text: str) -> str:
    return "".join(f"-- {line}\n" for line in text.split("\n") if line)
