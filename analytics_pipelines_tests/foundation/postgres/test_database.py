"""Connections: who, how long, and what their failures become."""

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from analytics_pipelines.foundation.errors import TimedOut, Unavailable
from analytics_pipelines.foundation.postgres import database as database_module
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.postgres.urls import DatabaseUrls, parsed
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines_tests.conftest import PostgresServer, settings_in

KILL = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = %s"


@pytest.fixture
def notes(owner_database: Database) -> Iterator[Database]:
    """The database as the owner, with a small table."""
    with owner_database.writing() as connection:
        connection.execute(text("CREATE SCHEMA notes"))
        connection.execute(text("CREATE TABLE notes.note (id int PRIMARY KEY)"))
    return owner_database


def ids(database: Database) -> list[int]:
    with database.reading() as connection:
        return list(connection.execute(text("SELECT id FROM notes.note ORDER BY id")).scalars())


def insert(database: Database, number: int) -> None:
    with database.writing() as connection:
        connection.execute(text("INSERT INTO notes.note VALUES (:id)"), {"id": number})


@pytest.mark.parametrize(
    ("given", "timeout"),
    [
        pytest.param({}, "30s", id="the settings' own"),
        pytest.param({"statement_timeout_s": 0.5}, "500ms", id="one for this process"),
    ],
)
def test_a_session_is_named_in_utc_and_has_a_deadline(
    database_urls: DatabaseUrls, settings: Settings, given: dict[str, float], timeout: str
) -> None:
    url = parsed(database_urls.app).update_query_dict({"options": "-c work_mem=5MB -c timezone=CET"})
    database = Database(url.render_as_string(hide_password=False), name="test", settings=settings, **given)
    wanted = {"application_name": "test", "timezone": "UTC", "statement_timeout": timeout, "work_mem": "5MB"}
    with database.reading() as connection:
        assert {key: connection.execute(text("SHOW " + key)).scalar() for key in wanted} == wanted
        assert connection.execute(text("SELECT now()")).scalar_one().utcoffset().total_seconds() == 0
    database.close()


def test_writing_commits_at_the_end_and_rolls_back_on_an_error(notes: Database) -> None:
    insert(notes, 1)
    both = text("WITH stored AS (INSERT INTO notes.note VALUES (2)) SELECT 1 / 0")
    with pytest.raises(DBAPIError, match="division"), notes.writing() as connection:
        connection.execute(both)
    assert ids(notes) == [1]


def test_reading_refuses_to_write_and_leaves_no_trace_on_the_connection(notes: Database) -> None:
    with pytest.raises(DBAPIError, match="read-only"), notes.reading() as connection:
        connection.execute(text("INSERT INTO notes.note VALUES (3)"))
    insert(notes, 4)
    assert ids(notes) == [4]


def test_a_statement_at_fault_stays_what_it_is_and_shows_no_values(notes: Database) -> None:
    insert(notes, 525_252)
    with pytest.raises(IntegrityError) as raised:
        insert(notes, 525_252)
    assert "parameters hidden" in str(raised.value)


def test_past_its_deadline_a_statement_is_stopped(database_urls: DatabaseUrls, settings: Settings) -> None:
    database = Database(database_urls.app, name="test", settings=settings, statement_timeout_s=0.1)
    with pytest.raises(TimedOut, match="DATABASE_STATEMENT_TIMEOUT_S"), database.reading() as connection:
        connection.execute(text("SELECT pg_sleep(5)"))
    database.close()


def test_after_the_server_dropped_our_connections_the_next_use_works(
    notes: Database, postgres_server: PostgresServer
) -> None:
    insert(notes, 5)
    with psycopg.connect(postgres_server.superuser(), autocommit=True) as superuser:
        superuser.execute(KILL, [parsed(notes.url).database])
    assert ids(notes) == [5]


def test_a_connection_lost_in_the_middle_is_unavailable(notes: Database, postgres_server: PostgresServer) -> None:
    def insert_and_lose() -> None:
        with notes.writing() as connection:
            connection.execute(text("INSERT INTO notes.note VALUES (6)"))
            with psycopg.connect(postgres_server.superuser(), autocommit=True) as superuser:
                superuser.execute(KILL, [parsed(notes.url).database])
            connection.execute(text("SELECT 1"))

    with pytest.raises(Unavailable) as raised:
        insert_and_lose()
    assert str(parsed(notes.url).password) not in str(raised.value)
    assert ids(notes) == []


def test_a_server_that_is_away_is_unavailable(settings: Settings) -> None:
    database = Database("postgresql://u:secret@/d?host=/nowhere", name="test", settings=settings)
    with pytest.raises(Unavailable) as raised, database.reading():
        pass
    assert "secret" not in str(raised.value)


def test_when_every_connection_is_busy_the_wait_is_short(
    database_urls: DatabaseUrls, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "POOL_WAIT_S", 0.05)
    one = settings_in(settings.analytics_home, database_pool_size=1, database_max_overflow=0)
    database = Database(database_urls.app, name="test", settings=one)
    with database.reading(), pytest.raises(Unavailable, match="busy"), database.reading():
        pass
    database.close()
