"""The columns that a SELECT returns: their names, the quantity among them, and the group keys."""

from sqlglot import exp

from meterhouse.compiler.errors import BadOutput, UnknownName, nearest
from meterhouse.compiler.validate import offset_of


def output_items(select: exp.Select) -> dict[str, exp.Expr]:
    """The output columns by lower-case name; those without a name go by their position, which nobody can write."""
    items: dict[str, exp.Expr] = {}
    for position, item in enumerate(select.expressions):
        name = (item.alias_or_name if isinstance(item, (exp.Alias, exp.Column)) else "").lower() or f"\0{position}"
        if name in items:
            raise BadOutput(f"two columns are named {name}; give one another name with AS", offset_of(item))
        items[name] = item.unalias()
    return items


def find_item(items: dict[str, exp.Expr], node: exp.Column, alias: str) -> exp.Expr:
    named = [name for name in items if not name.startswith("\0")]
    found = items.get(node.name.lower())
    if found is None or node.text("db") or node.table.lower() not in ("", alias):
        raise UnknownName(
            f"unknown column {node.sql()} of the sub-query; it returns {', '.join(named) or 'no named column'}{nearest(node.name, named)}",
            offset_of(node),
        )
    return found


def quantity_and_keys(select: exp.Select) -> tuple[exp.Expr, list[exp.Expr]]:
    """The quantity (the column named value, else the first) and the group keys."""
    named = [item for item in select.expressions if item.alias_or_name.lower() == "value" and isinstance(item, (exp.Alias, exp.Column))]
    quantity = named[0] if named else select.expressions[0]
    return quantity.unalias(), [item for item in select.expressions if item is not quantity]


def key_name(item: exp.Expr) -> str:
    if not isinstance(item, (exp.Alias, exp.Column)):
        raise BadOutput(f"the group key {item.sql()[:60]} has no name; add AS and a name", offset_of(item))
    return str(item.alias_or_name)
