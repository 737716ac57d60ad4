# ruff: noqa: E501 (a case is one line of its table)
"""A wrong metric gets one message that says where, what was found, and what would be right."""

from pathlib import Path

import pytest

from meterhouse.compiler import MetricErrors, compile_files, compile_metrics
from meterhouse.compiler.project import MetricFile

TABLE = Path(__file__).parent / "cases" / "wrong_queries.txt"


def cases() -> list[tuple[str, str]]:
    lines = [line for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    return [(query, message.strip()) for query, message in zip(lines[::2], lines[1::2], strict=True)]


def fault_of(text: str, path: str = "metrics/m.sql") -> str:
    with pytest.raises(MetricErrors) as raised:
        compile_files([MetricFile(Path(path).stem, path, text)])
    (line,) = raised.value.lines
    return line.removeprefix(f"{path}:").strip()


@pytest.mark.parametrize(("query", "message"), cases(), ids=[query[:60] for query, _ in cases()])
def test_wrong_query_is_refused_with_its_message(query: str, message: str) -> None:
    assert fault_of(query) == message


def test_the_table_holds_at_least_sixty_wrong_queries() -> None:
    assert len(cases()) >= 60


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("select " + "(" * 10_000, "the query has 10001 words and signs; a metric has at most 10000", id="10,000 open parentheses"),
        pytest.param(f"select {'(' * 4000}1{')' * 4000} from events", "1:33: parentheses are nested more than 25 deep; use fewer", id="4,000 nested parentheses"),
        pytest.param(f"select {'not ' * 9000}true from events", "1:1: the query is nested too deeply; split it into sub-queries", id="9,000 times not"),
        pytest.param(f"select count(*) {'+ 1 ' * 3000}from events", "1:1: an expression is nested more than 100 deep; split the query into sub-queries", id="3,000 additions"),
        pytest.param("select sum(properties.a) from events where event_type = '" + "x" * 1_000_000 + "'", "the file has 1000058 characters; a metric has at most 100000", id="a 1 MB literal"),
        pytest.param("select count(*) from events where event_type = 'a\0b'", "1:50: the file holds a NUL character; a metric is plain text", id="a NUL character"),
        pytest.param("", "1:1: the file holds no query; write one SELECT ... FROM events", id="an empty file"),
        pytest.param("-- only a comment", "1:1: the file holds no query; write one SELECT ... FROM events", id="only a comment"),
    ],
)  # fmt: skip
def test_extreme_text_is_refused_with_its_message(text: str, message: str) -> None:
    assert fault_of(text) == message


def test_doubling_sub_queries_are_refused_before_they_explode() -> None:
    query = "select sum(properties.a) as x from events group by properties.u"
    for _ in range(11):
        query = f"select x * x * x as x from ({query})"
    assert fault_of(query).endswith("an expression grows to more than 5000 parts; simplify the sub-queries")


def test_stacked_common_tables_are_refused_before_they_explode() -> None:
    tables = ["t0 as (select properties.a as x from events)"]
    tables += [f"t{i} as (select x * x as x from t{i - 1})" for i in range(1, 40)]
    assert fault_of(f"with {', '.join(tables)} select sum(x) from t39").endswith("more than 12 queries are stacked; use fewer")


def test_line_and_column_count_from_one_and_name_the_fault() -> None:
    assert fault_of("-- Tokens.\nselect\n    sum(properties.a),\n    region\nfrom events").startswith("4:5: unknown column region")


def test_every_fault_of_a_folder_comes_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text("select count(*) from event")
    (tmp_path / "b.yml").write_text("aggregation: summ\nproperty: tokens\n")
    (tmp_path / "C.sql").write_text("select count(*) from events")
    (tmp_path / "d.sql").write_bytes("select count(*) from events -- é".encode("latin-1"))
    with pytest.raises(MetricErrors) as raised:
        compile_metrics(tmp_path)
    folder = tmp_path.name
    assert raised.value.lines == (
        f"{folder}/d.sql: the file is no UTF-8 text (unexpected end of data at byte 31); save it as UTF-8",
        f"{folder}/C.sql: a metric cannot be named C; a name has at most 60 lower-case letters, digits and single underscores",
        f"{folder}/a.sql:1:22: unknown table event; a metric reads the one table events; did you mean events?",
        f"{folder}/b.yml: aggregation 'summ'; did you mean sum?; allowed are count, sum, max, min, avg, latest, earliest, count_distinct",
    )


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        ("aggregation: count\ngroup_key: [region]", "unknown field group_key in the file; did you mean group_keys?; allowed are description, event_types, properties, aggregation, property, group_keys"),
        ("aggregation: sum", "aggregation sum needs the name of a property, as in `property: tokens`"),
        ("- a\n- b", "the file is ['a', 'b']; write fields, of: description, event_types, properties, aggregation, property, group_keys"),
        ("aggregation: [", "1:15: this is no YAML: expected the node content, but found '<stream end>'"),
        ("aggregation: count\nevent_types: {in: [1]}", "in holds 1; write texts, in quotes where they look like something else"),
        ("aggregation: count\nevent_types: {in: []}", "an empty list of values; name at least one, or leave the filter out"),
        ("aggregation: count\nproperties: [{in: [eu]}]", "a property filter needs a name, as in `- {name: region, in: [eu]}`"),
        ("aggregation: count\nproperties: region", "properties is 'region'; write a list"),
        ("aggregation: count\nproperties: [{name: region, like: e}]", "unknown field like in a property filter; allowed are name, exists, in, not_in"),
    ],
)  # fmt: skip
def test_wrong_basic_filter_is_refused_with_its_message(definition: str, message: str) -> None:
    assert fault_of(definition, "metrics/m.yml") == message
