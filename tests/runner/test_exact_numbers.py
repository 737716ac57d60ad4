"""Numbers are exact from the event to the quantity (product promise P2): macros against Python's Decimal, and files of
every format against their own text."""

import re
from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.compiler.warehouse import rendered
from tests.conftest import NIGHTLY
from tests.worlds import World, event

WIDE = Context(prec=200, rounding=ROUND_HALF_UP)
SMALLEST, TOO_LARGE = Decimal("0.000000000001"), Decimal(10) ** 18
# One query takes a batch of cases, so few examples are many cases.
SETTINGS = settings(max_examples=200 if NIGHTLY else 10, deadline=None, derandomize=not NIGHTLY, suppress_health_check=list(HealthCheck))
NUMBERS = st.one_of(
    st.decimals(-1000, 1000, places=12),
    st.integers(1 - 10**30, 10**30 - 1).map(lambda n: WIDE.multiply(Decimal(n), SMALLEST)),
    st.sampled_from([*map(Decimal, ("0", "1", "-1", "3", "7", "0.5")), SMALLEST, -SMALLEST, TOO_LARGE - 1, TOO_LARGE - SMALLEST]),
)
NUMBER_TEXT = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def rounded(number: Decimal) -> Decimal:
    """Half away from zero at 12 decimals."""
    return number.quantize(SMALLEST, context=WIDE)


def quotient(numerator: Decimal, denominator: Decimal) -> Decimal | None:
    return rounded(WIDE.divide(numerator, denominator)) if denominator else None


def product(left: Decimal, right: Decimal) -> Decimal:
    return rounded(WIDE.multiply(left, right))


def fits(value: Decimal | None) -> bool:
    return value is None or value.copy_abs() < Decimal(10) ** 26


def run(macro: str, kinds: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[Any]:
    """The macro over each row of arguments, in one query."""
    names = [f"argument_{index}" for index in range(len(kinds))]
    expression = rendered("{{ " + macro + "(" + ", ".join(f"'{name}'" for name in names) + ") }}")
    cases = ", ".join(f"cast(unnest(${name}) as {kind}) as {name}" for name, kind in zip(names, kinds, strict=True))
    texts = {name: [str(row[index]) for row in rows] for index, name in enumerate(names)}
    with duckdb.connect() as con:
        return [value for (value,) in con.execute(f"select {expression} from (select {cases})", texts).fetchall()]


@pytest.mark.parametrize("macro, oracle", [("divide", quotient), ("multiply", product)], ids=["divide", "multiply"])
@SETTINGS
@given(pairs=st.lists(st.tuples(NUMBERS, NUMBERS), min_size=30, max_size=60))
def test_arithmetic_is_exact(
    macro: str, oracle: Callable[[Decimal, Decimal], Decimal | None], pairs: list[tuple[Decimal, Decimal]]
) -> None:
    cases = [pair for pair in pairs if fits(oracle(*pair))]
    found = run(macro, ["decimal(38, 12)"] * 2, cases)
    wrong = [
        f"{macro}({left}, {right}) is {value}, not {oracle(left, right)}"
        for (left, right), value in zip(cases, found, strict=True)
        if value != oracle(left, right)
    ]
    assert not wrong, "\n".join(wrong)


DIVISIONS = {
    "a third": ("1", "3", "0.333333333333"),
    "two thirds": ("2", "3", "0.666666666667"),
    "half of the smallest": ("0.000000000001", "2", "0.000000000001"),
    "half of the smallest below zero": ("-0.000000000001", "2", "-0.000000000001"),
    "less than half": ("0.000000000001", "3", "0"),
    "by zero": ("1", "0", None),
    "zero by zero": ("0", "0", None),
    "largest by smallest part": ("999999999999999999.999999999999", "0.1", "9999999999999999999.99999999999"),
}


@pytest.mark.parametrize("numerator, denominator, expected", DIVISIONS.values(), ids=DIVISIONS)
def test_division(numerator: str, denominator: str, expected: str | None) -> None:
    found = run("divide", ["decimal(38, 12)"] * 2, [(Decimal(numerator), Decimal(denominator))])
    assert found == [expected and Decimal(expected)]


def number_of_text(text: str) -> Decimal | None:
    if not NUMBER_TEXT.fullmatch(text.strip(" ")):
        return None
    exponent = re.search(r"[eE]([+-]?\d+)$", text.strip(" "))
    if exponent and int(exponent[1]) > 40:
        return Decimal(0) if not Decimal(text.strip(" ").lower().split("e")[0]) else None
    if exponent and int(exponent[1]) < -400:
        return Decimal(0)
    value = rounded(WIDE.create_decimal(text.strip(" ")))
    return value if value.copy_abs() < TOO_LARGE else None


TEXTS = {
    "plain": ("12.5", "12.5"),
    "signs": ("+12.5", "12.5"),
    "below zero": ("-0.5", "-0.5"),
    "point first": (".5", "0.5"),
    "point last": ("5.", "5"),
    "blanks around": ("  7 ", "7"),
    "exponent": ("1.5e3", "1500"),
    "exponent with plus": ("1E+2", "100"),
    "small exponent": ("25e-2", "0.25"),
    "tiny exponent": ("1e-12", "0.000000000001"),
    "half of the smallest": ("0.0000000000005", "0.000000000001"),
    "half of the smallest, exponent": ("5e-13", "0.000000000001"),
    "just under half": ("0.00000000000049999999999999999999999999", "0"),
    "half away from zero": ("-0.0000000000005", "-0.000000000001"),
    "many digits": ("123456789012345678.123456789012", "123456789012345678.123456789012"),
    "many digits to round": ("0.33333333333333333333333333333333333333333333333333", "0.333333333333"),
    "largest": ("999999999999999999.999999999999", "999999999999999999.999999999999"),
    "rounds to too large": ("999999999999999999.9999999999995", None),
    "10^18": ("1000000000000000000", None),
    "10^18 as exponent": ("1e18", None),
    "beyond decimal(38)": ("1" + "0" * 60, None),
    "long zeros": ("0" * 50 + "1." + "0" * 50, "1"),
    "empty": ("", None),
    "blank": (" ", None),
    "word": ("many", None),
    "comma": ("1,5", None),
    "underscore": ("1_000", None),
    "hexadecimal": ("0x10", None),
    "not a number": ("nan", None),
    "infinity": ("inf", None),
    "two points": ("1.2.3", None),
    "sign last": ("1-", None),
    "two signs": ("--1", None),
    "only a sign": ("-", None),
    "only a point": (".", None),
    "only an exponent": ("e5", None),
    "exponent without digits": ("1e", None),
    "exponent of a fraction": ("1e1.5", None),
    "blank inside": ("1 2", None),
    "percent": ("5%", None),
    "true": ("true", None),
}


@pytest.mark.parametrize("text, expected", TEXTS.values(), ids=TEXTS)
def test_text_to_number(text: str, expected: str | None) -> None:
    assert number_of_text(text) == (expected and Decimal(expected))
    assert run("text_to_number", ["varchar"], [[text]]) == [expected and Decimal(expected)]


@SETTINGS
@given(
    texts=st.lists(
        st.one_of(
            st.from_regex(r"\A *[+-]?([0-9]{1,25}(\.[0-9]{0,30})?|\.[0-9]{1,30})([eE][+-]?[0-9]{1,2})? *\Z"),
            st.text("0123456789.eE+-_ ", max_size=12),
        ),
        min_size=40,
        max_size=80,
    )
)
def test_any_text_to_number(texts: list[str]) -> None:
    found = run("text_to_number", ["varchar"], [[text] for text in texts])
    wrong = [
        f"{text!r} is {value}, not {number_of_text(text)}"
        for text, value in zip(texts, found, strict=True)
        if value != number_of_text(text)
    ]
    assert not wrong, "\n".join(wrong)


@SETTINGS
@given(numbers=st.lists(NUMBERS, min_size=30, max_size=60))
def test_number_to_text_and_back(numbers: list[Decimal]) -> None:
    found = run("number_to_text", ["decimal(38, 12)"], [[number] for number in numbers])
    assert [Decimal(text) for text in found] == numbers
    assert [text for text in found if not re.fullmatch(r"-?(0|[1-9]\d*)(\.\d*[1-9])?", text) or text == "-0"] == []


UNITS_AS_JSON = {
    "integer": ("7", "7"),
    "decimal": ("0.1", "0.1"),
    "zeros at the end": ("1.500000", "1.5"),
    "12 decimals": ("0.123456789012", "0.123456789012"),
    "more decimals, rounded": ("0.1234567890125", "0.123456789013"),
    "long whole number": ("123456789012345678", "123456789012345678"),
    "9007199254740993, no float": ("9007199254740993", "9007199254740993"),
    "long number with decimals": ("123456789012345678.123456789012", "123456789012345678.123456789012"),
    "17 digits": ("12345678901234567e-3", "12345678901234.567"),
    "long and negative": ("-99999999999999999.999999999999", "-99999999999999999.999999999999"),
    "exponent": ("1.25e3", "1250"),
    "small exponent": ("15e-7", "0.0000015"),
    "text": ('"12.50"', "12.5"),
    "long text": ('"123456789012345678.000000000001"', "123456789012345678.000000000001"),
    "10^18 is no number": ("1000000000000000000", None),
    "1e400 is no number": ("1e400", None),
    "words are no number": ('"many"', None),
}


@pytest.fixture(scope="module")
def read_numbers(desk: Any) -> dict[tuple[str, str], Decimal | None]:
    """Build one event per number and format, each of a customer hour of its own, and return what became of it."""
    world = World(desk)
    world.clear()
    world.metric(
        "units",
        "-- Units.\nselect sum(properties.units) as value, properties.name as name from events group by properties.name",
    )
    world.catalog(
        customers="customer_id\nacme",
        rate_cards="rate_card_id,currency\ncard,usd",
        products='product_id,name,type,metric,presentation_group_keys\nwidgets,Widgets,usage,units,"[""name""]"',
        rates="rate_id,rate_card_id,product_id,starting_at,rate_type,unit_price\nr,card,widgets,2026-01-01T00:00:00Z,flat,0",
        contracts="contract_id,customer_id,rate_card_id,starting_at\nk,acme,card,2026-01-01T00:00:00Z",
    )
    for kind in FORMATS:
        world.events(
            f"numbers.{kind}",
            [
                event(f"{kind} {name}", "2026-01-10T10:00:00Z", f'{{"name":"{kind} {name}","units":{text}}}')
                for name, (text, _) in UNITS_AS_JSON.items()
            ],
        )
    world.build("2026-01-11T00:00:00Z")
    uncastable: dict[str, Decimal | None] = dict(world.rows("select transaction_id, null from unbilled_events where reason = 'uncastable'"))
    found: dict[str, Decimal | None] = dict(world.rows("select presentation_group_values::json->>'name', quantity from usage_hourly"))
    return {(kind, name): (found | uncastable)[f"{kind} {name}"] for kind in FORMATS for name in UNITS_AS_JSON}


FORMATS = ("csv", "ndjson", "parquet")


@pytest.mark.parametrize("name", UNITS_AS_JSON)
@pytest.mark.parametrize("kind", FORMATS)
def test_no_digit_is_lost_on_the_way(kind: str, name: str, read_numbers: dict[tuple[str, str], Decimal | None]) -> None:
    expected = UNITS_AS_JSON[name][1]
    assert read_numbers[kind, name] == (expected and Decimal(expected))
