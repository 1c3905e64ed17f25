"""How one table is exported: each column's way from PostgreSQL to Parquet, and the lake table that comes of it."""

from dataclasses import dataclass

from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.foundation.tables import Column, Table
from analytics_pipelines.product_export.source.described import SourceColumn, SourceTable
from analytics_pipelines.product_export.wishes import TableWish

EXPORT_DATE = "export_date"
IS_TOMBSTONE = "is_tombstone"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportColumn:
    """One column on its way."""

    source: SourceColumn
    lake: Column
    as_text_in_source: Sql
    """PostgreSQL: the value as text of one form, null as null; equal in both engines, for exact comparison."""
    as_text_in_lake: Sql
    """DuckDB: the same text over the Parquet's column."""
    read: Sql
    """PostgreSQL: what is read, of a type that DuckDB's reader takes without loss; columns by their bare names."""
    note: str = ""
    """What a reader must know, e.g. `as PostgreSQL writes it`; empty where the type is exact."""
    unfit: Sql | None = None
    """PostgreSQL: whether a value can not be held by the lake's type (infinity, NaN); such values are refused."""
    unfit_told: str = ""
    """Words for those values, e.g. `NaN`."""
    masked: Sql | None = None
    """DuckDB: what is written instead of the column as read (which it names by the source's name); None for as read."""

    @property
    def is_comparable(self) -> bool:
        """Whether the lake holds what the source holds."""
        return self.masked is None


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePlan:
    """What is read of which table, and as what it is written."""

    wish: TableWish
    source: SourceTable
    columns: tuple[ExportColumn, ...]
    """Without those that are dropped or excluded."""
    key: tuple[str, ...]
    """The wish's key or the source's; empty for none."""
    table: Table
    """`export_date`, then (incremental only) `is_tombstone`, then the columns; its key is `key`."""
    warnings: tuple[str, ...] = ()
    """E.g. a column that looks personal and has no policy."""
