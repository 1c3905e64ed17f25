"""One checksum of received events, computed alike by PostgreSQL over the log and by DuckDB over the lake.

The first 60 bits of an md5 over all columns of a row, summed over the rows: the order of rows does not matter, and the
checksum of two sets together is the sum of theirs. It finds what was lost or changed on the way, not a forger.
"""

from analytics_pipelines.foundation.sql import Sql, joined, name
from analytics_pipelines.foundation.tables import Column, Type
from analytics_pipelines.web_events.tables import RAW_EVENTS

DUCKDB = {
    Type.TEXT: Sql("{column}"),
    Type.DATE: Sql("CAST({column} AS VARCHAR)"),
    Type.TIMESTAMP: Sql("CAST(epoch_us({column}) AS VARCHAR)"),
}
POSTGRESQL = {
    Type.TEXT: Sql("{column}"),
    Type.DATE: Sql("to_char({column}, 'YYYY-MM-DD')"),
    Type.TIMESTAMP: Sql("CAST(CAST(extract(epoch FROM {column}) * 1000000 AS bigint) AS text)"),
}
NULL_SIGN = Sql("coalesce({text}, chr(30))")
END_SIGN = Sql(" || chr(31) || ")
OF_ROWS = Sql("SELECT CAST(coalesce(sum(CAST('0x' || md5({row})[:15] AS BIGINT)), 0) AS VARCHAR) FROM {rows}")
OF_LOG = Sql(
    "SELECT count(*) AS row_count,"
    " CAST(coalesce(sum(CAST(CAST('x' || substr(md5({row}), 1, 15) AS bit(60)) AS bigint)), 0) AS text) AS checksum"
    " FROM (\n{rows}\n) AS stored"
)


def checksum_of_rows(rows: Sql) -> Sql:
    """A DuckDB SELECT of the checksum of these rows, as text; `rows` is a name or a query in parentheses."""
    return OF_ROWS.fill(row=_row(DUCKDB), rows=rows)


def checksum_of_log(rows: Sql) -> Sql:
    """A PostgreSQL SELECT of `row_count` and `checksum` of what that query gives."""
    return OF_LOG.fill(row=_row(POSTGRESQL), rows=rows)


def _row(spelling: dict[Type, Sql]) -> Sql:
    return joined((_text(column, spelling) for column in RAW_EVENTS.columns), END_SIGN.text)


def _text(column: Column, spelling: dict[Type, Sql]) -> Sql:
    return NULL_SIGN.fill(text=spelling[column.type].fill(column=name(column.name)))
