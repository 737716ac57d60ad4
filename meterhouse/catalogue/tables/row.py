"""What every table has in common: a row knows its table, its key and its line in the file."""

from typing import Annotated, Any, ClassVar, Literal, Self, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr
from pydantic.fields import FieldInfo

from meterhouse.catalogue.values import Kind, RefersTo, canonical


class Row(BaseModel):
    """One row of a table; a blank cell is the column's default."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    table: ClassVar[str]
    _line: int = PrivateAttr(default=0)

    @classmethod
    def read(cls, cells: dict[str, str], line: int) -> Self:
        """The row of these cells (blank ones left out). Raises pydantic.ValidationError."""
        row = cls.model_validate(cells)
        row._line = line
        return row

    @property
    def line(self) -> int:
        """The line of the file on which the row begins, counted from 1."""
        return self._line


def key(meaning: str) -> Any:
    """A required column that is part of the table's primary key."""
    return Field(description=meaning, json_schema_extra={"key": True})


def need(meaning: str) -> Any:
    """A required column."""
    return Field(description=meaning)


def may(meaning: str, default: Any = None, blank: str = "none") -> Any:
    """A column that may be blank, which means `default`; where that is None, `blank` says what it means."""
    return Field(default=default, description=meaning, json_schema_extra={"blank": blank})


def columns(table: type[Row]) -> dict[str, FieldInfo]:
    """The table's columns by name, in declared order."""
    return table.model_fields


def primary_key(table: type[Row]) -> tuple[str, ...]:
    """The columns that together name a row."""
    return tuple(name for name, field in columns(table).items() if field.json_schema_extra == {"key": True})


def blank(field: FieldInfo) -> str | None:
    """What a blank cell of the column means; None where a blank cell is refused."""
    if field.is_required():
        return None
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    return canonical(field.default) or str(extra.get("blank"))


def kind(field: FieldInfo) -> Kind:
    """What the column is in the warehouse; a choice of words is text."""
    found = next((mark for mark in _marks(field) if isinstance(mark, Kind)), None)
    return found or Kind("varchar", f"one of {', '.join(choices(field))}")


def choices(field: FieldInfo) -> tuple[str, ...]:
    """The words that the column allows; empty when it is no choice."""
    options = (field.annotation, *get_args(field.annotation))
    return next((get_args(option) for option in options if get_origin(option) is Literal), ())


def reference(field: FieldInfo) -> RefersTo | None:
    """The table and column that the value must exist in."""
    return next((mark for mark in _marks(field) if isinstance(mark, RefersTo)), None)


def _marks(field: FieldInfo) -> list[Any]:
    """The metadata of the column's type, also where the type is `... | None`."""
    inner = [mark for option in get_args(field.annotation) if get_origin(option) is Annotated for mark in get_args(option)[1:]]
    return [*field.metadata, *inner]
