"""The declaration of a table: grain, key, partition, and columns with type, unit and meaning.

A room declares each of its tables once, in its `tables.py`. Everything else is derived from it: the types
that the lake writes, the checks that Dagster runs, the schema that it draws, the catalog and its docs.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from analytics_pipelines.foundation.errors import NotFound

MOST_DIGITS = 38


class Type(StrEnum):
    """Column types, spelt as DuckDB spells them; each has an exact Parquet counterpart."""

    TEXT = "VARCHAR"
    BYTES = "BLOB"
    BOOL = "BOOLEAN"
    INT = "BIGINT"
    INT32 = "INTEGER"
    DOUBLE = "DOUBLE"
    FLOAT = "FLOAT"
    DATE = "DATE"
    TIME = "TIME"
    TIMESTAMP = "TIMESTAMP WITH TIME ZONE"
    LOCAL_TIMESTAMP = "TIMESTAMP"
    """Of a source that does not say which time zone is meant; tables of ours have none."""


@dataclass(frozen=True, slots=True)
class Decimal:
    """Exact numbers of so many digits, `scale` of them behind the point; at most 38, which Parquet readers agree on."""

    precision: int
    scale: int

    def __post_init__(self) -> None:
        if not 0 <= self.scale <= self.precision <= MOST_DIGITS or not self.precision:
            raise ValueError(f"no DECIMAL({self.precision}, {self.scale})")

    @property
    def value(self) -> str:
        """As DuckDB spells it."""
        return f"DECIMAL({self.precision},{self.scale})"


ColumnType = Type | Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column; `unit` is part of the name too where it has one (`size_bytes`)."""

    name: str
    type: ColumnType
    meaning: str
    unit: str = ""
    is_nullable: bool = False
    is_personal: bool = False
    """Kept out of previews, logs and metadata."""
    least: int | None = None
    most: int | None = None
    one_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table of the lake, partitioned by day."""

    name: str
    room: str
    grain: str
    """What one row is, e.g. "one visit"."""
    partition: str
    """What the day of a partition means, e.g. "UTC day in which the visit began"."""
    key: tuple[str, ...]
    """Unique within a partition, and the order of its rows; empty only for copies of tables that have none."""
    columns: tuple[Column, ...]
    version: str = "1"
    """Raised when the meaning of the rows changes, so that Dagster shows what is out of date."""
    is_native: bool = False
    """Copied into the generation's DuckDB file because answers from it must be instant."""
    is_evolving: bool = False
    """Columns follow a source that others change: days may differ in them, and are united by name."""

    def __post_init__(self) -> None:
        missing = set(self.key) - set(self.column_names)
        if missing or not (self.key or self.is_evolving):
            raise ValueError(f"{self.name}: key names no column: {sorted(missing)}")
        if len(set(self.column_names)) < len(self.columns):
            raise ValueError(f"{self.name}: two columns have one name")

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names in the order in which they are written."""
        return tuple(column.name for column in self.columns)

    @property
    def personal(self) -> tuple[str, ...]:
        """Names of the columns that tell of persons, in order."""
        return tuple(column.name for column in self.columns if column.is_personal)

    @property
    def layer(self) -> str:
        """`raw`, `core` or `out`."""
        return self.name.split("_", 1)[0]


def unread(name: str, room: str = "") -> Table:
    """A table of which nothing but the name is known; the lake finds its partitions by that."""
    return Table(name=name, room=room, grain="", partition="", key=(), columns=(), is_evolving=True)


class Tables:
    """Looks tables up by name; `catalog` fills one with every room's."""

    def __init__(self, tables: Iterable[Table]) -> None:
        self._by_name: dict[str, Table] = {}
        for table in tables:
            if self._by_name.setdefault(table.name, table) is not table:
                raise ValueError(f"two tables are called {table.name}")

    def __iter__(self) -> Iterator[Table]:
        return iter(self._by_name.values())

    def named(self, name: str) -> Table:
        """The table of that name; raises `NotFound`."""
        try:
            return self._by_name[name]
        except KeyError:
            raise NotFound(f"There is no table {name!r}.", remedy="GET / lists the tables.") from None
