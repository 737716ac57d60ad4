"""Random queries of the metric language with their meaning, and random events."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, TypeVar

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
# Events come from START on; the first day of two periods ends among them.
WINDOWS = (
    Window("ann", START, START + timedelta(hours=3, minutes=30)),
    Window("ann", START + timedelta(hours=3, minutes=30), START + timedelta(hours=8)),
    Window("ann", START + timedelta(hours=2), START + timedelta(hours=6)),  # another contract, overlapping
    Window("ann", START - timedelta(hours=21), START + timedelta(hours=8)),
    Window("bob", START - timedelta(hours=20), START + timedelta(hours=8)),
)
NUMBER_TEXTS = ("1", "2", "2.0", "-3", "0.5", "0", "7", " 4 ", "1e1", "0.333333333333", "many", "")
TEXTS = ("x", "it's {{ z }}")
Choice = TypeVar("Choice")


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


def random_events(rng: Random) -> list[Event]:
    """Up to 24 events in 8 hours, many at one instant and in one group, in arrival order."""
    return [_random_event(rng, index) for index in rng.sample(range(24), rng.choice([0, 6, 12, 18, 24, 24]))]


def _random_event(rng: Random, index: int) -> Event:
    properties = {
        "n": rng.choice([None, *NUMBER_TEXTS]),
        "m": rng.choice([None, *NUMBER_TEXTS]),
        "t": rng.choice([None, *TEXTS]),
        "odd {{ name }}": rng.choice([None, *TEXTS]),
    }
    return Event(
        transaction_id=f"t{index:02}",
        customer_id=rng.choice(["ann", "ann", "bob"]),
        event_type=rng.choice(["a", "a", "b"]),
        timestamp=START + timedelta(minutes=rng.randrange(32) * 15),
        properties={name: value for name, value in properties.items() if value is not None},
    )


class Maker:
    """Makes terms over a source, choice by choice, each choice drawn by chance."""

    def __init__(self, rng: Random, source: Source) -> None:
        self.rng = rng
        self.source = source

    def chance(self, one_in: int) -> bool:
        return self.rng.randrange(one_in) == 0

    def pick(self, choices: Sequence[Choice]) -> Choice:
        return self.rng.choice(choices)

    def number(self, leaves: Sequence[Term], texts: Sequence[Term], depth: int = 2) -> Term:
        """Arithmetic, functions and CASE over some terms; the simplest is a bare term."""
        shapes = ["leaf", "leaf", "infix"] if self.source.is_simple else ["leaf", "leaf", "infix", "function", "pair", "case"]
        shape = self.pick(shapes) if depth else "leaf"
        if shape == "leaf":
            return self.pick(leaves)
        a = self.number(leaves, texts, depth - 1)
        if shape == "function":
            pattern = self.pick(list(FUNCTIONS))
            return Term(pattern.format(a.text), lambda r: FUNCTIONS[pattern](a.meaning(r)))
        b = self.pick(LITERALS) if self.chance(3) else self.number(leaves, texts, depth - 1)
        if shape == "infix":
            sign = self.pick(["+", "-", "*"] if self.source.is_simple else list(ARITHMETIC))
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
            is_text = bool(texts) and self.chance(2)
            return self.comparison(self.pick(texts if is_text else leaves), is_text)
        a = self.condition(leaves, texts, depth - 1)
        if shape == "not":
            return Term(f"NOT ({a.text})", lambda r: negated(a.meaning(r)))
        b = self.condition(leaves, texts, depth - 1)
        if shape == "and":
            return Term(f"({a.text} AND {b.text})", lambda r: both(a.meaning(r), b.meaning(r)))
        return Term(f"({a.text} OR {b.text})", lambda r: negated(both(negated(a.meaning(r)), negated(b.meaning(r)))))

    def comparison(self, term: Term, is_text: bool) -> Term:
        if is_text:
            shape = self.pick(["=", "!=", "IS NULL", "NOT IN"])
            literal = self.pick(["a", *TEXTS])
            if shape == "IS NULL":
                return Term(f"{term.text} IS NULL", lambda r: term.meaning(r) is None)
            if shape == "NOT IN":
                return Term(f"{term.text} NOT IN ('x', 'a')", lambda r: negated(IN_X_OR_A(term.meaning(r))))
            quoted = literal.replace("'", "''")
            return Term(f"{term.text} {shape} '{quoted}'", lambda r: COMPARISONS[shape](term.meaning(r), literal))
        number_ = self.rng.randint(-2, 4)
        if self.chance(4):
            return Term(f"{term.text} BETWEEN 0 AND 3", lambda r: BETWEEN_0_AND_3(term.meaning(r)))
        sign = self.pick(list(COMPARISONS))
        return Term(f"{term.text} {sign} {number_}", lambda r: COMPARISONS[sign](term.meaning(r), Decimal(number_)))

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
        extremes = ["MIN({})", "MAX({})", "MAX({})", "SUM({})"]
        return aggregate(self.pick(extremes if source.is_simple else list(AGGREGATES)), argument)

    def key(self) -> Term:
        if self.source.texts and (not self.source.instants or self.chance(2)):
            return self.pick(self.source.texts)
        unit, term = self.pick(["hour", "day"]), self.pick(self.source.instants)
        return Term(f"DATE_TRUNC('{unit}', {term.text})", lambda row: _cut(term.meaning(row), unit))

    def keys(self) -> list[Term]:
        if not self.source.texts and not self.source.instants:
            return []
        keys = {key.text: key for key in (self.key() for _ in range(self.rng.randint(0, 2)))}
        return list(keys.values())


LITERALS = (Term("2", lambda _: Decimal(2)), Term("0.1", lambda _: Decimal("0.1")))
IN_X_OR_A = strict(lambda value: value in ("x", "a"))
BETWEEN_0_AND_3 = strict(lambda value: 0 <= value <= 3)


def _cut(instant: datetime | None, unit: str) -> datetime | None:
    return None if instant is None else instant.replace(hour=0 if unit == "day" else instant.hour, minute=0, second=0, microsecond=0)


def _block(
    rng: Random, source: Source, level: int, is_top: bool
) -> tuple[str, Callable[[Sequence[Row]], list[Row]], dict[str, Term], list[str]]:
    """One SELECT with aggregates: its text, its meaning, its columns over groups, and which of them are keys."""
    make = Maker(rng, source)
    where = make.condition(source.numbers, source.texts) if make.chance(4) else None
    keys = make.keys()
    aggregates = [make.aggregate() for _ in range(rng.randint(1, 2 if is_top else 3))]
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
    having = make.condition(aggregates, []) if make.chance(6) else None
    order = [name for name in columns if name not in names] + names if make.chance(2) else list(columns)
    text = _select_text(source, columns, order, where, having, names, make.pick(["name", "position", "expression"]))

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
    text = source.prelude + "SELECT " + ", ".join(f"{columns[name].text} AS {name}" for name in order) + f" FROM {source.text}"
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


def _stacked(rng: Random, source: Source, level: int) -> Source:
    """The rows of a SELECT over a source, as a source."""
    text, run, columns, keys = _block(rng, source, level, is_top=False)
    instants = [key for key in keys if columns[key].text.startswith("DATE_TRUNC")]

    return Source(
        text=f"({text})",
        run=run,
        numbers=tuple(_column(name, columns[name].is_open) for name in columns if name.startswith("v") or name == "one"),
        texts=tuple(_column(name) for name in keys if name not in instants),
        instants=tuple(_column(name) for name in [*(["timestamp"] if "timestamp" in columns else []), *instants]),
        order=(lambda row, value: (row["timestamp"], value)) if "timestamp" in columns else None,
        is_simple=source.is_simple,
    )


def _projected(rng: Random, source: Source, level: int) -> Source:
    """A SELECT without aggregates over a source: fewer rows, other names."""
    make = Maker(rng, source)
    where = make.condition(source.numbers, source.texts) if make.chance(4) else None
    numbers = {f"p{level}{i}": make.number(source.numbers, source.texts) for i in range(2)}
    texts = {f"q{level}{i}": term for i, term in enumerate(source.texts)}
    columns = numbers | texts | {term.text: term for term in source.instants[:1]}
    text = _select_text(source, columns, list(columns), where, None, [], "name")

    def run(events_: Sequence[Row]) -> list[Row]:
        rows = [row for row in source.run(events_) if where is None or where.meaning(row) is True]
        return [row | {name: term.meaning(row) for name, term in columns.items()} for row in rows]

    return Source(
        text=f"({text})",
        run=run,
        numbers=tuple(_column(name, term.is_open) for name, term in numbers.items()),
        texts=tuple(_column(name) for name in texts),
        instants=tuple(_column(term.text) for term in source.instants[:1]),
        order=source.order,
        is_simple=source.is_simple,
    )


def _named(source: Source, name: str) -> Source:
    """The same rows, named by WITH."""
    return replace(source, text=name, prelude=f"WITH {name} AS {source.text} ")


def _column(name: str, is_open: bool = False) -> Term:
    return Term(name, lambda row: row[name], is_open)


def random_query(rng: Random, depth: int) -> Query:
    """A query of `depth` stacked SELECTs."""
    source = replace(EVENTS, is_simple=rng.random() < 0.5)
    for level in range(1, depth):
        if rng.randrange(3) == 0:
            source = _projected(rng, source, level)
        source = _stacked(rng, source, level)
        if rng.random() < 0.5:
            source = _named(source, f"w{level}")
    if rng.randrange(5) == 0:
        source = _projected(rng, source, depth)
    text, run, columns, keys = _block(rng, source, depth, is_top=True)
    return Query(text, run, (*keys, *(["moving"] if "moving" in columns else [])))


def key_text(value: Any) -> str | None:
    return instant_text(value) if isinstance(value, datetime) else value
