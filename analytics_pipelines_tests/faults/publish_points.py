"""Kills itself at every system call with which several tables turn at once: `python -m … HOME`.

In every child version 2 of two tables, one of which is still a folder of an older version, replaces version 1 in a
lake at `HOME/<point>`. Prints the number of points that were reached.
"""

import sys
from pathlib import Path

from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.select import Select
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.foundation.tables import Column, Table, Type
from analytics_pipelines_tests.faults.kill_points import CALLS, MOST_POINTS, kill_at, survives
from analytics_pipelines_tests.faults.writer import say
from analytics_pipelines_tests.foundation.lake.example import DAY, lake_at

MORE_CALLS = (*CALLS, "link", "rename", "symlink")
COLUMNS = (Column(name="version", type=Type.INT, meaning="Version"),)
OLD, NEW = (
    Table(name=name, room="test", grain="one row", partition="UTC day", key=("version",), columns=COLUMNS)
    for name in ("raw_test__old", "raw_test__new")
)


def publish(lake: Lake, version: int) -> None:
    """Both tables in that version."""
    with lake.together() as run, lake.duck.cursor() as cursor:
        sealed = []
        for table in (OLD, NEW):
            cursor.sql(f"SELECT {version}::BIGINT AS version").write_parquet(str(run.file(table, DAY)))
            sealed.append(run.seal(table, DAY, rows=1))
        run.publish(sealed)


def publish_and_die(home: Path, point: int) -> None:
    """Version 1 as an older version left it, then version 2 with death at `point`."""
    lake = lake_at(home, threads=1)
    lake.replace(OLD, DAY, Select(Sql("SELECT 1 AS version")))
    kill_at(point, MORE_CALLS)
    publish(lake, 2)


def main(home: str) -> None:
    """Every point until a child comes through."""
    for point in range(MOST_POINTS):
        if survives(Path(home) / str(point), point, publish_and_die):
            say(str(point))
            return
    raise SystemExit("no child came through")


if __name__ == "__main__":
    main(sys.argv[1])
