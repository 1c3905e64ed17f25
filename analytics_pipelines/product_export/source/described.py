"""A table of the source as its catalog describes it; found by `describe`, inside the snapshot of the run."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What PostgreSQL calls it; `relkind`."""

    TABLE = "r"
    PARTITIONED = "p"
    VIEW = "v"
    MATERIALIZED_VIEW = "m"
    FOREIGN_TABLE = "f"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceColumn:
    """One column; of a domain, the type below it with the domain's name beside."""

    name: str
    declared: str
    """As people read it, e.g. `numeric(12,2)`, `public.mood`, `integer[]`."""
    type_schema: str
    type_name: str
    """`pg_type.typname` once domains are resolved, e.g. `int4`, `_int4`, `mood`."""
    type_kind: str
    """`typtype` once domains are resolved: b base, e enum, c composite, r range, m multirange, p pseudo."""
    is_array: bool
    type_modifier: int
    """`atttypmod`, or the domain's; -1 for none."""
    extension: str = ""
    """The extension that the type belongs to; empty for PostgreSQL's own and for users' types."""
    domain: str = ""
    is_nullable: bool = True
    comment: str = ""
    number: int = 0
    """Its place in the table for good (`attnum`); a column that is renamed keeps it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A heap that rows lie in: the table itself, or one of its partitions or children."""

    schema: str
    table: str
    oid: int
    pages: int
    """Of 8 KiB, as of now; rows of the snapshot lie below."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTable:
    """Columns, key and heaps of one table; a view has no heaps and is read in one piece."""

    schema: str
    table: str
    oid: int
    kind: Kind
    columns: tuple[SourceColumn, ...]
    key: tuple[str, ...]
    """The primary key, or a unique key of columns that are never null; empty for none."""
    leaves: tuple[Leaf, ...]
    estimated_rows: int
    size_bytes: int

    @property
    def has_heaps(self) -> bool:
        """Whether it can be read by ranges of pages, and changed rows be told by their transaction."""
        return bool(self.leaves)
