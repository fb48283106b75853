"""What a table promises: its columns, grain, source, lag and who is missing from it.

A table is a documented class. Its Arrow schema and its checks are derived from the class, so the contract that
people read and the contract that is enforced are one text.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from targeting.domain import BadInputError

__all__ = ["About", "Column", "Kind", "Table"]


class Kind(Enum):
    """What a column holds, as an Arrow type."""

    TEXT = pa.string()
    INTEGER = pa.int64()
    REAL = pa.float64()
    FLAG = pa.bool_()
    DAY = pa.date32()


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its kind and meaning, its unit, what a null means (`None`: never null) and the values allowed."""

    kind: Kind
    meaning: str
    unit: str | None = None
    null: str | None = None
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class About:
    """A table's name and unique key, where it comes from, how late it is, and who is missing from it."""

    name: str
    key: tuple[str, ...]
    source: str
    lag: str
    missing: str


class Table:
    """Base of every table contract. Subclasses set `about` and one `Column` attribute a column, in order."""

    about: ClassVar[About]

    @classmethod
    def columns(cls) -> dict[str, Column]:
        """The declared columns by name, in order."""
        return {name: value for name, value in vars(cls).items() if isinstance(value, Column)}

    @classmethod
    def schema(cls) -> pa.Schema:
        """The Arrow schema: declared order, nullability as declared."""
        return pa.schema(
            [
                pa.field(name, column.kind.value, nullable=column.null is not None)
                for name, column in cls.columns().items()
            ]
        )

    @classmethod
    def check(cls, rows: pa.Table) -> pa.Table:
        """`rows` cast to the schema, or `BadInputError` naming the first column that breaks the contract."""
        columns = cls.columns()
        if absent := [name for name in columns if name not in rows.column_names]:
            raise BadInputError(
                expected=f"the columns of {cls.about.name}",
                got=f"no column {absent[0]}",
                where=cls.about.name,
                do="add the column",
            )
        try:
            cast = rows.select(list(columns)).cast(pa.schema([f.with_nullable(True) for f in cls.schema()]))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as cause:
            raise BadInputError(
                expected=f"the column types of {cls.about.name}", got=str(cause), where=cls.about.name
            ) from cause
        for name, column in columns.items():
            cls._check_column(name, column, cast.column(name))
        return cast.cast(cls.schema())

    @classmethod
    def _check_column(cls, name: str, column: Column, values: pa.ChunkedArray) -> None:
        place = f"{cls.about.name}.{name}"
        if column.null is None and values.null_count:
            raise BadInputError(expected="a value in every row", got=f"{values.null_count} nulls", where=place)
        if column.allowed:
            seen = pc.unique(values.drop_null()).to_pylist()
            if unknown := sorted(set(seen) - set(column.allowed)):
                raise BadInputError(expected=f"one of {', '.join(column.allowed)}", got=repr(unknown[0]), where=place)
