"""DuckDB under our limits: instances, a cursor a question, deadlines, rows as typed objects.

What differs between DuckDB 1.5 and 2.0 stands here and nowhere else.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import duckdb
import psutil
import pyarrow as pa
from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.deadlines import DEADLINES
from analytics_pipelines.foundation.errors import AnalyticsError, SetupError, TimedOut, Unavailable
from analytics_pipelines.foundation.files import disk_full
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.foundation.sql import Sql, literal

Row = TypeVar("Row")
UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}
POSTGRES_IS_AWAY = (
    "Unable to connect to Postgres",
    "server closed the connection",
    "terminating connection due to",
    "no connection to the server",
    'Failed to execute query "ROLLBACK"',
)
"""What the extension says when the server of an attached database has gone; it has no error class for that."""
BASE_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
    "allow_unsigned_extensions": False,
    # No secret is read from or kept on disk; allow_persistent_secrets = false would break ATTACH of PostgreSQL.
    "secret_directory": "/dev/null",
    "preserve_insertion_order": True,
    "python_enable_replacements": False,
}


@dataclass(frozen=True, slots=True)
class DuckLimits:
    """What one instance may use; `temp_folder` None means that nothing spills to disk."""

    memory_bytes: int
    threads: int
    temp_folder: Path | None

    @staticmethod
    def of(settings: Settings, *, share: float = 1.0) -> "DuckLimits":
        """The limits that the settings give; `share` of the memory for one of several instances."""
        asked = bytes_of(settings.duckdb_memory_limit)
        machine = psutil.virtual_memory().total * settings.duckdb_max_memory_percentage // 100
        cores = psutil.cpu_count() or 1
        memory = int(min(asked, machine) * share)
        return DuckLimits(memory, min(settings.duckdb_worker_threads, cores), settings.home.duck_temp)


def bytes_of(size: str) -> int:
    """`4GB`, `512 MiB`… as bytes."""
    digits = size.rstrip("KMGTiBkmgtb ")
    return int(float(digits) * UNITS[size[len(digits) :].strip().upper()])


class Duck:
    """One DuckDB instance; cursors of it may run in several threads at once."""

    def __init__(self, limits: DuckLimits, database: str = ":memory:") -> None:
        # An empty folder means none: by itself DuckDB would spill into `.tmp` of wherever the process was started.
        config = BASE_CONFIG | {"memory_limit": str(limits.memory_bytes) + "B", "threads": limits.threads}
        config["temp_directory"] = ""
        if limits.temp_folder:
            limits.temp_folder.mkdir(parents=True, exist_ok=True)
            # Instances that share a spill folder overwrite each other's files; DuckDB makes and removes this one.
            config["temp_directory"] = str(limits.temp_folder / uuid4().hex)
        self._connection = duckdb.connect(database, config=config)
        self._connection.execute("SET GLOBAL TimeZone = 'UTC'")

    def load(self, extension: str) -> None:
        """Load an extension from its wheel; nothing is downloaded or copied."""
        self._connection.execute(Sql("LOAD {file}").fill(file=literal(str(extension_file(extension)))).text)

    @contextmanager
    def cursor(self, *, deadline_s: float | None = None) -> Iterator[DuckDBPyConnection]:
        """A cursor of one's own; past the deadline its statement stops with `TimedOut`."""
        cursor = self._connection.cursor()
        try:
            with translated(), interrupted_after(cursor, deadline_s):
                yield cursor
        finally:
            cursor.close()

    def close(self) -> None:
        """End the instance; cursors that still run fail."""
        self._connection.close()


def extension_file(extension: str) -> Path:
    """The file of an extension in its wheel, for this DuckDB; raises `SetupError` when there is none."""
    package = "duckdb_extension_" + extension
    version = "v" + duckdb.__version__
    with suppress(ModuleNotFoundError):
        found = Path(str(files(package).joinpath("extensions", version, extension + ".duckdb_extension")))
        if found.is_file():
            return found
    raise SetupError(
        "DuckDB's extension " + extension + " is not installed for " + version + ".",
        remedy="Install the wheel duckdb-extension-" + extension.replace("_", "-") + " of the same version.",
    )


@contextmanager
def interrupted_after(cursor: DuckDBPyConnection, deadline_s: float | None) -> Iterator[None]:
    """Stop the cursor's statement once the time is over, and say so."""
    if deadline_s is None:
        yield
        return
    try:
        with DEADLINES.watched(cursor.interrupt, deadline_s):
            yield
    except duckdb.InterruptException:
        raise TimedOut(
            "The query took too long.", limit=str(deadline_s) + " s", remedy="Ask for less, or raise QUERY_TIMEOUT."
        ) from None


@contextmanager
def translated() -> Iterator[None]:
    """DuckDB's errors that are not ours to explain, as typed ones; programming errors pass unchanged."""
    try:
        yield
    except AnalyticsError:
        raise
    except duckdb.OutOfMemoryException as error:
        raise Unavailable(
            "A query needed more memory than it may have.", remedy="Raise DUCKDB_MEMORY_LIMIT."
        ) from error
    except duckdb.Error as error:
        told = str(error)
        if "No space left on device" in told:
            raise disk_full() from error
        if any(sign in told for sign in POSTGRES_IS_AWAY):
            # The message holds the connection's password, so it ends here.
            raise Unavailable("The database is away.", remedy="Try again once PostgreSQL runs.") from None
        raise


def one_row(cursor: DuckDBPyConnection) -> tuple[Any, ...]:
    """The first row of the statement just run; aggregates always have one."""
    row: tuple[Any, ...] | None = cursor.fetchone()
    if row is None:
        raise LookupError("the statement gave no row")
    return row


def rows_of(cursor: DuckDBPyConnection, model: type[Row], query: Sql, values: Mapping[str, object]) -> list[Row]:
    """Each row as `model(**columns)`."""
    result = cursor.execute(query.text, dict(values) or None)
    columns = [column[0] for column in result.description or ()]
    return [model(**dict(zip(columns, row, strict=True))) for row in result.fetchall()]


def tuples_of(cursor: DuckDBPyConnection, query: Sql, values: Mapping[str, object]) -> list[tuple[Any, ...]]:
    """Each row as a tuple."""
    found: list[tuple[Any, ...]] = cursor.execute(query.text, dict(values) or None).fetchall()
    return found


def arrow_of(cursor: DuckDBPyConnection, query: Sql, values: Mapping[str, object] | None = None) -> pa.Table:
    """The whole answer as an Arrow table."""
    result = cursor.execute(query.text, dict(values or {}) or None)
    table: pa.Table = result.to_arrow_table() if hasattr(result, "to_arrow_table") else result.fetch_arrow_table()
    return table


def batches_of(cursor: DuckDBPyConnection, query: Sql, values: Mapping[str, object], rows: int) -> pa.RecordBatchReader:
    """The answer in Arrow batches of about so many rows, read from the cursor as they are asked for."""
    return batches_read(cursor.execute(query.text, dict(values) or None), rows)


def batches_read(result: DuckDBPyConnection, rows: int) -> pa.RecordBatchReader:
    """The batches, of about so many rows, of the statement just run; read from the cursor as they are asked for."""
    return result.to_arrow_reader(rows) if hasattr(result, "to_arrow_reader") else result.fetch_record_batch(rows)
