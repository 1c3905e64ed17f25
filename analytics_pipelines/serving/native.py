"""A room's native tables as one read-only DuckDB file."""

import os
from collections.abc import Iterable
from pathlib import Path

from analytics_pipelines.foundation.duck import Duck, DuckLimits
from analytics_pipelines.foundation.files import sync_file
from analytics_pipelines.foundation.select import Scan, cast_to
from analytics_pipelines.foundation.sql import Sql, name

CREATE = Sql("CREATE TABLE {table} AS {query}")


def write_room_file(file: Path, scans: Iterable[Scan], limits: DuckLimits) -> None:
    """Write each scan as a table sorted by its key; the file is synced and 0444."""
    duck = Duck(limits, str(file))
    try:
        with duck.cursor() as cursor:
            for scan in scans:
                query = cast_to(scan.table, scan.sql())
                cursor.execute(CREATE.fill(table=name(scan.table.name), query=query).text)
            cursor.execute("CHECKPOINT")
    finally:
        duck.close()
    os.chmod(file, 0o444)
    sync_file(file)
