"""Exact decimals: a context in which sums and products never round, and the few operations that round on purpose."""

from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal, localcontext
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

ZERO = Decimal(0)
PLACES = Decimal("1e-12")
EXACT = Context(prec=100, rounding=ROUND_HALF_UP)
ROUNDINGS = {"up": ROUND_CEILING, "down": ROUND_FLOOR, "half_up": ROUND_HALF_UP}


def exactly(function: Callable[P, T]) -> Callable[P, T]:
    """The function in a context of 100 digits, far more than two numbers of 38 digits need."""

    @wraps(function)
    def in_context(*args: P.args, **kwargs: P.kwargs) -> T:
        with localcontext(EXACT):
            return function(*args, **kwargs)

    return in_context


def rounded(value: Decimal, how: str = "half_up", places: int = 12) -> Decimal:
    """The value at some decimal places; half_up is half away from zero, up and down are ceiling and floor."""
    return value.quantize(Decimal(1).scaleb(-places), ROUNDINGS[how], EXACT)


def multiply(left: Decimal, right: Decimal) -> Decimal:
    """left * right, rounded half away from zero at 12 decimals."""
    return rounded(EXACT.multiply(left, right))


def divide(numerator: Decimal, denominator: Decimal) -> Decimal:
    """numerator / denominator, rounded half away from zero at 12 decimals."""
    # more digits than the quotient of two such numbers can repeat before it differs from a tie
    return rounded(EXACT.divide(numerator, denominator))


def packages(quantity: Decimal, size: Decimal) -> Decimal:
    """The whole packages that hold a quantity: the quotient, rounded up, decided by the product and not by a quotient."""
    whole = EXACT.divide(quantity, size).quantize(Decimal(1), ROUND_DOWN, EXACT)
    return whole + 1 if EXACT.multiply(whole, size) < quantity else whole
