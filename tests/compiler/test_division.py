"""Division takes a short way for small numbers of few decimals: it returns what the long way does, up to and past its borders."""

from decimal import Decimal
from itertools import product

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.runner.test_exact_numbers import SMALLEST, fits, quotient, run

THOUSANDTH = Decimal("0.001")
# just inside of the short way, just outside, and far outside, where a number has no room for three more digits
NUMERATORS = [
    number + step
    for number in (Decimal(0), Decimal(7), Decimal(10) ** 15, Decimal(10) ** 25)
    for step in (0, -THOUSANDTH, THOUSANDTH, SMALLEST)
]
DENOMINATORS = [THOUSANDTH, SMALLEST, Decimal(3), *(Decimal(10) ** 9 + step for step in (0, -THOUSANDTH, THOUSANDTH)), Decimal(10) ** 18]
BORDERS = [
    (sign * numerator, other * denominator)
    for numerator, denominator in product(NUMERATORS, DENOMINATORS)
    for sign, other in product((1, -1), (1, -1))
]

# hypothesis keeps to the numbers of events: totals of whole tokens, of gigabytes with decimals, and counts
TOTALS = st.builds(lambda digits, places: Decimal(digits).scaleb(-places), st.integers(-(10**18), 10**18), st.sampled_from([0, 1, 3, 4]))
COUNTS = st.builds(lambda digits, places: Decimal(digits).scaleb(-places), st.integers(-(10**5), 10**10), st.sampled_from([0, 0, 3, 4]))


def wrong(pairs: list[tuple[Decimal, Decimal]]) -> list[str]:
    cases = [pair for pair in pairs if fits(quotient(*pair))]
    found = run("divide", ["decimal(38, 12)"] * 2, cases)
    return [
        f"{numerator} / {denominator} is {value}, not {quotient(numerator, denominator)}"
        for (numerator, denominator), value in zip(cases, found, strict=True)
        if value != quotient(numerator, denominator)
    ]


def test_division_at_the_borders_of_the_short_way() -> None:
    assert wrong(BORDERS) == []


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(pairs=st.lists(st.tuples(TOTALS, COUNTS), min_size=50, max_size=100))
def test_division_of_totals_by_counts(pairs: list[tuple[Decimal, Decimal]]) -> None:
    assert wrong(pairs) == []


def test_one_query_divides_rows_of_both_ways() -> None:
    """The short way must not be tried where it would overflow, though the rows share a vector."""
    assert wrong([(Decimal(10) ** 25 + 1, Decimal(7)), (Decimal(1), Decimal(3)), (Decimal(10) ** 25, Decimal(10) ** 18)]) == []
