"""Scalar expressions of the bound tree -> SQL. What differs between engines is a macro."""

import re
from collections.abc import Callable
from decimal import Decimal

from meterhouse.compiler.fragments import Fragment, MacroCall, Pairs, call, join, sql
from meterhouse.compiler.names import property_column
from meterhouse.compiler.tree import SQL_TYPES, Call, EventField, Expression, Key, Kind, Literal, Property, Value

Columns = Callable[[Key | Value], Fragment]

INFIX = {"+", "-", "=", "!=", "<", "<=", ">", ">=", "and", "or"}
# Operators of the tree that are macros of the same arguments.
MACROS = {
    "*": "multiply",
    "/": "divide",
    "trunc_hour": "trunc_hour",
    "trunc_day": "trunc_day",
    "text_to_number": "text_to_number",
    "text_to_boolean": "text_to_boolean",
    "text_to_timestamp": "text_to_instant",
    "number_to_text": "number_to_text",
    "boolean_to_text": "boolean_to_text",
    "timestamp_to_text": "instant_to_text",
}
SAME_NAME = {"coalesce", "nullif", "abs", "least", "greatest"}


def no_columns(reference: Key | Value) -> Fragment:
    raise AssertionError(f"{reference} where only events are read")


def scalar(expression: Expression, columns: Columns = no_columns) -> Fragment:
    """The SQL of an expression; `columns` names the columns of the keys and values of the block below."""
    if isinstance(expression, Literal):
        return _literal(expression)
    if isinstance(expression, EventField):
        return (expression.name,)
    if isinstance(expression, Property):
        return (property_column(expression),)
    if isinstance(expression, (Key, Value)):
        return columns(expression)
    return _call(expression, columns)


def exact(expression: Expression, columns: Columns = no_columns) -> Fragment:
    """The SQL of an expression; a number is sure to be decimal(38,12), also where only literals make it."""
    rendered = scalar(expression, columns)
    if expression.kind is Kind.NUMBER and not _is_decimal(expression):
        return call("number", rendered)
    return rendered


def text_literal(text: str) -> Fragment:
    """Engines differ in how a quote is written inside quotes, and in what a backslash or a dollar means there."""
    return call("text_literal", text) if re.search(r"['\\$]", text) else (f"'{text}'",)


def _call(expression: Call, columns: Columns) -> Fragment:
    operator = expression.operator
    arguments = [scalar(argument, columns) for argument in expression.arguments]
    if operator in INFIX:
        return join(
            f" {operator} ",
            [_operand(operator, a, f) for a, f in zip(expression.arguments, arguments, strict=True)],
        )
    if operator in ("*", "/"):
        return call(MACROS[operator], *map(_uncast, arguments))
    if operator in MACROS:
        return call(MACROS[operator], *arguments)
    if operator in SAME_NAME:
        return sql(f"{operator}(", join(", ", arguments), ")")
    if operator == "case":
        return _case(arguments, expression)
    if operator == "round":
        return call("half_away_round", arguments[0], arguments[1])
    return _rest(expression, arguments)


def _rest(expression: Call, arguments: list[Fragment]) -> Fragment:
    operator = expression.operator
    first = _operand(operator, expression.arguments[0], arguments[0])
    if operator in ("ceil", "floor"):
        return call("number", sql(operator, "(", arguments[0], ")"))
    if operator == "negate":
        return sql("-(", arguments[0], ")")
    if operator == "not":
        return sql("not ", first)
    if operator == "is null":
        return sql(first, " is null")
    if operator == "in":
        return sql(first, " in (", join(", ", arguments[1:]), ")")
    if operator == "between":
        return sql(
            first,
            " between ",
            _operand(operator, expression.arguments[1], arguments[1]),
            " and ",
            _operand(operator, expression.arguments[2], arguments[2]),
        )
    assert operator == "boolean_to_number", operator
    return sql("case when ", arguments[0], " then 1 when not ", first, " then 0 end")


def _case(arguments: list[Fragment], expression: Call) -> Fragment:
    branches = [sql(" when ", when, " then ", then) for when, then in zip(arguments[:-1:2], arguments[1:-1:2], strict=True)]
    default = expression.arguments[-1]
    is_null = isinstance(default, Literal) and default.value is None
    return sql("case", *branches, () if is_null else sql(" else ", arguments[-1]), " end")


def _operand(operator: str, argument: Expression, rendered: Fragment) -> Fragment:
    simple = not isinstance(argument, Call) or argument.operator in MACROS or argument.operator in SAME_NAME
    negative = isinstance(argument, Literal) and isinstance(argument.value, Decimal) and argument.value < 0
    chained = operator == "and" and isinstance(argument, Call) and argument.operator in ("and", "=", "!=", "<", "<=", ">", ">=")
    return rendered if (simple and not negative) or chained else sql("(", rendered, ")")


def _literal(literal: Literal) -> Fragment:
    if literal.value is None:
        return call("typed_null", SQL_TYPES[literal.kind])
    if isinstance(literal.value, bool):
        return ("true" if literal.value else "false",)
    if isinstance(literal.value, Decimal):
        return (f"{literal.value:f}",)
    return text_literal(literal.value)


def _uncast(operand: Fragment) -> Fragment:
    """`multiply` and `divide` cast their operands themselves, and whole numbers are divided faster than decimals."""
    macro = operand[0] if len(operand) == 1 else ""
    argument = macro.arguments[0] if isinstance(macro, MacroCall) and macro.name == "number" else operand
    return operand if isinstance(argument, Pairs) else argument


def _is_decimal(expression: Expression) -> bool:
    if not isinstance(expression, Call):
        return not isinstance(expression, Literal)
    if expression.operator == "case":
        results = [*expression.arguments[1:-1:2], expression.arguments[-1]]
        return any(map(_is_decimal, results))
    if expression.operator in ("+", "-", "negate", *SAME_NAME):
        return any(map(_is_decimal, expression.arguments))
    return expression.operator != "boolean_to_number"
