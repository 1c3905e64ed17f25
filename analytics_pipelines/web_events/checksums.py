"""One checksum of received events, computed alike by PostgreSQL over the log and by DuckDB over the lake."""

from analytics_pipelines.foundation.checksums import row_text, sum_in_duckdb, sum_in_postgresql
from analytics_pipelines.foundation.sql import Sql, name
from analytics_pipelines.foundation.tables import ColumnType, Type
from analytics_pipelines.web_events.tables import RAW_EVENTS

DUCKDB: dict[ColumnType, Sql] = {
    Type.TEXT: Sql("{column}"),
    Type.DATE: Sql("CAST({column} AS VARCHAR)"),
    Type.TIMESTAMP: Sql("CAST(epoch_us({column}) AS VARCHAR)"),
}
POSTGRESQL: dict[ColumnType, Sql] = {
    Type.TEXT: Sql("{column}"),
    Type.DATE: Sql("to_char({column}, 'YYYY-MM-DD')"),
    Type.TIMESTAMP: Sql("CAST(CAST(extract(epoch FROM {column}) * 1000000 AS bigint) AS text)"),
}
OF_ROWS = Sql("SELECT {checksum} FROM {rows}")
OF_LOG = Sql("SELECT count(*) AS row_count, {checksum} AS checksum FROM (\n{rows}\n) AS stored")


def checksum_of_rows(rows: Sql) -> Sql:
    """A DuckDB SELECT of the checksum of these rows, as text; `rows` is a name or a query in parentheses."""
    return OF_ROWS.fill(checksum=sum_in_duckdb(_row(DUCKDB)), rows=rows)


def checksum_of_log(rows: Sql) -> Sql:
    """A PostgreSQL SELECT of `row_count` and `checksum` of what that query gives."""
    return OF_LOG.fill(checksum=sum_in_postgresql(_row(POSTGRESQL)), rows=rows)


def _row(spelling: dict[ColumnType, Sql]) -> Sql:
    return row_text(spelling[column.type].fill(column=name(column.name)) for column in RAW_EVENTS.columns)
