"""Which rows, heaps and moments count as newer than an earlier moment."""

from dataclasses import replace
from datetime import UTC, datetime

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.foundation.postgres.urls import conninfo
from analytics_pipelines.product_export.source.describe import describe
from analytics_pipelines.product_export.source.moment import Moment
from analytics_pipelines.product_export.source.since import (
    MOST_TRANSACTIONS,
    WIDTH,
    attached_since,
    broken_since,
    changed_since,
    of_heaps,
)
from analytics_pipelines.product_export.wishes import TableWish
from analytics_pipelines_tests.counts import examples

FIRST_NORMAL = 3
BEFORE = Moment(
    snapshot="100:110:100,105",
    system_identifier="7",
    database_oid=5,
    timeline=1,
    server_version=180004,
    taken_at=datetime(2026, 3, 1, tzinfo=UTC),
)


def moment(snapshot):
    return replace(BEFORE, snapshot=snapshot)


@pytest.fixture(scope="module")
def counting(postgres_server):
    with psycopg.connect(postgres_server.superuser()) as connection:
        (now,) = connection.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint").fetchone()
        yield connection, now


def is_changed(connection, xid, previous):
    """What the condition says of a row that the transaction of that number wrote, as its 32 bits are kept."""
    rows = "FROM (SELECT '" + str(xid % WIDTH) + "'::xid AS xmin) AS one_row"
    return connection.execute("SELECT " + changed_since(previous).text + " " + rows).fetchone()[0]


@settings(max_examples=examples(200), deadline=None)
@given(passed=st.integers(1, MOST_TRANSACTIONS), age=st.integers(0, 2**31 - 2**20))
def test_numbers_are_compared_around_the_circle_of_32_bits(counting, passed, age):
    connection, now = counting
    # Earlier epochs are below zero here: only differences count.
    previous, xid = now - passed, now - 1 - age
    if min(previous % WIDTH, xid % WIDTH) >= FIRST_NORMAL:
        assert is_changed(connection, xid, moment(f"{previous}:{now}:")) == (xid >= previous)


def test_rows_older_than_half_the_circle_and_frozen_by_old_servers_are_unchanged(counting):
    connection, now = counting
    previous = moment(f"{now - 5}:{now}:")
    assert not is_changed(connection, now - 2**31 - 7, previous)
    assert not is_changed(connection, 2, previous)
    assert is_changed(connection, now - 1, previous)


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        pytest.param(moment("105:120:105"), None, id="one still runs, others began"),
        pytest.param(moment("110:110:"), None, id="all have ended"),
        pytest.param(BEFORE, None, id="the same"),
        pytest.param(replace(BEFORE, system_identifier="8"), "it is of another server", id="server"),
        pytest.param(replace(BEFORE, database_oid=6), "it is of another database", id="database"),
        pytest.param(replace(BEFORE, timeline=2), "it is of another timeline", id="timeline"),
        pytest.param(moment("99:110:99,100,105"), "the source is at an earlier state", id="an older transaction runs"),
        pytest.param(moment("100:109:100,105"), "the source is at an earlier state", id="fewer had begun"),
        pytest.param(moment("100:110:100,107"), "the source is at an earlier state", id="one that had ended runs"),
        pytest.param(moment(f"{100 + 2**30}:{100 + 2**30}:"), "2^30 transactions or more", id="too many"),
        pytest.param(moment(f"{99 + 2**30}:{99 + 2**30}:"), None, id="almost too many"),
    ],
)
def test_a_moment_of_another_history_can_not_be_built_on(now, reason):
    assert (broken_since(BEFORE, now) or "None").startswith(str(reason))


def test_only_what_was_attached_since_counts_as_new(database_urls):
    with psycopg.connect(conninfo(database_urls.owner), autocommit=True) as connection:
        for statement in (
            "CREATE TABLE t (a int, b int) PARTITION BY LIST (a)",
            "CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1)",
            "CREATE TABLE t2 (a int, b int) PARTITION BY LIST (b)",
            "CREATE TABLE t21 PARTITION OF t2 FOR VALUES IN (1)",
        ):
            connection.execute(statement)
        (snapshot, oid) = connection.execute("SELECT pg_current_snapshot()::text, 't'::regclass::oid::int").fetchone()
        connection.execute("ALTER TABLE t ATTACH PARTITION t2 FOR VALUES IN (2)")
        source = describe(connection, TableWish(schema="public", table="t", name="t"))
        found = attached_since(connection, source, moment(snapshot))
        rows = connection.execute("SELECT oid::regclass::text FROM pg_class WHERE oid = ANY (%s) ORDER BY 1", [found])
        assert [name for (name,) in rows] == ["t2", "t21"]
        assert source.oid == oid
    assert of_heaps([1, 2]).text == "tableoid IN (1, 2)"
