"""classify: the bound tree -> the class of the metric, how far up its stack the cheap rule holds, and why."""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from meterhouse.compiler.monotone import can_accumulate, moves
from meterhouse.compiler.tree import COUNTS, Block, Call, Expression, Function, Literal, Query, Value


class MetricClass(Enum):
    """What has to be kept, and what has to be computed again, when an hour of events arrives."""

    ADDITIVE = "additive"
    MERGEABLE = "mergeable"
    DISTINCT = "distinct"
    INVERTIBLE = "nested, invertible"
    EVALUATED = "nested, evaluated at each change"


COSTS = {
    MetricClass.ADDITIVE: "the increments of an hour are its states: nothing before the hour is read",
    MetricClass.MERGEABLE: "the states of the billing periods that an hour touches are merged in one pass",
    MetricClass.DISTINCT: "as mergeable, or less where only values are counted; one state per group, distinct value and slot",
    MetricClass.INVERTIBLE: "one pass over the states of the billing periods touched, and one over the changes of each block",
    MetricClass.EVALUATED: "as invertible, and for each slot in which an outer group changes, its inner groups are read again",
}


@dataclass(frozen=True)
class Classified:
    query: Query
    metric_class: MetricClass
    reason: str


def classify(query: Query) -> Classified:
    """Choose the cheapest rule that is right."""
    outer = query.blocks[1:]
    evaluated = [a for block in outer for a in block.aggregates if not can_accumulate(a, block)]
    if evaluated:
        return Classified(
            query,
            MetricClass.EVALUATED,
            f"an outer {_name(evaluated[0].function)} reads values that can move",
        )
    if outer:
        return Classified(
            query,
            MetricClass.INVERTIBLE,
            "its outer aggregates follow from what comes and what goes, without the rows that stay",
        )
    if any(a.function is Function.COUNT_DISTINCT for a in query.block.aggregates):
        return Classified(query, MetricClass.DISTINCT, "COUNT(DISTINCT) counts the slot in which a value is first seen")
    obstacle = obstacle_to_adding(query)
    if obstacle:
        return Classified(query, MetricClass.MERGEABLE, obstacle)
    return Classified(query, MetricClass.ADDITIVE, "the quantity of two slots together is the sum of their quantities")


def _name(function: Function) -> str:
    return function.value.replace("_", " ").upper()


def obstacle_to_adding(query: Query) -> str | None:
    """Why what a slot adds to the quantity is not what it adds to the values of the top block; None where it is."""
    block = query.block
    if block.filter is not None:
        return "HAVING looks at the group as a whole"
    if any(moves(key.expression) for key in query.group_keys):
        return "a group key depends on aggregates"
    if _is_sum(query.quantity, block) or _adds_up(query.quantity, block):
        return None
    functions = sorted(
        {_name(a.function) for a in block.aggregates if a.function not in (Function.SUM, Function.COUNT, Function.COUNT_ROWS)}
    )
    if functions:
        return f"{', '.join(functions)} of two slots is not a sum"
    return "the quantity is no plain sum of its aggregates, NULLs and rounding included"


def _is_sum(quantity: Expression, block: Block) -> bool:
    """One SUM, or one times a whole number: NULL until a value comes, which counts as 0."""
    if isinstance(quantity, Call) and quantity.operator == "*":
        left, right = quantity.arguments
        return (_is_whole(left) and _is_sum(right, block)) or (_is_whole(right) and _is_sum(left, block))
    if isinstance(quantity, Call) and quantity.operator == "negate":
        return _is_sum(quantity.arguments[0], block)
    return isinstance(quantity, Value) and block.aggregates[quantity.index].function is Function.SUM


def _adds_up(quantity: Expression, block: Block) -> bool:
    """Terms that are never NULL and 0 without events (COUNT, COALESCE(SUM, 0)), added, or times whole numbers."""
    if isinstance(quantity, Value):
        return block.aggregates[quantity.index].function in COUNTS
    if not isinstance(quantity, Call):
        return False
    arguments = quantity.arguments
    if quantity.operator == "coalesce":
        return len(arguments) == 2 and isinstance(arguments[1], Literal) and arguments[1].value == 0 and _is_sum(arguments[0], block)
    if quantity.operator in ("+", "-", "negate"):
        return all(_adds_up(argument, block) for argument in arguments)
    if quantity.operator == "*":
        left, right = arguments
        return (_is_whole(left) and _adds_up(right, block)) or (_is_whole(right) and _adds_up(left, block))
    return False


def _is_whole(expression: Expression) -> bool:
    """A product with a whole number is exact, so the product of a sum is the sum of the products."""
    value = expression.value if isinstance(expression, Literal) else None
    return isinstance(value, Decimal) and value == value.to_integral_value()
