"""Sums for every directory, exact where files have several names: see `sql/directories.sql` for the method."""

from analytics_pipelines.foundation.select import Scan, Select
from analytics_pipelines.foundation.sql import Sql, from_file


def directories(entries: Scan) -> Select | None:
    """Rows of `core_fs__directories` for the entries of one day; None where the day has none.

    A file of several names counts once in each folder that holds any of them, as `du` does when asked for that
    folder alone. Of names whose sizes differ, because the file grew during the scan, the first in pre-order counts.
    Sums past 2^63 bytes stay at 2^63 - 1.
    """
    if not entries.files:
        return None
    return Select(
        from_file(__package__, "directories"),
        reads={"entries": entries},
        expected_rows=Sql("SELECT count(*) FROM entries WHERE type = 'd'"),
    )
