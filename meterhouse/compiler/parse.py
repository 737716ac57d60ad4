"""parse: the text of a metric -> sqlglot's syntax tree. Nothing is judged here but size and grammar."""

import re
from typing import ClassVar

from sqlglot import Parser, Token, Tokenizer, TokenType, exp
from sqlglot.errors import ParseError, TokenError

from meterhouse.compiler.errors import NotInLanguage, SyntaxMistake, TooLarge

LONGEST_TEXT = 100_000
MOST_TOKENS = 10_000
DEEPEST_TREE = 100
DEEPEST_PARENTHESES = 25


class MetricTokenizer(Tokenizer):
    """Standard SQL and the comparison characters of the documentation."""

    SINGLE_TOKENS: ClassVar = {
        **Tokenizer.SINGLE_TOKENS,
        "≥": TokenType.GTE,
        "≤": TokenType.LTE,
        "≠": TokenType.NEQ,
    }


def parse(text: str) -> exp.Select:
    """
    Read one SELECT statement.

    Raises: TooLarge, SyntaxMistake, NotInLanguage (another statement, or more than one).
    """
    tokens = _tokens(text)
    if tokens and tokens[0].text.upper() not in ("SELECT", "WITH"):
        raise NotInLanguage(
            f"a file that starts with {tokens[0].text!r} is no metric; a metric is one SELECT ... FROM events",
            tokens[0].start,
        )
    try:
        statements = [s for s in Parser().parse(tokens, text) if s is not None]
    except ParseError as error:
        raise _syntax_mistake(error, text) from error
    except RecursionError as error:
        raise TooLarge("the query is nested too deeply; split it into sub-queries", 0) from error
    if not statements:
        raise SyntaxMistake("the file holds no query; write one SELECT ... FROM events", 0)
    if len(statements) > 1:
        raise NotInLanguage(
            "more than one statement; a metric is one SELECT without a semicolon inside",
            _second_statement(tokens),
        )
    if not isinstance(statements[0], exp.Select):
        raise NotInLanguage(
            "UNION, INTERSECT and EXCEPT make no metric; a metric is one SELECT; use CASE or IN",
            tokens[0].start,
        )
    _refuse_depth(statements[0])
    return statements[0]


def description(text: str) -> str:
    """The leading `--` comment of a metric, as one line."""
    lines = []
    for line in text.lstrip("\ufeff").lstrip().splitlines():
        if not line.strip().startswith("--"):
            break
        lines.append(line.strip().removeprefix("--").strip())
    return " ".join(filter(None, lines))


def _tokens(text: str) -> list[Token]:
    if len(text) > LONGEST_TEXT:
        raise TooLarge(f"the file has {len(text)} characters; a metric has at most {LONGEST_TEXT}")
    if "\0" in text:
        raise SyntaxMistake("the file holds a NUL character; a metric is plain text", text.index("\0"))
    try:
        tokens = MetricTokenizer().tokenize(text)
    except TokenError as error:
        raise _syntax_mistake(error, text) from error
    if len(tokens) > MOST_TOKENS:
        raise TooLarge(f"the query has {len(tokens)} words and signs; a metric has at most {MOST_TOKENS}")
    depth = 0
    for token in tokens:
        depth += {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}.get(token.token_type, 0)
        if depth > DEEPEST_PARENTHESES:
            raise TooLarge(f"parentheses are nested more than {DEEPEST_PARENTHESES} deep; use fewer", token.start)
    return tokens


def _refuse_depth(tree: exp.Expr) -> None:
    level = [tree]
    for _ in range(DEEPEST_TREE):
        level = [child for node in level for child in node.iter_expressions()]
        if not level:
            return
    raise TooLarge(f"an expression is nested more than {DEEPEST_TREE} deep; split the query into sub-queries", 0)


def _syntax_mistake(error: ParseError | TokenError, text: str) -> SyntaxMistake:
    details = getattr(error, "errors", None) or [{}]
    if isinstance(error, TokenError):
        return SyntaxMistake("a quote or comment is opened and never closed", _last_character(text))
    found = _plain(str(details[0].get("description") or "the text cannot be read as SQL"))
    line, column = details[0].get("line"), details[0].get("col")
    highlight = str(details[0].get("highlight") or "")
    offset = _offset(text, line, column, len(highlight)) if line else _last_character(text)
    near = f" near {highlight!r}" if highlight else ""
    return SyntaxMistake(f"syntax error{near}: {found[:1].lower()}{found[1:]}", offset)


def _plain(description: str) -> str:
    """sqlglot's description without its own class names and token dumps."""
    if description.startswith("Required keyword"):
        return "an operand or a keyword is missing before it"
    if description.startswith("Invalid expression"):
        return "it does not fit here"
    return re.sub(
        r"( but got)? <Token.*$|\.$",
        "",
        description.replace("Expected table name", "A table name was expected"),
    )


def _offset(text: str, line: int, column: int, length: int) -> int:
    """sqlglot names the column of a token's last character."""
    lines = text.split("\n")
    return sum(len(row) + 1 for row in lines[: line - 1]) + max(column - max(length, 1), 0)


def _last_character(text: str) -> int:
    return max(len(text.rstrip()) - 1, 0)


def _second_statement(tokens: list[Token]) -> int:
    return next(token.start for token in tokens if token.token_type == TokenType.SEMICOLON)
