"""What each share holds, and what it gained or lost since the day before."""

from datetime import date

from analytics_pipelines.foundation.select import Scan, Select
from analytics_pipelines.foundation.sql import from_file


def growth(directories: Scan, day: date) -> Select | None:
    """Rows of `out_fs__growth` for `day`, of the directories of that day and the one before.

    Changes are null for a share that was not scanned the day before. None where nothing was scanned on the day.
    """
    if all(version.day != day for version in directories.versions):
        return None
    return Select(from_file(__package__, "growth"), reads={"directories": directories}, values={"day": day})
