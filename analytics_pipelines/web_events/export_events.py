"""From the event log to the lake: a day of receipt, read whole, so that nothing committed late is skipped."""

from datetime import date

from analytics_pipelines.foundation.postgres.duck_source import PostgresRows
from analytics_pipelines.foundation.select import Select
from analytics_pipelines.foundation.sql import Sql, from_file

STORED = Sql("SELECT * FROM stored_events")
COUNTED = Sql("SELECT row_count FROM counted_events")


def raw_events(conninfo: str, day: date) -> Select:
    """`raw_web__events` of one day; rows and their expected number come from one snapshot of PostgreSQL."""
    queries = {"stored_events": "export_events", "counted_events": "count_events_of_day"}
    reads = {
        view: PostgresRows(conninfo, from_file(__package__, query).text, (day,)) for view, query in queries.items()
    }
    return Select(STORED, reads, expected_rows=COUNTED)
