"""What a metric reads of the events: the properties that they must carry, and those where text may be no number."""

from collections.abc import Iterator

from meterhouse.compiler.tree import Block, Call, Expression, Key, Kind, Property, Query, walk


def properties_read(query: Query) -> set[Property]:
    """Every property that the events must carry for a query, once per kind."""
    filter_ = [query.event_filter] if query.event_filter is not None else []
    return {item for expression in filter_ for item in _properties(expression)} | set(_counted(query))


def numbers_counted(query: Query) -> tuple[Property, ...]:
    """The properties that the quantity or a group reads as numbers; the filter does not count, a NULL there does not pass."""
    return tuple(sorted({item for item in _counted(query) if item.kind is Kind.NUMBER}, key=lambda item: item.name))


def _counted(query: Query) -> Iterator[Property]:
    for expression in _inner_expressions(query.blocks[0]):
        yield from _properties(expression)
    for block, outer in zip(query.blocks, [*query.blocks[1:], None], strict=True):
        over = _inner_expressions(outer) if outer else [query.quantity, *(key.expression for key in query.group_keys)]
        for expression in [*over, *([block.filter] if block.filter is not None else [])]:
            yield from _keys_read_as_numbers(expression, block)


def _inner_expressions(block: Block) -> list[Expression]:
    """What a block says of the rows it reads."""
    arguments = [aggregate.argument for aggregate in block.aggregates if aggregate.argument is not None]
    return [*(key.expression for key in block.keys), *arguments]


def _properties(expression: Expression) -> Iterator[Property]:
    return (part for part in walk(expression) if isinstance(part, Property))


def _keys_read_as_numbers(expression: Expression, block: Block) -> Iterator[Property]:
    """A group key keeps the property's text, but who reads the key as a number wants to know of text that is none."""
    for part in walk(expression):
        if isinstance(part, Call) and part.operator == "text_to_number" and isinstance(part.arguments[0], Key):
            source = _source_of(part.arguments[0], block)
            if isinstance(source, Property):
                yield Property(source.name, Kind.NUMBER)


def _source_of(key: Key, block: Block) -> Expression:
    expression = block.keys[key.index].expression
    return _source_of(expression, block.source) if isinstance(expression, Key) and isinstance(block.source, Block) else expression
