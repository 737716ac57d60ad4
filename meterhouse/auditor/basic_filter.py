"""A metric that only filters, groups and aggregates, from the fields of its file to the query that it stands for."""

from collections.abc import Iterator, Mapping
from typing import Any

from meterhouse.auditor.query_text import Call, CannotRead, Column, Literal, Node, Select

AGGREGATIONS = ("count", "sum", "max", "min", "avg", "latest", "earliest", "count_distinct")


def query_of(definition: Mapping[str, Any]) -> Select:
    """
    The SELECT that a basic filter stands for.

    Raises: CannotRead.
    """
    aggregation = definition.get("aggregation")
    if aggregation not in AGGREGATIONS:
        raise CannotRead(f"the auditor knows no aggregation {aggregation}")
    conditions = [*_values(Column("event_type", False), definition.get("event_types") or {})]
    for item in definition.get("properties") or []:
        column = Column(item["name"], True)
        conditions += _values(column, item)
        if item.get("exists") is not None:
            missing = Call("is null", (column,))
            conditions.append(Call("not", (missing,)) if item["exists"] is True else missing)
    where: Node | None = None
    for condition in conditions:
        where = condition if where is None else Call("and", (where, condition))
    keys = [Column(name, True) for name in definition.get("group_keys") or []]
    arguments = () if aggregation == "count" else (Column(definition["property"], True),)
    quantity = Call(str(aggregation).upper().replace("_", " "), arguments)
    return Select((("value", quantity), *((key.name, key) for key in keys)), None, where, tuple(keys), None)


def _values(column: Column, item: Mapping[str, Any]) -> Iterator[Node]:
    """`not_in` also lets events through that lack the property."""
    if item.get("in") is not None:
        yield Call("in", (column, *map(Literal, item["in"])))
    if item.get("not_in") is not None:
        yield Call("or", (Call("is null", (column,)), Call("not", (Call("in", (column, *map(Literal, item["not_in"]))),))))
