"""What each function and operator means, run on one event."""

import json
from datetime import UTC, datetime
from decimal import Decimal

from meterhouse.compiler import compile_files
from meterhouse.compiler.project import MetricFile
from tests.compiler.warehouse import Event, Warehouse, Window

DAY = Window("ann", datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC))
PROPERTIES = {"two": "2", "half": "0.5", "neg": "-2.5", "text": "x", "yes": "true", "one_e3": "1E3", "big": "1e18"}  # fmt: skip
PROPERTIES |= {"padded": " 7 ", "at": "2026-03-01T05:30:00+05:30", "tiny": "0.0000000000005"}
# What some engine reads as an instant, and RFC 3339 does not know.
PROPERTIES |= {"year": "2026", "clock": "10:00", "now": "now", "endless": "infinity", "long_date": "2026-3-1"}
EVENT = Event("e1", "ann", "a", datetime(2026, 3, 1, 13, 45, tzinfo=UTC), PROPERTIES)

# Number expressions over the event and their values; 0 stands for NULL.
NUMBERS = {
    "properties.two + properties.half": "2.5",
    "properties.two - 3 * properties.half": "0.5",
    "(properties.two - 3) * properties.half": "-0.5",
    "2 / 3": "0.666666666667",
    "-2 / 3": "-0.666666666667",
    "properties.two / 0": "0",
    "properties.half * properties.half": "0.25",
    "properties.tiny * 1": "0.000000000001",
    "properties.one_e3": "1000",
    "properties.big": "0",
    "properties.padded": "7",
    "properties.text": "0",
    "properties.missing + 1": "0",
    "round(properties.neg)": "-3",
    "round(2.45, 1)": "2.5",
    "ceil(properties.neg)": "-2",
    "floor(properties.neg)": "-3",
    "abs(properties.neg)": "2.5",
    "-properties.neg": "2.5",
    "- - properties.two": "2",
    "least(properties.two, properties.neg, properties.missing)": "-2.5",
    "greatest(properties.missing, properties.half)": "0.5",
    "coalesce(properties.missing, properties.text, 4)": "4",
    "nullif(properties.two, 2.0)": "0",
    "cast(properties.neg as int)": "-3",
    "cast(2.345 as decimal(10, 2))": "2.35",
    "cast(properties.half as decimal(10))": "1",
    "cast(properties.half as double)": "0.5",
    "cast(properties.two = 2 as int)": "1",
    "case when properties.two > 1 then 5 end": "5",
    "case when properties.two < 1 then 5 end": "0",
    "case properties.text when 'y' then 1 when 'x' then 2 else 3 end": "2",
    "case when properties.missing = 'x' then 1 else 2 end": "2",
    "case when not (properties.missing = 'x') then 1 else 2 end": "2",
    "case when properties.missing is null and properties.two is not null then 1 else 2 end": "1",
    "case when properties.two between 2 and 3 then 1 else 2 end": "1",
    "case when properties.two not between 2 and 3 then 1 else 2 end": "2",
    "case when properties.two in (1, 2.0) then 1 else 2 end": "1",
    "case when properties.text not in ('y', 'z') then 1 else 2 end": "1",
    "case when properties.text = properties.text and properties.two = '2' then 1 else 2 end": "1",
    "case when properties.two ≥ 2 and properties.two ≤ 2 and properties.two <> 3 and properties.two ≠ 4 then 1 else 2 end": "1",
    "case when true or properties.missing = 'x' then 1 else 2 end": "1",
    "case when cast(properties.yes as boolean) = true then 1 else 2 end": "1",
    "case when timestamp > cast('2026-03-01T13:44:59Z' as timestamp) then 1 else 2 end": "1",
    "case when date_trunc('hour', timestamp) = cast('2026-03-01 13:00:00' as timestamp) then 1 else 2 end": "1",
    "case when cast(properties.at as timestamp) = date_trunc('day', timestamp) then 1 else 2 end": "1",
    "case when cast(properties.text as timestamp) is null then 1 else 2 end": "1",
    "case when coalesce(cast(properties.year as timestamp), cast(properties.clock as timestamp)) is null then 1 else 2 end": "1",
    "case when coalesce(cast(properties.now as timestamp), cast(properties.endless as timestamp)) is null then 1 else 2 end": "1",
    "case when cast(properties.long_date as timestamp) is null then 1 else 2 end": "1",
}
# Text expressions and the group they make.
TEXTS: dict[str, str | None] = {
    "properties.two": "2",
    "properties.missing": None,
    "event_type": "a",
    "date_trunc('day', timestamp)": "2026-03-01T00:00:00Z",
    "date_trunc('hour', timestamp)": "2026-03-01T13:00:00Z",
    "properties.two + 0.50": "2.5",
    "cast(properties.one_e3 as decimal(38, 12))": "1000",
    "properties.two = 2": "true",
    "properties.missing = 'x'": None,
    "case when properties.two > 5 then 'many' else 'few' end": "few",
    "coalesce(properties.missing, 'none')": "none",
    "cast(properties.half * 3 as text)": "1.5",
    "cast(timestamp as varchar)": "2026-03-01T13:45:00Z",
    "'it''s \"quoted\" \\ {{ x }}'": 'it\'s "quoted" \\ {{ x }}',
    "'costs 5${x}'": "costs 5${x}",
    "7": "7",
}


def test_number_expressions_have_their_values() -> None:
    metrics = [MetricFile(f"m{i}", f"metrics/m{i}.sql", f"select max({text}) as value from events") for i, text in enumerate(NUMBERS)]
    made = Warehouse(compile_files(metrics), [DAY])
    made.ingest([EVENT])
    found = {text: made.increments(f"m{i}")[0][3] for i, text in enumerate(NUMBERS)}
    assert found == {text: Decimal(value) for text, value in NUMBERS.items()}


def test_number_expressions_have_the_same_values_over_aggregates() -> None:
    texts = [text for text in NUMBERS if "properties.text" not in text and "timestamp" not in text]
    names = sorted(PROPERTIES, key=len, reverse=True)
    metrics = []
    for i, text in enumerate(texts):
        for name in [*names, "missing"]:
            text = text.replace(f"properties.{name}", f"latest(properties.{name})")
        metrics.append(MetricFile(f"m{i}", f"metrics/m{i}.sql", f"select {text} + 0 * count(*) as value from events"))
    made = Warehouse(compile_files(metrics), [DAY])
    made.ingest([EVENT])
    found = {text: made.increments(f"m{i}")[0][3] for i, text in enumerate(texts)}
    assert found == {text: Decimal(NUMBERS[text]) for text in texts}


def test_text_expressions_make_their_groups() -> None:
    queries = [f"select count(*) as value, {text} as k from events group by {text if text != '7' else 'k'}" for text in TEXTS]
    made = Warehouse(
        compile_files([MetricFile(f"m{i}", f"metrics/m{i}.sql", query) for i, query in enumerate(queries)]),
        [DAY],
    )
    made.ingest([EVENT])
    found = {text: json.loads(made.increments(f"m{i}")[0][2])["k"] for i, text in enumerate(TEXTS)}
    assert found == TEXTS
