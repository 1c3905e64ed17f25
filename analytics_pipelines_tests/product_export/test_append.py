"""Which rows belong to a day, asked of PostgreSQL itself."""

from datetime import date

import psycopg
import pytest

from analytics_pipelines.foundation.postgres.urls import conninfo
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.product_export.append import UnsuitableDayColumn, in_day
from analytics_pipelines.product_export.masking import Mask
from analytics_pipelines.product_export.planning import plan_table
from analytics_pipelines.product_export.source.describe import describe
from analytics_pipelines.product_export.wishes import Mode, TableWish

TIMES = (
    "2026-03-01 23:59:59.999999+00",
    "2026-03-02 00:00:00+00",
    "2026-03-02 13:59:59+14",
    "2026-03-01 23:30:00-01",
    "2026-03-02 23:59:59.999999+00",
    "2026-03-03 00:00:00+00",
    "infinity",
    None,
)
IN_THE_DAY = ["2026-03-02 00:00:00+00", "2026-03-01 23:30:00-01", "2026-03-02 23:59:59.999999+00"]


@pytest.fixture
def connection(database_urls):
    with psycopg.connect(conninfo(database_urls.owner)) as connection:
        connection.execute("SET TIME ZONE 'Pacific/Kiritimati'")
        connection.execute("CREATE DOMAIN moment AS timestamptz")
        connection.execute(
            'CREATE TABLE log (said text, "at ""it" timestamptz, local timestamp, day date, again moment, number int)'
        )
        for said in TIMES:
            connection.execute(
                "INSERT INTO log SELECT s, s::timestamptz, s::timestamptz AT TIME ZONE 'UTC',"
                " (s::timestamptz AT TIME ZONE 'UTC')::date, s::timestamptz FROM (VALUES (%s::text)) AS v (s)",
                [said],
            )
        yield connection


def planned(connection, day_column):
    wish = TableWish(schema="public", table="log", name="log", mode=Mode.APPEND, day_column=day_column)
    return plan_table(describe(connection, wish), wish, Mask())


@pytest.mark.parametrize("column", ['at "it', "local", "day", "again"])
def test_a_row_is_of_the_utc_day_whatever_the_zone_of_the_session(connection, column):
    where = in_day(planned(connection, column), date(2026, 3, 2))
    rows = Sql("SELECT said FROM log WHERE {where}").fill(where=where)
    found = connection.execute(rows.text).fetchall()
    assert [said for (said,) in found] == IN_THE_DAY


def test_a_column_that_names_no_day_is_refused(connection):
    with pytest.raises(UnsuitableDayColumn, match=r"'number' of public\.log is int4"):
        in_day(planned(connection, "number"), date(2026, 3, 2))
    with pytest.raises(UnsuitableDayColumn, match="does not exist"):
        in_day(planned(connection, None), date(2026, 3, 2))
