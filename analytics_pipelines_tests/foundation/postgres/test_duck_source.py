"""Rows of PostgreSQL in DuckDB: exact values, one snapshot, no secret in an error."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime

import psycopg
import pytest
from duckdb import DuckDBPyConnection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics_pipelines.foundation.errors import Unavailable
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.postgres.duck_source import PostgresRows, with_values
from analytics_pipelines.foundation.postgres.urls import DatabaseUrls, conninfo, parsed
from analytics_pipelines.foundation.select import Select
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.foundation.tables import Column, Table, Type
from analytics_pipelines_tests.conftest import PostgresServer

DAY = date(2026, 1, 1)
NUMBERS = Table(
    name="raw_test__numbers",
    room="test",
    grain="one number",
    partition="any day",
    key=("id",),
    columns=(Column(name="id", type=Type.INT, meaning="the number"),),
)


@pytest.fixture
def cursor(lake: Lake) -> Iterator[DuckDBPyConnection]:
    with lake.duck.cursor() as found:
        yield found


def first_row(cursor: DuckDBPyConnection, rows: PostgresRows) -> tuple[object, ...] | None:
    rows.mount(cursor, "v")
    return cursor.execute("SELECT * FROM v").fetchone()


def test_parameters_keep_their_types(cursor: DuckDBPyConnection, database_urls: DatabaseUrls) -> None:
    values = ("it's \\ ü $1", 7, 1.5, True, DAY, datetime(2026, 1, 1, 5, tzinfo=UTC), None)
    query = "SELECT $1::text a, $2::bigint b, $3::float8 c, $4 d, $5 e, $6 f, $7::int g -- $9\n;"
    assert first_row(cursor, PostgresRows(conninfo(database_urls.app), query, values)) == values


@pytest.mark.parametrize(
    ("query", "written"),
    [
        pytest.param("SELECT '$1', \"$1\", $1", "SELECT '$1', \"$1\", 5", id="not in quotes"),
        pytest.param("SELECT 'it''s $1' /* $2 ' */ , $1;", "SELECT 'it''s $1'   , 5", id="not in comments"),
        pytest.param("SELECT $1, $2 -- the ' end", "SELECT 5, 'x'", id="a comment at the end goes"),
    ],
)
def test_only_parameters_are_replaced(query: str, written: str) -> None:
    assert with_values(query, (5, "x")) == written


def test_a_number_past_the_parameters_is_an_error() -> None:
    with pytest.raises(IndexError):
        with_values("SELECT $2", (1,))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.text(st.characters(codec="utf-8", exclude_characters="\x00")))
def test_no_text_breaks_out_of_its_quotes(cursor: DuckDBPyConnection, database_urls: DatabaseUrls, value: str) -> None:
    assert first_row(cursor, PostgresRows(conninfo(database_urls.app), "SELECT $1 AS a", (value,))) == (value,)


def test_rows_and_their_count_are_of_one_snapshot(lake: Lake, database_urls: DatabaseUrls) -> None:
    with psycopg.connect(conninfo(database_urls.owner), autocommit=True) as owner:
        owner.execute("CREATE SCHEMA numbers GRANT USAGE ON SCHEMA numbers TO analytics_app")
        owner.execute("CREATE TABLE numbers.number AS SELECT generate_series(1, 1000) AS id")
        owner.execute("GRANT SELECT ON numbers.number TO analytics_app")
        running = threading.Event()

        def insert() -> None:
            while not running.wait(0.01):
                owner.execute("INSERT INTO numbers.number SELECT max(id) + 1 FROM numbers.number")

        writer = threading.Thread(target=insert)
        writer.start()
        slow = "SELECT number.id FROM numbers.number CROSS JOIN (SELECT pg_sleep(0.3)) AS slept"
        source = conninfo(database_urls.app)
        select = Select(
            Sql("SELECT id FROM rows"),
            {"rows": PostgresRows(source, slow), "counted": PostgresRows(source, "SELECT id FROM numbers.number")},
            expected_rows=Sql("SELECT count(*) FROM counted"),
        )
        try:
            with lake.stage(NUMBERS, DAY, select) as staged:
                staged.must_pass()
        finally:
            running.set()
            writer.join()
        now = owner.execute("SELECT count(*) FROM numbers.number").fetchone()
    assert now is not None
    assert 1000 <= staged.manifest.rows < now[0]


def test_the_source_is_only_read(cursor: DuckDBPyConnection, database_urls: DatabaseUrls) -> None:
    first_row(cursor, PostgresRows(conninfo(database_urls.owner), "SELECT 1 AS a"))
    alias = cursor.execute(
        "SELECT database_name FROM duckdb_databases() WHERE database_name LIKE 'postgres_%'"
    ).fetchone()
    assert alias is not None
    with pytest.raises(Exception, match="read-only"):
        cursor.execute(Sql("CREATE TABLE {alias}.public.t (a int)").fill(alias=Sql(alias[0])).text)


def test_a_source_has_no_versions_and_hides_its_password(database_urls: DatabaseUrls) -> None:
    rows = PostgresRows(conninfo(database_urls.app), "SELECT 1")
    assert rows.versions == ()
    assert str(parsed(database_urls.app).password) not in repr(rows)


def test_a_source_that_is_away_is_unavailable_and_tells_no_secret(cursor: DuckDBPyConnection) -> None:
    with pytest.raises(Unavailable) as raised:
        PostgresRows("host=/nowhere user=u password=secret dbname=d", "SELECT 1").mount(cursor, "v")
    assert "secret" not in str(raised.value)
    assert raised.value.__suppress_context__


def test_a_source_that_goes_away_in_the_middle_is_unavailable(
    lake: Lake, database_urls: DatabaseUrls, postgres_server: PostgresServer
) -> None:
    source = PostgresRows(conninfo(database_urls.app), "SELECT id, pg_sleep(5)::text FROM generate_series(1, 3) AS id")
    select = Select(Sql("SELECT id FROM rows"), {"rows": source})

    def kill() -> None:
        query = (
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE 'COPY%%' AND datname = %s"
        )
        with psycopg.connect(postgres_server.superuser(), autocommit=True) as superuser:
            while superuser.execute(query, [parsed(database_urls.app).database]).fetchone() == (0,):
                time.sleep(0.05)

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(Unavailable), lake.stage(NUMBERS, DAY, select):
        pass
    killer.join()
    assert lake.days(NUMBERS) == []
