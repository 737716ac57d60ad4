"""validate: the syntax tree -> the same tree, or the first construct that the metric language leaves out."""

import re

from sqlglot import exp

from meterhouse.compiler.errors import NotInLanguage, UnknownName, nearest

AGGREGATES = ("COUNT", "SUM", "MIN", "MAX", "AVG", "EARLIEST", "LATEST")
SCALARS = (
    "LEAST",
    "GREATEST",
    "ROUND",
    "CEIL",
    "CEILING",
    "FLOOR",
    "ABS",
    "COALESCE",
    "NULLIF",
    "DATE_TRUNC",
    "CAST",
)
FUNCTIONS = AGGREGATES + SCALARS

# Each node of the language with the parts it may have. Whatever is not listed is refused: the list is the language.
ALLOWED: dict[type[exp.Expr], set[str]] = {
    exp.Select: {"expressions", "from_", "where", "group", "having", "with_"},
    exp.From: {"this"},
    exp.Table: {"this", "alias"},
    exp.TableAlias: {"this"},
    exp.Subquery: {"this", "alias"},
    exp.With: {"expressions"},
    exp.CTE: {"this", "alias"},
    exp.Where: {"this"},
    exp.Group: {"expressions"},
    exp.Having: {"this"},
    exp.Alias: {"this", "alias"},
    exp.Identifier: {"this", "quoted"},
    exp.Column: {"this", "table", "db"},
    exp.Star: set(),
    exp.Literal: {"this", "is_string"},
    exp.Boolean: {"this"},
    exp.Null: set(),
    exp.Paren: {"this"},
    exp.Neg: {"this"},
    exp.Not: {"this"},
    exp.Is: {"this", "expression"},
    exp.In: {"this", "expressions"},
    exp.Between: {"this", "low", "high"},
    exp.Case: {"this", "ifs", "default"},
    exp.If: {"this", "true"},
    exp.Cast: {"this", "to"},
    exp.DataType: {"this", "expressions", "nested"},
    exp.DataTypeParam: {"this"},
    exp.Count: {"this", "big_int"},
    exp.Distinct: {"expressions"},
    exp.Round: {"this", "decimals"},
    exp.Coalesce: {"this", "expressions"},
    exp.Least: {"this", "expressions"},
    exp.Greatest: {"this", "expressions"},
    exp.Nullif: {"this", "expression"},
    exp.DateTrunc: {"this", "unit"},
    exp.Anonymous: {"this", "expressions"},
}
ALLOWED |= {
    node: {"this", "expression"}
    for node in (
        exp.Add,
        exp.Sub,
        exp.Mul,
        exp.Div,
        exp.And,
        exp.Or,
        exp.EQ,
        exp.NEQ,
        exp.LT,
        exp.LTE,
        exp.GT,
        exp.GTE,
    )
}
ALLOWED |= {node: {"this"} for node in (exp.Sum, exp.Min, exp.Max, exp.Avg, exp.Abs, exp.Ceil, exp.Floor)}
# Set by sqlglot itself, for other dialects; they carry nothing that the user wrote.
BOOKKEEPING = {"typed", "safe", "big_int", "is_string", "quoted", "ignore_nulls", "null_safe", "ansi"}

REMEDIES = {
    "joins": ("JOIN", "a metric reads the one table events"),
    "laterals": ("LATERAL", "a metric reads the one table events"),
    "limit": ("LIMIT", "a metric counts every row; filter with WHERE or HAVING"),
    "fetch": ("FETCH", "a metric counts every row; filter with WHERE or HAVING"),
    "offset": ("OFFSET", "a metric counts every row; filter with WHERE or HAVING"),
    "order": ("ORDER BY", "the rows of a metric have no order; leave it out"),
    "distinct": ("SELECT DISTINCT", "use GROUP BY, or COUNT(DISTINCT x)"),
    "qualify": ("QUALIFY", "use HAVING, or WHERE around a sub-query"),
    "windows": ("WINDOW", "use GROUP BY and a sub-query"),
    "recursive": ("WITH RECURSIVE", "use WITH or a sub-query in FROM"),
    "query": ("IN with a sub-query", "list the values: x IN ('a', 'b')"),
    "hint": ("a hint", "leave it out"),
    "sample": ("TABLESAMPLE", "a metric counts every event"),
    "rollup": ("ROLLUP", "list the group keys"),
    "cube": ("CUBE", "list the group keys"),
    "grouping_sets": ("GROUPING SETS", "list the group keys"),
    "all": ("GROUP BY ALL", "list the group keys"),
    "columns": ("a column list in an alias", "name the columns with AS in the SELECT"),
    "window": ("a window function", "use GROUP BY and a sub-query"),
    "setoperation": ("UNION, INTERSECT or EXCEPT", "a metric is one SELECT; use CASE or IN"),
    "union": ("UNION", "a metric is one SELECT; use CASE or IN"),
    "intersect": ("INTERSECT", "a metric is one SELECT; use AND"),
    "except": ("EXCEPT", "a metric is one SELECT; use AND NOT"),
    "filter": ("FILTER", "use CASE WHEN inside the aggregate"),
    "if": ("IF", "use CASE WHEN ... THEN ... ELSE ... END"),
    "false": ("IF", "use CASE WHEN ... THEN ... ELSE ... END"),
    "expressions": ("a second argument", "COUNT takes one; for several columns use a sub-query with GROUP BY"),
    "lambda": ("->", "write properties.name or properties.\"odd name\""),
    "jsonextract": ("->", "write properties.name or properties.\"odd name\""),
    "attimezone": ("AT TIME ZONE", "every instant is UTC"),
    "bitwisexor": ("^", "the arithmetic of metrics is + - * /"),
    "withingroup": ("WITHIN GROUP", "use MIN, MAX, AVG, EARLIEST or LATEST"),
    "ignorenulls": ("IGNORE NULLS", "aggregates skip NULLs by themselves"),
    "locks": ("FOR UPDATE", "a metric only reads"),
    "into": ("INTO", "a metric only reads"),
    "zone": ("a time zone", "every instant is UTC"),
    "array": ("[ ]", "a metric returns numbers and texts"),
    "struct": ("{ }", "a metric returns numbers and texts"),
    "like": ("LIKE", "compare whole texts with = or IN"),
    "ilike": ("ILIKE", "compare whole texts with = or IN"),
    "mod": ("%", "the arithmetic of metrics is + - * /"),
    "dpipe": ("||", "texts cannot be joined; return two columns"),
    "bracket": ("[ ]", "write properties.name or properties.\"odd name\""),
    "dot": ("a nested property", "properties are flat: write properties.\"a.b\""),
    "exists": ("EXISTS", "filter with WHERE"),
    "tuple": ("a tuple", "compare one value at a time, joined by AND"),
    "interval": ("INTERVAL", "the engine adds the billing period itself"),
    "trycast": ("TRY_CAST", "use CAST; text that is no number counts as NULL"),
    "placeholder": ("a placeholder", "write the value itself"),
    "parameter": ("a parameter", "write the value itself"),
    "star": ("*", "name the columns; * is only for COUNT(*)"),
    "subquery": ("a sub-query in an expression", "sub-queries stand in FROM only"),
    "select": ("a sub-query in an expression", "sub-queries stand in FROM only"),
}  # fmt: skip


def validate(tree: exp.Select, text: str) -> exp.Select:
    """
    Hold the tree against the list of what a metric may be made of.

    Raises: NotInLanguage, UnknownName (a function), each where it stands in the text.
    """
    for node in tree.walk(bfs=False):
        _check_function(node, text)
        if type(node) not in ALLOWED:
            raise _refusal(node.key, node)
        _check_parts(node)
        _check_place(node)
    return tree


def offset_of(node: exp.Expr) -> int | None:
    """Where a node starts in the text: its first token, else that of the nearest node around it."""
    while True:
        starts = [part.meta["start"] for part in node.walk() if "start" in part.meta]
        if starts:
            return int(min(starts))
        if node.parent is None:
            return None
        node = node.parent


def function_name(node: exp.Expr, text: str) -> str | None:
    """The name a function was written with, in capitals."""
    if "start" not in node.meta or not isinstance(node, exp.Func):
        return None
    word = re.match(r"\w+", text[node.meta["start"] :])
    return word.group().upper() if word else None


def _check_function(node: exp.Expr, text: str) -> None:
    name = function_name(node, text)
    if name is None and isinstance(node, exp.Func) and type(node) not in ALLOWED and node.key not in REMEDIES:
        name = node.sql_name()
    if name is not None and name not in FUNCTIONS and name.lower() not in REMEDIES:
        raise UnknownName(
            f"unknown function {name}{nearest(name, FUNCTIONS)}; allowed are {', '.join(FUNCTIONS)}",
            offset_of(node),
        )


def _check_parts(node: exp.Expr) -> None:
    for part, content in node.args.items():
        if content in (None, False, []) or part in ALLOWED[type(node)] or part in BOOKKEEPING:
            continue
        if isinstance(node, exp.Table) and part in ("db", "catalog"):
            raise UnknownName(f"unknown table {node.sql()}; a metric reads the one table events", offset_of(node))
        culprit = content[0] if isinstance(content, list) else content
        raise _refusal(part, culprit if isinstance(culprit, exp.Expr) else node)


def _check_place(node: exp.Expr) -> None:
    parent = node.parent
    misplaced = (
        (isinstance(node, exp.Star) and not isinstance(parent, exp.Count))
        or (
            isinstance(node, (exp.Subquery, exp.Select))
            and parent is not None
            and not isinstance(parent, (exp.From, exp.Subquery, exp.CTE))
        )
        or (isinstance(node, exp.If) and not isinstance(parent, exp.Case))
    )
    if misplaced:
        raise _refusal(node.key, node)
    if isinstance(node, exp.Distinct) and not (isinstance(parent, exp.Count) and len(node.expressions) == 1):
        raise NotInLanguage(
            "DISTINCT is not part of the metric language here; COUNT(DISTINCT x) takes one column",
            offset_of(node),
        )
    if isinstance(node, exp.Is) and not isinstance(node.expression, exp.Null):
        raise NotInLanguage("IS is only for IS NULL and IS NOT NULL; compare with =", offset_of(node))


def _refusal(construct: str, node: exp.Expr) -> NotInLanguage:
    name, remedy = REMEDIES.get(construct, (construct.replace("_", " ").upper(), "the language is described in docs/metrics.md"))
    return NotInLanguage(f"{name} is not part of the metric language; {remedy}", offset_of(node))
