"""Subjects made of a query or of a frame, on a cursor of one thread as plans have it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
from duckdb import DuckDBPyConnection

from analytics_pipelines.datasets.compile.mount import mount
from analytics_pipelines.datasets.evidence import kind_of
from analytics_pipelines.datasets.plan.model import Plan
from analytics_pipelines.datasets.subject import VIEW, Reading, Subject, SubjectColumn, SubjectKind
from analytics_pipelines.foundation.duck import Duck, DuckLimits

LIMITS = DuckLimits(memory_bytes=2**30, threads=1, temp_folder=None)


@contextmanager
def cursor_of_one_thread() -> Iterator[DuckDBPyConnection]:
    duck = Duck(LIMITS)
    with duck.cursor() as cursor:
        yield cursor
    duck.close()


def described(cursor: DuckDBPyConnection) -> Subject:
    rows = cursor.execute("DESCRIBE " + VIEW).fetchall()
    columns = tuple(SubjectColumn(name=row[0], type=row[1], kind=kind_of(row[1])) for row in rows)
    return Subject(name="rows", kind=SubjectKind.UPLOAD, columns=columns, row_count=None, fingerprint="0" * 64)


def subject_of(cursor: DuckDBPyConnection, query: str) -> Subject:
    """The query's rows as the subject of this cursor."""
    mount(cursor, Reading(query=query))
    return described(cursor)


def subject_of_table(cursor: DuckDBPyConnection, table: pa.Table) -> Subject:
    """Rows in memory as the subject."""
    cursor.register("rows_in_memory", table)
    cursor.execute("CREATE OR REPLACE TEMP TABLE rows_here AS SELECT * FROM rows_in_memory")
    cursor.unregister("rows_in_memory")
    return subject_of(cursor, "SELECT * FROM rows_here")


def plan_of(**fields: Any) -> Plan:
    return Plan.model_validate(fields)
