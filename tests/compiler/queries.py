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


def numbers(leaves: Sequence[Term], conditions: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    """Arithmetic, functions and CASE over some terms."""
    leaf = (
        st.sampled_from([*leaves, Term("2", lambda _: Decimal(2)), Term("0.1", lambda _: Decimal("0.1"))])
        if leaves
        else st.just(Term("1", lambda _: Decimal(1)))
    )
    return st.recursive(
        st.sampled_from(list(leaves)) if leaves else leaf,
        lambda inner: _composed(inner | leaf, conditions),
        max_leaves=3,
    )


def _composed(inner: st.SearchStrategy[Term], conditions: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    def infix(operator: str, a: Term, b: Term) -> Term:
        return Term(
            f"({a.text} {operator} {b.text})", lambda r: ARITHMETIC[operator](a.meaning(r), b.meaning(r))
        )

    def function(pattern: str, a: Term) -> Term:
        return Term(pattern.format(a.text), lambda r: FUNCTIONS[pattern](a.meaning(r)))

    def pair(pattern: str, a: Term, b: Term) -> Term:
        # + 0 makes it a number also where both sides are open
        return Term(
            f"({pattern.format(a.text, b.text)} + 0)", lambda r: PAIRS[pattern](a.meaning(r), b.meaning(r))
        )

    def case(condition: Term, a: Term, b: Term) -> Term:
        text = f"(CASE WHEN {condition.text} THEN {a.text} ELSE {b.text} END + 0)"
        return Term(text, lambda r: a.meaning(r) if condition.meaning(r) is True else b.meaning(r))

    return (
        st.builds(infix, st.sampled_from(sorted(ARITHMETIC)), inner, inner)
        | st.builds(function, st.sampled_from(sorted(FUNCTIONS)), inner)
        | st.builds(pair, st.sampled_from([p for p in sorted(PAIRS) if p != "NULLIF({}, {})"]), inner, inner)
        | st.builds(case, conditions, inner, inner)
    )


def conditions_on(numbers_: Sequence[Term], texts: Sequence[Term]) -> st.SearchStrategy[Term]:
    """Comparisons with literals, joined by AND, OR and NOT."""

    def compare(operator: str, term: Term, literal: int) -> Term:
        return Term(
            f"{term.text} {operator} {literal}",
            lambda r: COMPARISONS[operator](term.meaning(r), Decimal(literal)),
        )

    def equals(operator: str, term: Term, literal: str) -> Term:
        quoted = literal.replace("'", "''")
        return Term(
            f"{term.text} {operator} '{quoted}'", lambda r: COMPARISONS[operator](term.meaning(r), literal)
        )

    def is_null(term: Term) -> Term:
        return Term(f"{term.text} IS NULL", lambda r: term.meaning(r) is None)

    def one_of(term: Term) -> Term:
        return Term(
            f"{term.text} NOT IN ('x', 'a')",
            lambda r: negated(None if term.meaning(r) is None else term.meaning(r) in ("x", "a")),
        )

    def between(term: Term) -> Term:
        return Term(
            f"{term.text} BETWEEN 0 AND 3",
            lambda r: None if term.meaning(r) is None else 0 <= term.meaning(r) <= 3,
        )

    def joined(a: Term, b: Term) -> Term:
        return Term(f"({a.text} AND {b.text})", lambda r: both(a.meaning(r), b.meaning(r)))

    def either(a: Term, b: Term) -> Term:
        return Term(
            f"({a.text} OR {b.text})", lambda r: negated(both(negated(a.meaning(r)), negated(b.meaning(r))))
        )

    simple: list[st.SearchStrategy[Term]] = []
    if numbers_:
        simple += [
            st.builds(
                compare,
                st.sampled_from(sorted(COMPARISONS)),
                st.sampled_from(list(numbers_)),
                st.integers(-2, 4),
            ),
            st.builds(between, st.sampled_from(list(numbers_))),
        ]
    if texts:
        some_text = st.sampled_from(list(texts))
        simple += [
            st.builds(equals, st.sampled_from(["=", "!="]), some_text, st.sampled_from(["a", *TEXTS])),
            st.builds(is_null, some_text),
            st.builds(one_of, some_text),
        ]
    if not simple:
        return st.just(Term("TRUE", lambda _: True))
    negation = st.builds(
        lambda a: Term(f"NOT ({a.text})", lambda r: negated(a.meaning(r))), st.one_of(simple)
    )
    return st.recursive(
        st.one_of([*simple, negation]),
        lambda inner: st.builds(joined, inner, inner) | st.builds(either, inner, inner),
        max_leaves=2,
    )


@st.composite
def _aggregate(draw: st.DrawFn, source: Source) -> Term:
    conditions = conditions_on(source.numbers, source.texts)
    choice = draw(st.integers(0, 9))
    if choice == 0:
        return Term(
            draw(st.sampled_from(["COUNT(*)", "COUNT()", "count(1)"])), lambda rows: Decimal(len(rows))
        )
    if choice in (1, 2) and source.texts:
        return aggregate(
            draw(st.sampled_from(["COUNT({})", "COUNT(DISTINCT {})"])), draw(st.sampled_from(source.texts))
        )
    argument = draw(numbers(source.numbers, conditions))
    if choice in (3, 4) and source.order is not None:
        return ordered_aggregate(draw(st.sampled_from(["LATEST", "EARLIEST"])), argument, source.order)
    return aggregate(draw(st.sampled_from(sorted(AGGREGATES))), argument)


@st.composite
def _keys(draw: st.DrawFn, source: Source) -> list[Term]:
    def truncated(unit: str, term: Term) -> Term:
        cut: dict[str, int] = {"minute": 0} | ({"hour": 0} if unit == "day" else {})
        return Term(f"DATE_TRUNC('{unit}', {term.text})", lambda row: _cut(term.meaning(row), cut))

    choices = [st.sampled_from(source.texts)] if source.texts else []
    choices += (
        [st.builds(truncated, st.sampled_from(["hour", "day"]), st.sampled_from(source.instants))]
        if source.instants
        else []
    )
    if not choices:
        return []
    keys = draw(st.lists(st.one_of(choices), max_size=2))
    return [key for index, key in enumerate(keys) if key.text not in [k.text for k in keys[:index]]]


def _cut(instant: datetime | None, parts: dict[str, int]) -> datetime | None:
    return None if instant is None else instant.replace(second=0, microsecond=0, **parts)


@st.composite
def _block(
    draw: st.DrawFn, source: Source, is_top: bool
) -> tuple[str, Callable[[Sequence[Row]], list[Row]], dict[str, Term], list[str]]:
    """One SELECT with aggregates: its text, its meaning, its columns over groups, and which of them are keys."""
    where = draw(st.none() | conditions_on(source.numbers, source.texts))
    keys = draw(_keys(source))
    aggregates = draw(st.lists(_aggregate(source), min_size=1, max_size=2 if is_top else 3))
    group_conditions = conditions_on(aggregates, [])
    columns = {
        f"k{i}": Term(key.text, lambda rows, key=key: key.meaning(rows[0])) for i, key in enumerate(keys)
    }  # type: ignore[misc]
    names = list(columns)
    if is_top:
        columns["value"] = draw(
            numbers(aggregates, group_conditions).filter(
                lambda term: any(a.text in term.text for a in aggregates)
            )
        )
        if source.texts and draw(st.integers(0, 5)) == 0:
            columns["moving"] = aggregate("MAX({})", draw(st.sampled_from(source.texts)))
    else:
        columns |= {
            f"v{i}": draw(numbers([term], group_conditions).filter(lambda t, term=term: term.text in t.text))
            for i, term in enumerate(aggregates)
        }
        columns["one"] = Term("1", lambda _: Decimal(1))
        if source.instants:
            columns["timestamp"] = aggregate("MAX({})", source.instants[0])
    having = draw(st.none() | group_conditions) if draw(st.integers(0, 2)) == 0 else None
    style = draw(st.sampled_from(["name", "position", "expression"]))
    order = draw(st.permutations(list(columns)))
    text = _select_text(source, columns, order, where, having, names, style)

    def run(events_: Sequence[Row]) -> list[Row]:
        rows = [row for row in source.run(events_) if where is None or where.meaning(row) is True]
        kept = [rows for rows in grouped(rows, keys) if having is None or having.meaning(rows) is True]
        return [{name: term.meaning(rows) for name, term in columns.items()} for rows in kept]

    return text, run, columns, names


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


@st.composite
def _stacked(draw: st.DrawFn, source: Source) -> Source:
    """The rows of a SELECT over a source, as a source."""
    text, run, columns, keys = draw(_block(source, is_top=False))
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
    for _ in range(depth - 1):
        source = draw(_stacked(source))
    text, run, columns, keys = draw(_block(source, is_top=True))
    return Query(text, run, (*keys, *(["moving"] if "moving" in columns else [])))


def key_text(value: Any) -> str | None:
    return instant_text(value) if isinstance(value, datetime) else value
