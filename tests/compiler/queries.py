"""Hypothesis strategies: random queries of the metric language with their meaning, and random events."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tests.compiler.plain import (
    AGGREGATES,
    ARITHMETIC,
    COMPARISONS,
    FUNCTIONS,
    PAIRS,
    Row,
    Source,
    Term,
    aggregate,
    both,
    grouped,
    instant_text,
    negated,
    number,
    ordered_aggregate,
    strict,
)
from tests.compiler.warehouse import Event, Window

START = datetime(2026, 1, 1, 22, tzinfo=UTC)  # the first hours lie on two days
WINDOWS = (
    Window("ann", START, START + timedelta(hours=3, minutes=30)),
    Window("ann", START + timedelta(hours=3, minutes=30), START + timedelta(hours=8)),
    Window("ann", START + timedelta(hours=2), START + timedelta(hours=6)),  # another contract, overlapping
    Window("bob", START, START + timedelta(hours=8)),
)
NUMBER_TEXTS = ("1", "2", "2.0", "-3", "0.5", "0", "7", " 4 ", "1e1", "0.333333333333", "many", "")
TEXTS = ("x", "y", "it's", "{{ z }}")


@dataclass(frozen=True)
class Query:
    """`run` gives the result rows; `keys` are the output group keys."""

    text: str
    run: Callable[[Sequence[Row]], list[Row]]
    keys: tuple[str, ...]


def _property(name: str) -> Term:
    spelled = f"properties.{name}" if name.isidentifier() else f'properties."{name}"'
    return Term(spelled, lambda row: row["properties"].get(name))


def _number_property(name: str) -> Term:
    return Term(f"properties.{name}", lambda row: number(row["properties"].get(name)), is_open=True)


EVENTS = Source(
    text="events",
    run=lambda events: list(events),
    numbers=(_number_property("n"), _number_property("m")),
    texts=(_property("t"), _property("odd {{ name }}"), Term("event_type", lambda row: row["event_type"])),
    instants=(Term("timestamp", lambda row: row["timestamp"]),),
    order=lambda row, value: (row["timestamp"], row["transaction_id"]),
)


@st.composite
def events(draw: st.DrawFn) -> list[Event]:
    """Up to 14 events in 8 hours, many at one instant, in arrival order."""
    rows = []
    for index in range(draw(st.integers(0, 14))):
        properties = {
            "n": draw(st.none() | st.sampled_from(NUMBER_TEXTS)),
            "m": draw(st.none() | st.sampled_from(NUMBER_TEXTS)),
        }
        properties |= {
            "t": draw(st.none() | st.sampled_from(TEXTS)),
            "odd {{ name }}": draw(st.none() | st.sampled_from(TEXTS)),
        }
        at = START + timedelta(minutes=draw(st.integers(0, 31)) * 15)
        present = {name: value for name, value in properties.items() if value is not None}
        rows.append(
            Event(
                f"t{index:02}",
                draw(st.sampled_from(["ann", "ann", "bob"])),
                draw(st.sampled_from(["a", "b"])),
                at,
                present,
            )
        )
    return draw(st.permutations(rows))


class Maker:
    """Makes terms over a source, choice by choice, each choice drawn by Hypothesis."""

    def __init__(self, draw: st.DrawFn, source: Source) -> None:
        self.draw = draw
        self.source = source

    def chance(self, one_in: int) -> bool:
        return self.draw(st.integers(0, one_in - 1)) == one_in - 1

    def pick(self, choices: Sequence[Any]) -> Any:
        return choices[self.draw(st.integers(0, len(choices) - 1))]

    def number(self, leaves: Sequence[Term], texts: Sequence[Term], depth: int = 2) -> Term:
        """Arithmetic, functions and CASE over some terms; the simplest is a bare term."""
        shape = self.pick(["leaf", "leaf", "infix", "function", "pair", "case"]) if depth else "leaf"
        if shape == "leaf":
            return self.pick([*leaves, *([] if depth == 2 else LITERALS)])
        a = self.number(leaves, texts, depth - 1)
        if shape == "function":
            pattern = self.pick(list(FUNCTIONS))
            return Term(pattern.format(a.text), lambda r: FUNCTIONS[pattern](a.meaning(r)))
        b = self.number([*leaves, *LITERALS], texts, depth - 1)
        if shape == "infix":
            sign = self.pick(list(ARITHMETIC))
            return Term(f"({a.text} {sign} {b.text})", lambda r: ARITHMETIC[sign](a.meaning(r), b.meaning(r)))
        if shape == "pair":
            pattern = self.pick(list(PAIRS))
            # + 0 makes it a number also where both sides are open
            text = f"({pattern.format(f'{a.text} + 0', b.text)} + 0)"
            return Term(text, lambda r: PAIRS[pattern](a.meaning(r), b.meaning(r)))
        condition = self.condition(leaves, texts, depth - 1)
        text = f"(CASE WHEN {condition.text} THEN {a.text} ELSE {b.text} END + 0)"
        return Term(text, lambda r: a.meaning(r) if condition.meaning(r) is True else b.meaning(r))

    def condition(self, leaves: Sequence[Term], texts: Sequence[Term], depth: int = 1) -> Term:
        """Comparisons with literals, joined by AND, OR and NOT."""
        shape = self.pick(["leaf", "leaf", "and", "or", "not"]) if depth else "leaf"
        if shape == "leaf":
            return (
                self.comparison(self.pick([*leaves, *texts]), is_text=False)
                if not texts
                else self.leaf_condition(leaves, texts)
            )
        a = self.condition(leaves, texts, depth - 1)
        if shape == "not":
            return Term(f"NOT ({a.text})", lambda r: negated(a.meaning(r)))
        b = self.condition(leaves, texts, depth - 1)
        if shape == "and":
            return Term(f"({a.text} AND {b.text})", lambda r: both(a.meaning(r), b.meaning(r)))
        return Term(
            f"({a.text} OR {b.text})", lambda r: negated(both(negated(a.meaning(r)), negated(b.meaning(r))))
        )

    def leaf_condition(self, leaves: Sequence[Term], texts: Sequence[Term]) -> Term:
        is_text = self.chance(2)
        return self.comparison(self.pick(texts if is_text else leaves), is_text)

    def comparison(self, term: Term, is_text: bool) -> Term:
        if is_text:
            shape = self.pick(["=", "!=", "IS NULL", "NOT IN"])
            literal = self.pick(["a", *TEXTS])
            if shape == "IS NULL":
                return Term(f"{term.text} IS NULL", lambda r: term.meaning(r) is None)
            if shape == "NOT IN":
                return Term(f"{term.text} NOT IN ('x', 'a')", lambda r: negated(IN_X_OR_A(term.meaning(r))))
            quoted = literal.replace("'", "''")
            return Term(
                f"{term.text} {shape} '{quoted}'", lambda r: COMPARISONS[shape](term.meaning(r), literal)
            )
        number_ = self.draw(st.integers(-2, 4))
        if self.chance(4):
            return Term(f"{term.text} BETWEEN 0 AND 3", lambda r: BETWEEN_0_AND_3(term.meaning(r)))
        sign = self.pick(list(COMPARISONS))
        return Term(
            f"{term.text} {sign} {number_}", lambda r: COMPARISONS[sign](term.meaning(r), Decimal(number_))
        )

    def aggregate(self) -> Term:
        source = self.source
        shape = self.pick(["COUNT(*)", "texts", "numbers", "numbers", "numbers", "ordered"])
        if shape == "COUNT(*)":
            return Term(self.pick(["COUNT(*)", "COUNT()", "count(1)"]), lambda rows: Decimal(len(rows)))
        if shape == "texts" and source.texts:
            return aggregate(self.pick(["COUNT({})", "COUNT(DISTINCT {})"]), self.pick(source.texts))
        argument = self.number(source.numbers, source.texts)
        if shape == "ordered" and source.order is not None:
            return ordered_aggregate(self.pick(["LATEST", "EARLIEST"]), argument, source.order)
        return aggregate(self.pick(list(AGGREGATES)), argument)

    def key(self) -> Term:
        if self.source.texts and (not self.source.instants or self.chance(2)):
            return self.pick(self.source.texts)
        unit, term = self.pick(["hour", "day"]), self.pick(self.source.instants)
        cut: dict[str, int] = {"minute": 0} | ({"hour": 0} if unit == "day" else {})
        return Term(f"DATE_TRUNC('{unit}', {term.text})", lambda row: _cut(term.meaning(row), cut))

    def keys(self) -> list[Term]:
        if not self.source.texts and not self.source.instants:
            return []
        keys = {key.text: key for key in (self.key() for _ in range(self.draw(st.integers(0, 2))))}
        return list(keys.values())


LITERALS = (Term("2", lambda _: Decimal(2)), Term("0.1", lambda _: Decimal("0.1")))
IN_X_OR_A = strict(lambda value: value in ("x", "a"))
BETWEEN_0_AND_3 = strict(lambda value: 0 <= value <= 3)


def _cut(instant: datetime | None, parts: dict[str, int]) -> datetime | None:
    return None if instant is None else instant.replace(second=0, microsecond=0, **parts)


def _block(
    draw: st.DrawFn, source: Source, level: int, is_top: bool
) -> tuple[str, Callable[[Sequence[Row]], list[Row]], dict[str, Term], list[str]]:
    """One SELECT with aggregates: its text, its meaning, its columns over groups, and which of them are keys."""
    make = Maker(draw, source)
    where = make.condition(source.numbers, source.texts) if make.chance(2) else None
    keys = make.keys()
    aggregates = [make.aggregate() for _ in range(draw(st.integers(1, 2 if is_top else 3)))]
    columns = {f"k{level}{i}": _of_group(key) for i, key in enumerate(keys)}
    names = list(columns)
    if is_top:
        drawn, first = make.number(aggregates, []), aggregates[0]
        columns["value"] = drawn if any(a.text in drawn.text for a in aggregates) else first
        if source.texts and make.chance(6):
            columns["moving"] = aggregate("MAX({})", make.pick(source.texts))
    else:
        columns |= {f"v{i}": make.number([term], []) for i, term in enumerate(aggregates)}
        columns["one"] = Term("1", lambda _: Decimal(1))
        if source.instants:
            columns["timestamp"] = aggregate("MAX({})", source.instants[0])
    having = make.condition(aggregates, []) if make.chance(4) else None
    order = [name for name in columns if name not in names] + names if make.chance(2) else list(columns)
    text = _select_text(
        source, columns, order, where, having, names, make.pick(["name", "position", "expression"])
    )

    def run(events_: Sequence[Row]) -> list[Row]:
        rows = [row for row in source.run(events_) if where is None or where.meaning(row) is True]
        kept = [rows for rows in grouped(rows, keys) if having is None or having.meaning(rows) is True]
        return [{name: term.meaning(rows) for name, term in columns.items()} for rows in kept]

    return text, run, columns, names


def _of_group(key: Term) -> Term:
    return Term(key.text, lambda rows: key.meaning(rows[0]))


def _select_text(
    source: Source,
    columns: dict[str, Term],
    order: list[str],
    where: Term | None,
    having: Term | None,
    keys: list[str],
    style: str,
) -> str:
    text = "SELECT " + ", ".join(f"{columns[name].text} AS {name}" for name in order) + f" FROM {source.text}"
    if where is not None:
        text += f" WHERE {where.text}"
    groups = {
        "name": keys,
        "position": [str(order.index(k) + 1) for k in keys],
        "expression": [columns[k].text for k in keys],
    }
    if keys:
        text += f" GROUP BY {', '.join(groups[style])}"
    return text + (f" HAVING {having.text}" if having is not None else "")


def _stacked(draw: st.DrawFn, source: Source, level: int) -> Source:
    """The rows of a SELECT over a source, as a source."""
    text, run, columns, keys = _block(draw, source, level, is_top=False)
    instants = [key for key in keys if columns[key].text.startswith("DATE_TRUNC")]

    def column(name: str) -> Term:
        return Term(name, lambda row: row[name], columns[name].is_open)

    return Source(
        text=f"({text})",
        run=run,
        numbers=tuple(column(name) for name in columns if name.startswith("v") or name == "one"),
        texts=tuple(column(name) for name in keys if name not in instants),
        instants=tuple(
            column(name) for name in [*(["timestamp"] if "timestamp" in columns else []), *instants]
        ),
        order=(lambda row, value: (row["timestamp"], value)) if "timestamp" in columns else None,
    )


@st.composite
def queries(draw: st.DrawFn, depth: int) -> Query:
    """A query of `depth` stacked SELECTs."""
    source = EVENTS
    for level in range(1, depth):
        source = _stacked(draw, source, level)
    text, run, columns, keys = _block(draw, source, depth, is_top=True)
    return Query(text, run, (*keys, *(["moving"] if "moving" in columns else [])))


def key_text(value: Any) -> str | None:
    return instant_text(value) if isinstance(value, datetime) else value
