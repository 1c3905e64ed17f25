"""Large snapshots made of a real scan: the same tree many times over, each copy's names distinct from all others'."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from analytics_pipelines.foundation.duck import Duck, DuckLimits, one_row
from analytics_pipelines.foundation.sql import Sql, literal
from analytics_pipelines.storage_snapshots.layout import SnapshotFile, day_folder

SHARE = "replicated"
ROOT = "/replicated"
COPY_TO = Sql("COPY ({query}) TO {file} (FORMAT parquet, COMPRESSION zstd)")
COPIES = Sql(
    """
SELECT * EXCLUDE (copy, below, root_length) REPLACE (
    {share} AS share,
    CAST({day} AS DATE) AS snapshot_date,
    {root} || '/' || copy || replace(below, '/', '/' || copy || '-') AS path,
    NULL AS path_raw,
    CASE WHEN depth = 0 THEN CAST(copy AS VARCHAR) ELSE copy || '-' || name END AS name,
    CASE WHEN depth = 0 THEN {root}
        ELSE {root} || '/' || copy || replace(regexp_replace(below, '/[^/]*$', ''), '/', '/' || copy || '-')
    END AS parent_path,
    depth + 1 AS depth,
    ino + copy * 1000000000 AS ino
)
FROM (
    SELECT *, CASE WHEN depth = 0 THEN '' ELSE substr(path, root_length + 1) END AS below
    FROM {source}
    CROSS JOIN (SELECT length(rtrim(path, '/')) AS root_length FROM {source} WHERE depth = 0)
)
CROSS JOIN (SELECT range AS copy FROM range({copies}))
"""
)
ROOT_ROW = Sql(
    """
SELECT * REPLACE (
    {share} AS share, CAST({day} AS DATE) AS snapshot_date, {root} AS path, NULL AS path_raw, {name} AS name,
    NULL AS parent_path, 0 AS depth, 1 AS ino
)
FROM {source} WHERE depth = 0
"""
)
CHANGED = Sql(
    """
SELECT * EXCLUDE (fate) REPLACE (
    CAST({day} AS DATE) AS snapshot_date,
    CASE WHEN fate = 1 THEN path || '.moved' ELSE path END AS path,
    CASE WHEN fate = 1 THEN name || '.moved' ELSE name END AS name,
    CASE WHEN fate = 2 THEN size + 4096 ELSE size END AS size,
    CASE WHEN fate = 2 THEN blocks + 8 ELSE blocks END AS blocks,
    CASE WHEN fate = 2 THEN size_du + 4096 ELSE size_du END AS size_du,
    CASE WHEN fate = 2 THEN mtime + INTERVAL 1 DAY ELSE mtime END AS mtime,
    CASE WHEN fate = 2 THEN ctime + INTERVAL 1 DAY ELSE ctime END AS ctime,
    atime + INTERVAL 1 HOUR AS atime
)
FROM (
    SELECT *, CASE WHEN type = 'f' AND nlink = 1 THEN CAST(md5_number_lower(path) % {one_in} AS INTEGER) END AS fate
    FROM {source}
)
WHERE fate IS DISTINCT FROM 0
"""
)


@dataclass(frozen=True, slots=True)
class Replicated:
    """Two days of one large share."""

    entries: int
    first: date
    second: date


def replicate(scanned: Path, snapshots: Path, entries: int, days: tuple[date, date], limits: DuckLimits) -> Replicated:
    """Write both days below `snapshots`; on the second some files are gone, moved, grown, and all were read again.

    Each fate meets one file in 2,000, so that a day's delta of five million entries is some 7,500 files.
    """
    duck = Duck(limits)
    try:
        with duck.cursor() as cursor:
            (rows,) = one_row(cursor.execute("SELECT count(*) FROM read_parquet(?)", [str(scanned)]))
            first, second = (SnapshotFile.at(snapshots, SHARE, day).parquet for day in days)
            for day in days:
                day_folder(snapshots, day).mkdir(parents=True, exist_ok=True)
            written = _grown(cursor, scanned, first, days[0], max(1, round(entries / rows)))
            _changed(cursor, first, second, days[1])
    finally:
        duck.close()
    return Replicated(written, *days)


def _grown(cursor: duckdb.DuckDBPyConnection, scanned: Path, target: Path, day: date, copies: int) -> int:
    common = {
        "source": _parquet(scanned),
        "share": literal(SHARE),
        "day": literal(day.isoformat()),
        "root": literal(ROOT),
    }
    every = Sql("{root_row} UNION ALL BY NAME {copies}").fill(
        root_row=ROOT_ROW.fill(name=literal(ROOT.strip("/")), **common),
        copies=COPIES.fill(copies=Sql(str(copies)), **common),
    )
    return _copied(cursor, every, target)


def _changed(cursor: duckdb.DuckDBPyConnection, source: Path, target: Path, day: date) -> int:
    query = CHANGED.fill(source=_parquet(source), day=literal(day.isoformat()), one_in=Sql("2000"))
    return _copied(cursor, query, target)


def _copied(cursor: duckdb.DuckDBPyConnection, query: Sql, target: Path) -> int:
    statement = COPY_TO.fill(query=query, file=literal(str(target)))
    (rows,) = one_row(cursor.execute(statement.text))
    return int(rows)


def _parquet(file: Path) -> Sql:
    return Sql("read_parquet({file}, hive_partitioning = false)").fill(file=literal(str(file)))
