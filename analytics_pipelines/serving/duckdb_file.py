"""One DuckDB file over the generation in force, for tools that open such a file: DuckDB's shell, SQLAlchemy, DB-API.

It has every table under its own name: views over the generation's Parquet by absolute paths, and copies of native
tables, whose rows are in files that only the API attaches. `GENERATION` says what it is of. It is replaced whole, so
whoever has it open keeps the state that was opened, until that generation is swept.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import uuid4

import duckdb
import structlog
from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.duck import BASE_CONFIG, Duck, DuckLimits
from analytics_pipelines.foundation.errors import AnalyticsError, Conflict
from analytics_pipelines.foundation.files import disk_errors, locked, make_folders, move_into_place, sync_file
from analytics_pipelines.foundation.generation import Generation, GenerationFolders
from analytics_pipelines.foundation.generation.description import read_generation
from analytics_pipelines.foundation.generation.pointer import lock_generation
from analytics_pipelines.foundation.generation.views import attach_rooms, make_view, query_of
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.foundation.sql import Sql, name

GENERATION = "published_generation"
"""The table of one row that tells what the file is of."""
NOTE = "Replaced after each publication: open it read-only, and open it again to see the next generation."
DESCRIBE = Sql(
    "CREATE TABLE {table} AS SELECT $id AS generation_id, CAST($built_at AS TIMESTAMP WITH TIME ZONE) AS built_at, "
    "$folder AS folder, $has_personal AS has_personal_columns, $note AS note"
)
DESCRIBED = Sql("SELECT generation_id, folder FROM {table}").fill(table=name(GENERATION))
COPY = Sql("CREATE TABLE {table} AS {query}")
OWNER_ONLY, OWNER_ONLY_FOLDER = 0o600, 0o700
LOCK_WAIT_S = 60.0

log = structlog.get_logger(__name__)


class NotOurs(Conflict):
    """Where the file is to be stands another one, which was not made by us and may hold somebody's tables."""


def keep_duckdb_file(settings: Settings) -> bool:
    """Have the file be of the generation in force; False, with a line in the log, when that is not possible."""
    try:
        write_duckdb_file(settings)
    except (AnalyticsError, duckdb.Error, OSError) as error:
        log.warning("the DuckDB file was not written", error=type(error).__name__, reason=str(error)[:500])
        return False
    return True


def drop_duckdb_file(settings: Settings) -> None:
    """Remove the file if it is ours."""
    target = settings.duckdb_file
    with _alone(settings):
        if target.exists() and _described(target) is not None:
            target.unlink()


def write_duckdb_file(settings: Settings) -> bool:
    """The same, raising what stands in the way (`NotOurs`, `DiskFull`, errors of DuckDB and of the disk).

    False when there is nothing to do: nothing is published, or the file is of the generation in force already.
    """
    folders, target = GenerationFolders.of(settings.home), settings.duckdb_file
    with disk_errors(), _alone(settings):
        current = folders.current_id()
        if current is None:
            return False
        folder = folders.folder(current)
        with _held(folder):
            generation = read_generation(folder)
            if target.exists() and _ours(target) == (generation.id, str(folder)):
                return False
            make_folders(target.parent)
            with _beside(target) as staged:
                _fill(staged, folder, generation, DuckLimits.of(settings))
                staged.chmod(OWNER_ONLY)
                sync_file(staged)
                move_into_place(staged, target)
    log.info("DuckDB file written", generation_id=generation.id)
    return True


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    with locked(settings.home.locks / "duckdb_file.lock", wait_s=LOCK_WAIT_S):
        yield


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Keep the sweep from the generation."""
    lock = lock_generation(folder)
    if lock is None:
        raise Conflict("The generation was swept meanwhile.", remedy="Publish again.")
    try:
        yield
    finally:
        os.close(lock)


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A new file in a folder of its own beside the target; what killed writers have left there is removed."""
    prefix = "." + target.name + "."
    for left in target.parent.glob(prefix + "*.writing"):
        shutil.rmtree(left, ignore_errors=True)
    folder = target.parent / (prefix + uuid4().hex + ".writing")
    folder.mkdir(mode=OWNER_ONLY_FOLDER)
    try:
        yield folder / "whole.duckdb"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fill(staged: Path, folder: Path, generation: Generation, limits: DuckLimits) -> None:
    with closing(Duck(limits, str(staged))) as duck, duck.cursor() as cursor:
        attach_rooms(cursor, folder, generation)
        cursor.execute("BEGIN")
        _describe(cursor, folder, generation)
        for table in generation.tables:
            if table.is_native:
                cursor.execute(COPY.fill(table=name(table.name), query=query_of(folder, table)).text)
            else:
                make_view(cursor, table.name, query_of(folder, table))
        cursor.execute("COMMIT")
        cursor.execute("CHECKPOINT")


def _describe(cursor: DuckDBPyConnection, folder: Path, generation: Generation) -> None:
    values = {
        "id": generation.id,
        "built_at": generation.built_at.isoformat(),
        "folder": str(folder),
        "has_personal": any(each.personal is None or each.personal for each in generation.tables),
        "note": NOTE,
    }
    cursor.execute(DESCRIBE.fill(table=name(GENERATION)).text, values)


def _ours(target: Path) -> tuple[str, str]:
    """Generation and folder that our file is of; raises `NotOurs`."""
    found = _described(target)
    if found is None:
        raise NotOurs(
            "The DuckDB file was not made by publishing, or somebody has it open for writing.",
            remedy="Close it, move it away, or set DUCKDB_DATABASE_PATH to another place.",
        )
    return found


def _described(target: Path) -> tuple[str, str] | None:
    """What the file says that it is of; None of any other file, and of one that somebody has open for writing."""
    if not target.is_file():
        return None
    try:
        with closing(duckdb.connect(str(target), read_only=True, config=BASE_CONFIG)) as connection:
            row = connection.execute(DESCRIBED.text).fetchone()
    except duckdb.Error:
        return None
    return (str(row[0]), str(row[1])) if row else None
