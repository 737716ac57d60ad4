"""
Which values can only grow, or only fall, as a billing period goes on.

As time passes events only come. So within a period the counts and maxima of events only grow, their minima only fall,
and their earliest value stays. MAX over rows that only come and only grow is the greatest value seen so far: such a
block needs neither retraction nor evaluation.
"""

from decimal import Decimal

from meterhouse.compiler.tree import (
    COUNTS,
    Aggregate,
    Block,
    Call,
    Events,
    Expression,
    Function,
    Literal,
    Value,
    walk,
)

UP, DOWN = frozenset({"up"}), frozenset({"down"})
STILL, NEITHER = UP | DOWN, frozenset[str]()
OPPOSITE = {UP: DOWN, DOWN: UP, STILL: STILL, NEITHER: NEITHER}
INVERTIBLE = (Function.COUNT_ROWS, Function.COUNT, Function.SUM)


def can_accumulate(aggregate: Aggregate, block: Block) -> bool:
    """Can an outer aggregate be kept up to date from the changes alone, without its other rows?"""
    if aggregate.function in INVERTIBLE:
        return True
    return aggregate.function in (Function.MAX, Function.MIN) and bool(_of_aggregate(aggregate, block))


def moves(expression: Expression) -> bool:
    """Does the expression depend on aggregates, so that it can change while its group stays?"""
    return any(isinstance(part, Value) for part in walk(expression))


def direction(expression: Expression, block: Block) -> frozenset[str]:
    """The directions in which an expression over a block's keys and values may be said to move; NULL comes first."""
    if isinstance(expression, Value):
        return _of_aggregate(block.aggregates[expression.index], block)
    if not isinstance(expression, Call):
        return STILL
    parts = [direction(argument, block) for argument in expression.arguments]
    if not moves(expression):
        return STILL
    if expression.operator == "+":
        return parts[0] & parts[1]
    if expression.operator == "-":
        return parts[0] & OPPOSITE[parts[1]]
    if expression.operator == "negate":
        return OPPOSITE[parts[0]]
    if expression.operator in ("ceil", "floor", "round"):
        return parts[0]
    if expression.operator == "*":
        return _scaled(expression, parts)
    return NEITHER


def _scaled(product: Call, parts: list[frozenset[str]]) -> frozenset[str]:
    for factor, moved in zip(product.arguments, reversed(parts), strict=True):
        if isinstance(factor, Literal) and isinstance(factor.value, Decimal):
            return moved if factor.value >= 0 else OPPOSITE[moved]
    return NEITHER


def _of_aggregate(aggregate: Aggregate, block: Block) -> frozenset[str]:
    if not isinstance(block.source, Events):
        return _of_outer_aggregate(aggregate, block, block.source)
    if aggregate.function in COUNTS or aggregate.function is Function.MAX:
        return UP
    return {Function.MIN: DOWN, Function.EARLIEST: STILL}.get(aggregate.function, NEITHER)


def _of_outer_aggregate(aggregate: Aggregate, block: Block, source: Block) -> frozenset[str]:
    if not _only_comes(source) or any(moves(key.expression) for key in block.keys):
        return NEITHER
    if aggregate.function is Function.COUNT_ROWS:
        return UP
    wanted = {Function.MAX: UP, Function.MIN: DOWN}.get(aggregate.function, NEITHER)
    return wanted & direction(aggregate.argument, source) if aggregate.argument is not None else NEITHER


def _only_comes(block: Block) -> bool:
    """Do the rows of a block stay once they are there?"""
    if block.filter is not None:
        return False
    if isinstance(block.source, Events):
        return True
    return _only_comes(block.source) and not any(moves(key.expression) for key in block.keys)
