"""From the event log to the lake: a day of receipt, read whole, so that nothing committed late is skipped.

Rows, their number and their checksum come from one snapshot of PostgreSQL. A day that retention has dropped from the
log lives in the lake alone: what is received of it afterwards is added to the partition that is there.
"""

from datetime import date

from analytics_pipelines.foundation.lake.checks import STAGED_ROWS
from analytics_pipelines.foundation.postgres.duck_source import PostgresRows
from analytics_pipelines.foundation.select import Scan, Select, names_of
from analytics_pipelines.foundation.sql import Sql, from_file
from analytics_pipelines.foundation.sql import name as quoted
from analytics_pipelines.web_events.checksums import checksum_of_log, checksum_of_rows
from analytics_pipelines.web_events.tables import RAW_EVENTS

STORED = Sql("SELECT * FROM stored_events")
COUNTED = Sql(
    "SELECT counted.row_count + dropped.row_count, counted.checksum"
    " FROM counted_events AS counted, dropped_events AS dropped"
)
"""More than the rows, should retention drop the day after the partition was taken for whole; so nothing is lost."""
KEPT = Sql(
    "SELECT {columns} FROM {raw} AS kept WHERE NOT EXISTS"
    " (SELECT 1 FROM stored_events AS stored"
    " WHERE stored.site_id = kept.site_id AND stored.event_id = kept.event_id)"
)
UNITED = Sql("SELECT {columns} FROM stored_events UNION ALL {kept}")
UNITED_COUNT = Sql(
    "SELECT counted.row_count + kept.row_count,"
    " CAST(CAST(counted.checksum AS HUGEINT) + CAST(({checksum}) AS HUGEINT) AS VARCHAR)"
    " FROM counted_events AS counted, (SELECT count(*) AS row_count FROM ({kept})) AS kept"
)


def raw_events(conninfo: str, day: date) -> Select:
    """`raw_web__events` of one day that the log holds whole."""
    return Select(STORED, _reads(conninfo, day), expected_rows=COUNTED, checksum=checksum_of_rows(Sql(STAGED_ROWS)))


def reopened_events(conninfo: str, day: date, published: Scan) -> Select:
    """`raw_web__events` of a day that was dropped from the log: what is `published`, and what came since.

    Of an event in both the log's row counts.
    """
    columns = names_of(RAW_EVENTS)
    kept = KEPT.fill(columns=columns, raw=quoted(RAW_EVENTS.name))
    checksum = checksum_of_rows(Sql("({kept})").fill(kept=kept))
    return Select(
        UNITED.fill(columns=columns, kept=kept),
        {**_reads(conninfo, day), RAW_EVENTS.name: published},
        expected_rows=UNITED_COUNT.fill(checksum=checksum, kept=kept),
        checksum=checksum_of_rows(Sql(STAGED_ROWS)),
    )


def log_content() -> Sql:
    """A PostgreSQL query of `row_count` and `checksum` of the day `$1` in the log."""
    return checksum_of_log(from_file(__package__, "export_events"))


def _reads(conninfo: str, day: date) -> dict[str, PostgresRows]:
    queries = {
        "stored_events": from_file(__package__, "export_events"),
        "counted_events": log_content(),
        "dropped_events": from_file(__package__, "dropped_events"),
    }
    return {view: PostgresRows(conninfo, query.text, (day,)) for view, query in queries.items()}
