"""
What SQL may be made of so that more than one engine reads it: closed lists of words, all of them words of Spark.

Models are rendered as an adapter renders them that has no macros of its own, so with `default__` macros, which are written
for Spark.
"""

import sqlglot
from sqlglot import Token, TokenType

from meterhouse.runner.render import Renderer


def words(text: str) -> set[str]:
    return set(text.split())


# What Spark has, and so far was needed.
FUNCTIONS = words(
    """abs add_months aggregate array array_contains array_join array_sort arrays_overlap bool_or cast ceil coalesce concat count
    date_add date_format date_trunc datediff dense_rank element_at explode extract first_value floor from_json from_utc_timestamp
    greatest lag last_value lead least length lower lpad map map_entries map_from_arrays map_from_entries max max_by md5 min min_by
    named_struct nullif regexp_extract_all regexp_like replace round row_number sequence struct substr sum to_json to_utc_timestamp
    transform trim try_cast"""
)
TYPES = {"bigint", "boolean", "date", "decimal", "int", "integer", "string", "timestamp"}
KEYWORDS = words(
    """all and as asc between by case cross current desc distinct else end exists false filter first following from group having
    ignore in inner interval is join last lateral left not null nulls on or order over partition preceding row rows select then true
    unbounded union unknown when where window with"""
)
OPERATORS = words("( ) , . + - * / % = <> != < > <= >= -> ||")
NAMES = {"number"}  # of our own, which sqlglot takes for words
KNOWN = FUNCTIONS | TYPES | KEYWORDS | OPERATORS | NAMES
PLAIN = (TokenType.STRING, TokenType.NUMBER, TokenType.VAR, TokenType.IDENTIFIER)


def renderer(macros: str) -> Renderer:
    """A renderer for an engine without macros of its own, before the first build; `macros` are the compiled ones."""
    return Renderer(macros, engine="spark", source=lambda _, name: name, stored_rows=_no_rows)


def _no_rows(mart: str, columns: list[list[str]]) -> str:
    """The macro of this name looks into the warehouse: there is none."""
    return "select " + ", ".join(f"cast(null as string) as {name}" for name, _ in columns) + " where false"


def foreign_words(sql: str) -> list[str]:
    """Words that are no function, type, keyword or operator of the lists, nor a name that a model gives."""
    tokens = sqlglot.tokenize(sql, read="spark")
    return [token.text for token, following in zip(tokens, [*tokens[1:], None], strict=True) if not is_known(token, following)]


def is_known(token: Token, following: Token | None) -> bool:
    if token.token_type in PLAIN and (following is None or following.token_type is not TokenType.L_PAREN):
        return True
    return token.token_type is TokenType.IDENTIFIER or set(token.text.lower().split()) <= KNOWN
