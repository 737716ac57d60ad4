"""plan: the classified tree -> the states that are stored per hour, and a name for every column on the way up."""

from __future__ import annotations

from dataclasses import dataclass

from meterhouse.compiler.classify import Classified, MetricClass, obstacle_to_adding
from meterhouse.compiler.fragments import Fragment, call
from meterhouse.compiler.monotone import can_accumulate, moves
from meterhouse.compiler.names import slug, unlike
from meterhouse.compiler.reading import numbers_counted
from meterhouse.compiler.scalars import Columns
from meterhouse.compiler.tree import (
    COUNTS,
    SQL_TYPES,
    Aggregate,
    Block,
    EventField,
    Function,
    Key,
    Kind,
    Property,
    Query,
    Value,
    walk,
)


@dataclass(frozen=True)
class Column:
    """A planned column; `is_count` marks whole numbers, which become decimals where they are computed with."""

    name: str
    kind: Kind
    is_count: bool = False

    @property
    def data_type(self) -> str:
        return "bigint" if self.is_count else SQL_TYPES[self.kind]

    @property
    def value(self) -> Fragment:
        return call("number", self.name) if self.is_count else (self.name,)


@dataclass(frozen=True)
class State:
    """One aggregate of the lowest block, kept per customer, slot and group; `column` also names its running value."""

    aggregate: Aggregate
    column: Column

    @property
    def at(self) -> str:
        return f"at_of_{self.column.name}"

    @property
    def id(self) -> str:
        return f"id_of_{self.column.name}"


@dataclass(frozen=True)
class BlockPlan:
    """One block with the names of its keys and values; `adds` chooses to add changes over to evaluate at each change."""

    number: int
    block: Block
    keys: tuple[Column, ...]
    values: tuple[Column, ...]
    adds: bool

    @property
    def has_moving_groups(self) -> bool:
        """Whether a row of the block below can change its group."""
        return any(moves(key.expression) for key in self.block.keys)

    def columns(self, reference: Key | Value) -> Fragment:
        return (self.keys if isinstance(reference, Key) else self.values)[reference.index].value


@dataclass(frozen=True)
class Plan:
    """`distinct` are the columns that refine the stored groups so that COUNT(DISTINCT) can be merged."""

    name: str
    classified: Classified
    blocks: tuple[BlockPlan, ...]
    states: tuple[State, ...]
    distinct: tuple[State, ...]

    @property
    def query(self) -> Query:
        return self.classified.query

    @property
    def metric_class(self) -> MetricClass:
        return self.classified.metric_class

    @property
    def top(self) -> BlockPlan:
        return self.blocks[-1]

    @property
    def columns(self) -> Columns:
        return self.top.columns

    @property
    def adds_up(self) -> bool:
        """Whether what a slot adds to the quantity follows from what it changes in the top block, whatever came before."""
        return (self.top.number == 1 or self.top.adds) and obstacle_to_adding(self.query) is None

    @property
    def skips_still_slots(self) -> bool:
        """
        Whether most slots leave the lowest block as it is, and the block above asks only for changes: MIN and MAX move
        ever more rarely, in groups that live as long as the period.
        """
        lowest = self.blocks[0].block
        rare = all(aggregate.function in (Function.MIN, Function.MAX) for aggregate in lowest.aggregates)
        parts = [part for key in lowest.keys for part in walk(key.expression)]
        in_time = any(isinstance(part, EventField) and part.kind is Kind.INSTANT for part in parts)
        return rare and not in_time and len(self.blocks) > 1 and self.blocks[1].adds and not self.blocks[1].has_moving_groups

    @property
    def uncastable(self) -> tuple[Property, ...]:
        """The properties with a flag for text that is no number."""
        return numbers_counted(self.query)

    @property
    def orders_across_refined_groups(self) -> bool:
        """EARLIEST and LATEST need their instants only where COUNT(DISTINCT) splits a slot's group into several rows."""
        return bool(self.distinct)


def plan(name: str, classified: Classified) -> Plan:
    """Name the columns of every block and choose its rule."""
    blocks = tuple(_block_plan(number, block) for number, block in enumerate(classified.query.blocks, start=1))
    states = [State(aggregate, column) for aggregate, column in zip(blocks[0].block.aggregates, blocks[0].values, strict=True)]
    kept = tuple(state for state in states if state.aggregate.function is not Function.COUNT_DISTINCT)
    distinct = tuple(state for state in states if state.aggregate.function is Function.COUNT_DISTINCT)
    return Plan(name, classified, blocks, kept, distinct)


def _block_plan(number: int, block: Block) -> BlockPlan:
    taken: list[str] = []
    keys = []
    for position, key in enumerate(block.keys, start=1):
        keys.append(Column(unlike(f"key_{slug(key.name) if key.name else position}", taken), key.expression.kind))
        taken.append(keys[-1].name)
    values = []
    for position, aggregate in enumerate(block.aggregates, start=1):
        name = unlike(_value_name(aggregate, position, number), taken)
        values.append(Column(name, aggregate.kind, is_count=aggregate.function in COUNTS))
        taken.append(name)
    adds = all(can_accumulate(aggregate, block) for aggregate in block.aggregates)
    return BlockPlan(number, block, tuple(keys), tuple(values), adds)


def _value_name(aggregate: Aggregate, position: int, number: int) -> str:
    if aggregate.function is Function.COUNT_ROWS:
        return "event_count" if number == 1 else "row_count"
    argument = aggregate.argument
    subject = slug(argument.name) if isinstance(argument, Property) else str(position)
    return f"{aggregate.function.value}_{subject}"
