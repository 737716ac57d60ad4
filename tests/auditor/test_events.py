"""Which events count, row by row; and the rows of event files of text."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from meterhouse.auditor.event_files import event_row, read_event_file
from meterhouse.auditor.events import accepted_events, property_texts

CUSTOMERS = {"acme": "acme", "acme-old": "acme"}
STEPS = [(1, datetime(2026, 2, 1, tzinfo=UTC)), (2, datetime(2026, 3, 1, tzinfo=UTC)), (3, datetime(2026, 5, 1, tzinfo=UTC))]

# Rows of one file that the first run knew, unless it says otherwise; by: the run that takes it in.
CASES = """
# case                                    | id  | customer | timestamp                 | ingested_at               | props      | known | by
an event                                  | a   | acme     | 2026-01-05T00:00:00Z      |                           | {}         | 1     | 1
an alias                                  | a   | acme-old | 2026-01-05T00:00:00Z      |                           |            | 1     | 1
a stranger                                | a   | nobody   | 2026-01-05T00:00:00Z      |                           | {}         | 1     |
no id                                     |     | acme     | 2026-01-05T00:00:00Z      |                           | {}         | 1     |
a date                                    | a   | acme     | 2026-01-05                |                           | {}         | 1     |
a local time                              | a   | acme     | 2026-01-05T00:00:00       |                           | {}         | 1     |
a day that is none                        | a   | acme     | 2026-02-30T00:00:00Z      |                           | {}         | 1     |
an arrival that is none                   | a   | acme     | 2026-01-05T00:00:00Z      | soon                      | {}         | 1     |
24 hours ahead                            | a   | acme     | 2026-01-06T00:00:00Z      | 2026-01-05T01:00:00+01:00 | {}         | 1     | 1
more than 24 hours ahead                  | a   | acme     | 2026-01-06T00:00:00.001Z  | 2026-01-05T00:00:00Z      | {}         | 1     |
34 days back                              | a   | acme     | 2026-01-01T00:00:00Z      | 2026-02-04T00:00:00Z      | {}         | 1     | 2
more than 34 days back                    | a   | acme     | 2025-12-31T23:59:59Z      | 2026-02-04T00:00:00Z      | {}         | 1     |
properties that are a list                | a   | acme     | 2026-01-05T00:00:00Z      |                           | []         | 1     |
properties that are broken                | a   | acme     | 2026-01-05T00:00:00Z      |                           | {"a":NaN}  | 1     |
at the clock of a run: the next one's     | a   | acme     | 2026-02-01T00:00:00Z      |                           | {}         | 1     | 2
in a file that the next run found         | a   | acme     | 2026-01-05T00:00:00Z      |                           | {}         | 2     | 2
after the last run                        | a   | acme     | 2026-05-01T00:00:00Z      |                           | {}         | 1     |
"""


def table(text: str) -> list[tuple[str, ...]]:
    return [tuple(cell.strip() for cell in line.split("|")) for line in text.strip().splitlines()[1:]]


@pytest.mark.parametrize(("case", "id_", "customer", "timestamp", "ingested_at", "properties", "known", "taken"), table(CASES))
def test_a_row_counts_as_the_table_says(
    case: str, id_: str, customer: str, timestamp: str, ingested_at: str, properties: str, known: str, taken: str
) -> None:
    texts = {"transaction_id": id_, "customer_id": customer, "event_type": "use", "timestamp": timestamp}
    row = event_row({**texts, "ingested_at": ingested_at or None, "properties": properties or None}, "f", 1, int(known))

    found = accepted_events([row], CUSTOMERS, STEPS)

    assert [(event.customer_id, event.step) for event in found] == ([("acme", int(taken))] if taken else [])


# Rows of one id: which of them is the event, and which comes again.
DUPLICATES = """
# case                                                   | rows: arrival and the run that knew it               | counted
the first to arrive, not the first in the file           | 2026-01-09 1, 2026-01-08 1                            | 2
again within 34 days                                     | 2026-01-08 1, 2026-02-10 1                            | 1
again after 34 days                                      | 2026-01-08 1, 2026-02-11 1                            | 1 2
34 days count from what was accepted                     | 2026-01-08 1, 2026-02-10 1, 2026-02-12 1              | 1 3
a file found late does not take the place of what was    | 2026-01-09 1, 2026-01-08 2                            | 1
nor does a late row before it make it a duplicate        | 2026-02-20 1, 2026-01-09 3                            | 1 2
"""


@pytest.mark.parametrize(("case", "rows", "counted"), table(DUPLICATES))
def test_the_first_accepted_one_wins(case: str, rows: str, counted: str) -> None:
    texts = {"transaction_id": "a", "customer_id": "acme", "event_type": "use"}
    made = []
    for number, written in enumerate(rows.split(", "), start=1):
        day, known = written.split()
        instant = f"{day}T00:00:00Z"
        made.append(event_row({**texts, "timestamp": instant, "ingested_at": instant}, "f", number, int(known)))

    assert sorted(event.number for event in accepted_events(made, CUSTOMERS, STEPS)) == [int(number) for number in counted.split()]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ('"2.50"', "2.50"),
        ("2.50", "2.5"),
        ("1e1", "10.0"),
        ("-0.5", "-0.5"),
        ("7", "7"),
        ("1234567890123456789.10", "1234567890123456789.10"),
        ("true", "true"),
        ("null", None),
        ('{"b": [1, 2.0]}', '{"b":[1,2.0]}'),
    ],
)
def test_properties_are_texts(written: str, text: str | None) -> None:
    assert property_texts(f'{{"a": {written}, "a": 1}}') == {"a": text}


def test_text_files_give_the_same_rows(tmp_path: Path) -> None:
    header = "transaction_id,customer_id,event_type,timestamp,properties,other\n"
    (tmp_path / "e.csv").write_text(header + 'a,acme,use,2026-01-05T00:00:00Z,"{""n"":1.50}",x\nb,,use,2026-01-05T00:00:00Z,,\n')
    (tmp_path / "e.ndjson").write_text(
        '{"transaction_id":"a","customer_id":"acme","event_type":"use","timestamp":"2026-01-05T00:00:00Z","properties":{"n":1.50}}\n\n'
        '{"transaction_id":"b","event_type":"use","timestamp":"2026-01-05T00:00:00Z"}\n'
    )

    rows = [list(read_event_file(tmp_path / name, 1)) for name in ("e.csv", "e.ndjson")]

    assert [[(r.transaction_id, r.customer_id, r.properties) for r in found] for found in rows] == [
        [("a", "acme", '{"n":1.50}'), ("b", None, None)]
    ] * 2
