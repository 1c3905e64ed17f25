"""What the rollups read of the entries, a column at a time, so that few of them are in memory at once."""

from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.storage_snapshots.rollup.computed import NEVER, Flags, Ints, column_of, flags, numbers

ALLOCATED = Sql("SELECT greatest(coalesce(allocated_bytes, 0), 0) AS allocated_bytes FROM entries")
SIZE = Sql("SELECT greatest(coalesce(size_bytes, 0), 0) AS size_bytes FROM entries")
PLAIN = Sql("SELECT type IN ('f', 'l') AS is_plain FROM entries")
BROKEN = Sql("SELECT error IS NOT NULL AS is_broken FROM entries")
MODIFIED = Sql("SELECT modified_at FROM entries")
ACCESSED = Sql("SELECT accessed_at FROM entries")


def bytes_each(cursor: DuckDBPyConnection, query: Sql) -> Ints:
    """Sizes of all rows, none of them negative; what is not known is 0."""
    return numbers(column_of(cursor, query))


def times_each(cursor: DuckDBPyConnection, query: Sql) -> Ints:
    """Times of all rows in µs since 1970, `NEVER` where not known."""
    return numbers(column_of(cursor, query), null=NEVER)


def flags_each(cursor: DuckDBPyConnection, query: Sql) -> Flags:
    """Which rows it is true for."""
    return flags(column_of(cursor, query))
