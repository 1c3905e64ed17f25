"""The source's rows for the verifier: its own FROM and WHERE, and pieces of the table that are short statements each.

The table is named as a whole and never heap by heap, so that a partition that the reader forgot is missed here.
"""

import time
from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from analytics_pipelines.foundation.bound import every
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.product_export.plan import TablePlan
from analytics_pipelines.product_export.planning import rows_wanted
from analytics_pipelines.product_export.source.describe import qualified
from analytics_pipelines.product_export.source.failures import source_errors
from analytics_pipelines.product_export.source.limits import FULL_DUTY_PCT

PAGES = 16_384
"""Of 8 KiB a statement: 128 MiB, about half a second."""
PAGES_BETWEEN_RESTS = 512
SCAN = Sql("SELECT {columns} FROM {table} WHERE {where}")
FIRST_PAGES = Sql("ctid < '({end},0)'")
LATER_PAGES = Sql("ctid >= '({begin},0)' AND ctid < '({end},0)'")
LAST_PAGES = Sql("ctid >= '({begin},0)'")


def pieces(plan: TablePlan, where: Sql | None, duty_pct: int) -> Iterator[Sql | None]:
    """Conditions that between them hold for every row once; one None for what is read by one statement.

    That are views and small tables, and the rows that `where` chooses, which may be found by an index, unless the
    source is to rest.
    """
    is_resting = duty_pct < FULL_DUTY_PCT
    pages = PAGES_BETWEEN_RESTS if is_resting else PAGES
    end = max((leaf.pages for leaf in plan.source.leaves), default=0)
    if end <= pages or (where is not None and not is_resting):
        yield None
        return
    begins = range(0, end, pages)
    for begin in begins:
        condition = LATER_PAGES if begin else FIRST_PAGES
        # Rows may have come behind the last page known; those of the snapshot must not be missed.
        condition = LAST_PAGES if begin == begins[-1] else condition
        yield condition.fill(begin=Sql(str(begin)), end=Sql(str(begin + pages)))


def scan(plan: TablePlan, columns: Sql, *conditions: Sql | None) -> Sql:
    """A SELECT of the rows that are exported; columns by their bare names."""
    table = qualified(plan.source.schema, plan.source.table)
    where = rows_wanted(plan.wish, every(each for each in conditions if each))
    return SCAN.fill(columns=columns, table=table, where=where)


def asked(connection: psycopg.Connection[Any], query: Sql, *, duty_pct: int = FULL_DUTY_PCT) -> list[tuple[Any, ...]]:
    """The rows of the query, after which the source rests so that it is read in `duty_pct` of the time only.

    Raises what `source_errors` does.
    """
    began_s = time.monotonic()
    with source_errors(), connection.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(query.text.encode()).fetchall()
    time.sleep((time.monotonic() - began_s) * (FULL_DUTY_PCT - duty_pct) / duty_pct)
    return rows


def is_in_utf8(connection: psycopg.Connection[Any]) -> bool:
    """Whether the database keeps text as the lake does, so that bytes and their order can be compared."""
    return connection.info.parameter_status("server_encoding") == "UTF8"
