"""A query's rows as a file in the spill folder, of which the broker makes the export."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.sql import Sql, literal
from analytics_pipelines.sql_service.errors import DuckDBQueryError, DuckDBResourceError
from analytics_pipelines.sql_service.messages import Format, Parameters
from analytics_pipelines.sql_service.worker.plans import Bounds, Plan
from analytics_pipelines.sql_service.worker.query import Selected, run_select, select_plan
from analytics_pipelines.sql_service.worker.task import Task, read_only

COPY = Sql("COPY (\n{query}\n) TO {file} (FORMAT parquet, COMPRESSION zstd)")
UNSAFE = re.compile(r"[^A-Za-z0-9_-]")
NO_LIMIT = 2**62
"""A LIMIT in the query would leave it one thread."""


def answer_export(task: Task) -> None:
    """Make the file and count its name and rows; nothing is written to whoever asked.

    Raises `DuckDBResourceError` past the row limit (a file that lacks rows would pass for whole), and whatever the
    query fails of; there is no file then.
    """
    (statement,) = task.job.statements
    fmt = task.job.format
    if fmt is Format.JSON:
        raise DuckDBQueryError("An export is a Parquet, CSV or Arrow file.", remedy="Ask for one of them.")
    name = file_name(task.job.query_id, fmt)
    with _file(task.folder / name) as file, task.cursor() as cursor, read_only(cursor):
        is_copied = fmt is Format.PARQUET
        plan = select_plan(task, cursor, statement, Bounds(fmt, NO_LIMIT if is_copied else task.job.row_limit))
        task.counted.columns = tuple(plan.columns)
        made = (_copied if is_copied else _written)(task, cursor, plan, statement.parameters, file)
        if made.is_truncated:
            raise too_many_rows(task.job.row_limit)
        task.counted.rows = made.rows
    task.counted.file = name


def file_name(query_id: str, fmt: Format) -> str:
    """Of an export's file."""
    return UNSAFE.sub("_", query_id) + "." + fmt.value


def too_many_rows(most: int) -> DuckDBResourceError:
    """The error of an export that would have to be cut off."""
    return DuckDBResourceError(
        "The export has more rows than one may have.", limit=str(most) + " rows", remedy="Export fewer days at once."
    )


@contextmanager
def _file(file: Path) -> Iterator[Path]:
    try:
        yield file
    except BaseException:
        with suppress(FileNotFoundError):
            file.unlink()
        raise


def _copied(task: Task, cursor: DuckDBPyConnection, plan: Plan, parameters: Parameters | None, file: Path) -> Selected:
    text = COPY.fill(query=Sql(plan.sql), file=literal(str(file))).text
    with task.timed():
        (count,) = cursor.execute(text, parameters or None).fetchone() or (0,)
    return Selected(int(count), int(count) > task.job.row_limit)


def _written(task: Task, cursor: DuckDBPyConnection, plan: Plan, parameters: Parameters | None, file: Path) -> Selected:
    with file.open("xb") as target:
        return run_select(task, cursor, plan, parameters, target.write)
