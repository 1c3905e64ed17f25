"""One snapshot for all connections of a run, how old it may grow, and what goes wrong with the source."""

import threading
from dataclasses import replace

import psycopg
import pytest

from analytics_pipelines.foundation.errors import Unavailable
from analytics_pipelines.foundation.postgres.failures import RightMissing, WrongDatabaseUrl
from analytics_pipelines.foundation.postgres.urls import conninfo
from analytics_pipelines.product_export.source.failures import SourceLocked, SourceRefused, SourceTooSlow
from analytics_pipelines.product_export.source.session import SnapshotTooOld, SourceLimits, open_snapshot

LIMITS = SourceLimits(
    connections=2, duty_pct=100, statement_timeout_s=60, lock_timeout_s=5, idle_timeout_s=60, snapshot_max_age_s=60
)


@pytest.fixture
def source(database_urls):
    return conninfo(database_urls.owner)


@pytest.fixture
def writer(source):
    with psycopg.connect(source, autocommit=True) as connection:
        connection.execute("CREATE TABLE things (id bigint PRIMARY KEY)")
        connection.execute("INSERT INTO things VALUES (1)")
        yield connection


def count(connection):
    return connection.execute("SELECT count(*) FROM things").fetchone()[0]


def test_others_read_the_same_moment_however_late_they_come(source, writer):
    with open_snapshot(source, LIMITS) as snapshot:
        writer.execute("INSERT INTO things VALUES (2)")
        with psycopg.connect(source) as other:
            other.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            other.execute(f"SET TRANSACTION SNAPSHOT '{snapshot.exported_id}'".encode())
            assert (count(snapshot.connection), count(other), count(writer)) == (1, 1, 2)


def test_the_moment_names_snapshot_server_and_time(source, writer):
    with open_snapshot(source, LIMITS) as snapshot:
        asked = (
            "SELECT CAST(pg_current_snapshot() AS text), CAST(current_setting('server_version_num') AS integer), now()"
        )
        moment = snapshot.moment
        assert snapshot.connection.execute(asked).fetchone() == (
            moment.snapshot,
            moment.server_version,
            moment.taken_at,
        )
    with psycopg.connect(source) as connection:
        database = connection.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone()
        cluster = connection.execute("SELECT CAST(system_identifier AS text) FROM pg_control_system()").fetchone()
    assert ((moment.database_oid,), (moment.system_identifier,), moment.timeline) == (database, cluster, 1)
    assert moment.taken_at.tzinfo is not None


def test_two_moments_of_one_server_are_in_order(source, writer):
    with open_snapshot(source, LIMITS) as first:
        pass
    writer.execute("INSERT INTO things VALUES (2)")
    with open_snapshot(source, LIMITS) as second:
        assert second.moment.xmax > first.moment.xmax
        assert replace(second.moment, snapshot="", taken_at=first.moment.taken_at) == replace(first.moment, snapshot="")


def test_nothing_can_be_written(source, writer):
    with pytest.raises(SourceRefused, match="stopped the reading"), open_snapshot(source, LIMITS) as snapshot:
        snapshot.connection.execute("INSERT INTO things VALUES (3)")
    assert count(writer) == 1


def test_only_access_share_is_locked(source, writer):
    with open_snapshot(source, LIMITS) as snapshot:
        count(snapshot.connection)
        held = writer.execute(
            "SELECT DISTINCT mode FROM pg_locks WHERE pid = %s AND locktype = 'relation'",
            (snapshot.connection.info.backend_pid,),
        )
        assert held.fetchall() == [("AccessShareLock",)]


def test_a_snapshot_past_its_age_is_refused(source):
    now = [0.0]
    with open_snapshot(source, LIMITS, clock=lambda: now[0]) as snapshot:
        now[0] = 60.0
        snapshot.must_be_young()
        now[0] = 60.1
        with pytest.raises(SnapshotTooOld, match=r"Limit: 60 s\. Raise EXPORT_SNAPSHOT_MAX_AGE_S"):
            snapshot.must_be_young()


def test_the_server_ends_the_snapshot_of_an_exporter_that_hangs(source):
    limits = replace(LIMITS, idle_timeout_s=0.2)

    def hang(snapshot):
        threading.Event().wait(0.6)
        snapshot.connection.execute("SELECT 1")

    with pytest.raises(SnapshotTooOld, match="the source ended it"), open_snapshot(source, limits) as snapshot:
        hang(snapshot)


def test_a_statement_past_its_time_says_which_setting_to_raise(source):
    limits = replace(LIMITS, statement_timeout_s=0.1)
    with pytest.raises(SourceTooSlow, match="EXPORT_STATEMENT_TIMEOUT_S"), open_snapshot(source, limits) as snapshot:
        snapshot.connection.execute("SELECT pg_sleep(5)")


def test_a_table_that_is_altered_meanwhile_is_not_waited_for(source, writer):
    limits = replace(LIMITS, lock_timeout_s=0.1)
    with psycopg.connect(source) as altering:
        altering.execute("ALTER TABLE things ADD COLUMN name text")
        with pytest.raises(SourceLocked, match="locked by somebody"), open_snapshot(source, limits) as snapshot:
            count(snapshot.connection)


def test_a_missing_right_names_the_table(database_urls, writer):
    with (
        pytest.raises(RightMissing, match=r"may not read things.*GRANT SELECT"),
        open_snapshot(conninfo(database_urls.app), LIMITS) as snapshot,
    ):
        count(snapshot.connection)


def test_a_name_that_is_not_there_is_told(source):
    with (
        pytest.raises(SourceRefused, match='relation "nowhere" does not exist'),
        open_snapshot(source, LIMITS) as snapshot,
    ):
        snapshot.connection.execute("SELECT * FROM nowhere")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("password=wrong", "refuses the user or the password"),
        ("dbname=nowhere", "no database of that name"),
        ("user=nobody_of_us", "refuses the user or the password|knows no such user"),
        ("host=127.0.0.1 port=9", "Nothing listens"),
        ("host=nowhere.invalid", "host is not known"),
    ],
)
def test_a_wrong_url_is_told_in_one_line_without_its_password(source, change, told):
    with pytest.raises(WrongDatabaseUrl, match=told) as raised, open_snapshot(source + " " + change, LIMITS):
        pass
    password = psycopg.conninfo.conninfo_to_dict(source)["password"]
    assert password not in str(raised.value)
    assert raised.value.__cause__ is None


def test_a_source_that_goes_away_is_told_as_such(source, postgres_server):
    def ended(snapshot):
        with psycopg.connect(postgres_server.superuser(), autocommit=True) as superuser:
            superuser.execute("SELECT pg_terminate_backend(%s)", (snapshot.connection.info.backend_pid,))
        snapshot.connection.execute("SELECT 1")

    with pytest.raises(Unavailable, match="went away"), open_snapshot(source, LIMITS) as snapshot:
        ended(snapshot)


def test_no_connection_stays_behind(source, writer):
    with open_snapshot(source, LIMITS) as snapshot:
        pass
    assert snapshot.connection.closed
