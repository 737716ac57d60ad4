"""metrics/<name>.yml, a basic-filter metric -> the same syntax tree that its SQL would parse to."""

from typing import Any

import yaml
from sqlglot import exp

from meterhouse.compiler.errors import BadDefinition, nearest

AGGREGATIONS = ("count", "sum", "max", "min", "avg", "latest", "earliest", "count_distinct")
FIELDS = ("description", "event_types", "properties", "aggregation", "property", "group_keys")


def basic_filter(text: str) -> exp.Select:
    """
    Build the SELECT that a basic filter stands for.

    Raises: BadDefinition.
    """
    definition = _mapping(_load(text), "the file", FIELDS)
    conditions = _values(
        exp.column("event_type"),
        _mapping(definition.get("event_types") or {}, "event_types", ("in", "not_in")),
    )
    for item in _list(definition, "properties"):
        conditions += _property_conditions(_mapping(item, "a property filter", ("name", "exists", "in", "not_in")))
    keys = [_property(name) for name in _names(definition, "group_keys")]
    query = exp.select(exp.alias_(_aggregate(definition), "value"), *keys).from_("events")
    if conditions:
        query = query.where(exp.and_(*conditions))
    return query.group_by(*[key.copy() for key in keys]) if keys else query


def basic_filter_description(text: str) -> str:
    return str(_mapping(_load(text), "the file", FIELDS).get("description") or "")


def _load(text: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        offset = error.problem_mark.index if error.problem_mark else None
        raise BadDefinition(f"this is no YAML: {error.problem}", offset) from error


def _aggregate(definition: dict[str, Any]) -> exp.Expr:
    aggregation = definition.get("aggregation")
    if aggregation not in AGGREGATIONS:
        raise BadDefinition(f"aggregation {aggregation!r}{nearest(str(aggregation), AGGREGATIONS)}; allowed are {', '.join(AGGREGATIONS)}")
    name = definition.get("property")
    if aggregation == "count":
        return exp.Count(this=exp.Star())
    if not isinstance(name, str) or not name:
        raise BadDefinition(f"aggregation {aggregation} needs the name of a property, as in `property: tokens`")
    argument = _property(name)
    if aggregation in ("latest", "earliest"):
        return exp.Anonymous(this=aggregation.upper(), expressions=[argument])
    if aggregation == "count_distinct":
        return exp.Count(this=exp.Distinct(expressions=[argument]))
    classes: dict[str, type[exp.Expr]] = {"sum": exp.Sum, "max": exp.Max, "min": exp.Min, "avg": exp.Avg}
    return classes[aggregation](this=argument)


def _property_conditions(item: dict[str, Any]) -> list[exp.Expr]:
    if not isinstance(item.get("name"), str) or not item["name"]:
        raise BadDefinition("a property filter needs a name, as in `- {name: region, in: [eu]}`")
    column = _property(item["name"])
    conditions = _values(column, item)
    if item.get("exists") is not None:
        is_null = exp.Is(this=column.copy(), expression=exp.Null())
        conditions.append(exp.Not(this=is_null) if item["exists"] is True else is_null)
    return conditions


def _values(column: exp.Expr, item: dict[str, Any]) -> list[exp.Expr]:
    """`not_in` also passes events without the property, as a filter that names what to leave out should."""
    conditions: list[exp.Expr] = []
    if item.get("in") is not None:
        conditions.append(_in(column, _names(item, "in")))
    if item.get("not_in") is not None:
        missing = exp.Is(this=column.copy(), expression=exp.Null())
        conditions.append(exp.Or(this=missing, expression=exp.Not(this=_in(column, _names(item, "not_in")))))
    return conditions


def _in(column: exp.Expr, values: list[str]) -> exp.Expr:
    if not values:
        raise BadDefinition("an empty list of values; name at least one, or leave the filter out")
    return exp.In(this=column.copy(), expressions=[exp.Literal.string(value) for value in values])


def _property(name: str) -> exp.Column:
    return exp.column(exp.to_identifier(name, quoted=True), table="properties")


def _list(definition: dict[str, Any], field: str) -> list[Any]:
    content = definition.get(field)
    if content is not None and not isinstance(content, list):
        raise BadDefinition(f"{field} is {content!r}; write a list")
    return content or []


def _names(definition: dict[str, Any], field: str) -> list[str]:
    names = _list(definition, field)
    wrong = [name for name in names if not isinstance(name, str)]
    if wrong:
        raise BadDefinition(f"{field} holds {wrong[0]!r}; write texts, in quotes where they look like something else")
    return names


def _mapping(content: Any, place: str, fields: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise BadDefinition(f"{place} is {content!r}; write fields, of: {', '.join(fields)}")
    unknown = [str(field) for field in content if field not in fields]
    if unknown:
        raise BadDefinition(f"unknown field {unknown[0]} in {place}{nearest(unknown[0], fields)}; allowed are {', '.join(fields)}")
    return content
