"""The rows of the hot tables out of any day's lake tables, so that older days answer with the same columns.

Each function takes SELECTs of lake tables' declared columns and gives a SELECT of the hot table's.
"""

from collections.abc import Iterable

from analytics_pipelines.foundation.sql import Sql, from_file, joined, name
from analytics_pipelines.foundation.tables import Table
from analytics_pipelines.storage_snapshots.hot.tables import CHILDREN, FOLDERS, LARGEST, NAMES
from analytics_pipelines.storage_snapshots.tables import DIRECTORIES, DIRECTORY_BANDS, ENTRIES

MOST_LARGEST = 10_000
"""Files that `hot_fs__largest` keeps of a share by each measure."""


def folders(directories: Sql, directory_bands: Sql) -> Sql:
    """Rows of `hot_fs__folders`; null where a folder's bands are not there."""
    return from_file(__package__, "folders").fill(
        columns=_columns("directories", DIRECTORIES.column_names),
        bands=_columns("bands", _of(FOLDERS, DIRECTORY_BANDS, without=DIRECTORIES)),
        directories=directories,
        directory_bands=directory_bands,
    )


def children(entries: Sql, directories: Sql) -> Sql:
    """Rows of `hot_fs__children`."""
    columns = [column for column in _of(CHILDREN, ENTRIES) if column != "parent_pre"]
    return from_file(__package__, "children").fill(
        columns=_columns("entries", columns), entries=entries, directories=directories
    )


def names(entries: Sql) -> Sql:
    """Rows of `hot_fs__names`, without positions."""
    return from_file(__package__, "names").fill(columns=_columns("entries", _of(NAMES, ENTRIES)), entries=entries)


def largest(entries: Sql) -> Sql:
    """Rows of `hot_fs__largest`."""
    columns = _columns("entries", _of(LARGEST, ENTRIES))
    return from_file(__package__, "largest").fill(columns=columns, entries=entries, most=Sql(str(MOST_LARGEST)))


def _of(hot: Table, source: Table, *, without: Table | None = None) -> list[str]:
    """Columns of the hot table that come from that lake table."""
    left_out = set(without.column_names) if without else set()
    return [column for column in hot.column_names if column in set(source.column_names) - left_out]


def _columns(source: str, columns: Iterable[str]) -> Sql:
    qualified = Sql("{source}.{column}")
    return joined(qualified.fill(source=name(source), column=name(column)) for column in columns)
