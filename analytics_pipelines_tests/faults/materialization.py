"""A home whose `web_events` days are materialized: what a stranger sees of it, and putting it back."""

import os
import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb

from analytics_pipelines.foundation.files import sha256_of
from analytics_pipelines.foundation.generation import GenerationFolders
from analytics_pipelines.foundation.generation.lease import open_current
from analytics_pipelines.foundation.home import Home
from analytics_pipelines.foundation.lake.manifest import read_manifest
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.foundation.sql import Sql, name
from analytics_pipelines.foundation.tables import Table
from analytics_pipelines.web_events.tables import TABLES

DAYS = [date(2026, 5, 10) + timedelta(days=number) for number in range(3)]
RANGE = ("materialize", "web_events", "--from", DAYS[0], "--to", DAYS[-1])
LINE = '198.51.{a}.{b} - - [{at:%d/%b/%Y:%H:%M:%S %z}] "GET /page/{b} HTTP/1.1" 200 {a} "-" "Mozilla/5.0"\n'
PAUSE = timedelta(seconds=8)
FEW, MORE = 60, 150
ROWS_BY_DAY = Sql(
    """
    SELECT {day}, md5(string_agg(CAST(r AS VARCHAR), chr(10) ORDER BY CAST(r AS VARCHAR)))
    FROM read_parquet($1) AS r
    GROUP BY 1
    """
)


@dataclass(frozen=True, slots=True)
class State:
    """A lake as a stranger sees it: files by sha256, a hash of the rows by table and day, and the generation in force."""

    files: dict[str, str]
    rows: dict[tuple[str, date], str]
    generation: str | None


def log_of(file: Path, hits: int) -> Path:
    """An access log with so many hits on each day; a longer one begins with the lines of a shorter one."""
    nights = [datetime(day.year, day.month, day.day, tzinfo=UTC) for day in DAYS]
    at = [(number, night + number * PAUSE) for number in range(hits) for night in nights]
    file.write_text("".join(LINE.format(a=number % 7, b=number % 23, at=moment) for number, moment in at))
    return file


def rows_by_day(lake: Path, table: Table) -> dict[tuple[str, date], str]:
    """Through a plain glob and no code of ours: a hash of all rows of each day."""
    query = ROWS_BY_DAY.fill(day=name(table.columns[0].name)).text
    with duckdb.connect(config={"threads": 1}) as connection:
        found = connection.execute(query, [f"{lake}/{table.name}/date=*/data.parquet"]).fetchall()
    return {(table.name, day): rows for day, rows in found}


def state_of(home: Home) -> State:
    """What can be seen now."""
    rows: dict[tuple[str, date], str] = {}
    for table in TABLES:
        if any((home.lake / table.name).glob("date=*/data.parquet")):  # imported lines are never too late
            rows |= rows_by_day(home.lake, table)
    files = {str(file.relative_to(home.lake)): sha256_of(file) for file in sorted(home.lake.rglob("*.parquet"))}
    return State(files, rows, GenerationFolders.of(home).current_id())


def keep(home: Home, copy: Path) -> None:
    """Lake and generations as they are, by hard link: nobody writes into a file that is published."""
    for folder in (home.lake, home.generations):
        shutil.copytree(folder, copy / folder.name, symlinks=True, copy_function=os.link)


def put_back(home: Home, copy: Path) -> None:
    """Lake and generations as they were kept; staging, PostgreSQL and Dagster's state stay as the kills left them."""
    for folder in (home.lake, home.generations):
        shutil.rmtree(folder)
        shutil.copytree(copy / folder.name, folder, symlinks=True, copy_function=os.link)


def must_be_old_or_new(found: State, old: State, new: State) -> None:
    """Each day of each table is whole in one version, under its name and no other; so is the generation."""
    assert found.files.keys() == old.files.keys()
    assert all(sha256 in (old.files[name], new.files[name]) for name, sha256 in found.files.items())
    assert found.rows.keys() == old.rows.keys()
    assert all(rows in (old.rows[key], new.rows[key]) for key, rows in found.rows.items())
    assert found.generation in (old.generation, new.generation)


def must_be_readable(settings: Settings) -> None:
    """The generation that the pointer names opens and holds all days."""
    lease = open_current(GenerationFolders.of(settings.home), settings)
    assert lease is not None
    try:
        with lease.cursor() as cursor:
            days = cursor.execute(
                Sql("SELECT metric_date FROM out_web__daily_metrics ORDER BY metric_date").text
            ).fetchall()
        assert [day for (day,) in days] == DAYS
    finally:
        lease.close()


def must_have_converged(home: Home, new: State) -> None:
    """The bytes of a run that nobody disturbed, manifests that name them, and nothing left in staging."""
    assert state_of(home) == new
    for file, sha256 in new.files.items():
        manifest = read_manifest((home.lake / file).parent)
        assert manifest is not None
        assert manifest.sha256 == sha256
    assert list(home.staging.iterdir()) == []
