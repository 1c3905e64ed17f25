"""PostgreSQL's files hold deleted rows until their tables are written anew."""

from pathlib import Path

import psycopg
import pytest

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.postgres.urls import DatabaseUrls, conninfo
from analytics_pipelines.operations.erasure import rewrite as rewriting
from analytics_pipelines.operations.erasure.log import erase_from_log
from analytics_pipelines.operations.erasure.rewrite import LogTooBusy, rewrite
from analytics_pipelines.operations.erasure.visitor import Visitor
from analytics_pipelines_tests.operations.visitors import NOON, SITE, files_with, receipt, refusal, store

ANNA = "anna-" + "0123456789" * 3
LARGE = '{"properties": {"who": "' + ANNA + '", "text": "' + "x" * 5000 + '"}}'


@pytest.fixture
def data(postgres_server, database: Database) -> Path:
    """The folder of the server's files, in which its processes work."""
    with psycopg.connect(postgres_server.superuser()) as connection:
        return Path("/proc", str(connection.info.backend_pid), "cwd").readlink()


def flushed(postgres_server) -> None:
    with psycopg.connect(postgres_server.superuser(), autocommit=True) as connection:
        connection.execute("CHECKPOINT")


def held(data: Path) -> set[str]:
    """Files of tables, indexes, statistics… that hold the visitor; not the write-ahead log."""
    return files_with(data, [ANNA], leave=("pg_wal/",))


def analyzed(urls: DatabaseUrls) -> None:
    """Frequent values go into the statistics, of the partitions and of the whole."""
    with psycopg.connect(conninfo(urls.owner), autocommit=True) as connection:
        connection.execute("ANALYZE web_events.event_log")


def delete(database: Database) -> None:
    with database.writing() as connection:
        erase_from_log(connection, Visitor(SITE, frozenset({ANNA})), NOON)


def test_no_file_of_a_table_holds_the_visitor_afterwards(database, database_urls, postgres_server, data) -> None:
    events = [receipt(ANNA + str(number), ANNA, payload=LARGE) for number in range(20)]
    store(database, [*events, refusal("f1", b'{"visitorId": "' + ANNA.encode() + b'"}'), receipt("other", "ben")])
    analyzed(database_urls)
    delete(database)
    flushed(postgres_server)
    assert len(held(data)) >= 4
    assert rewrite(database_urls.owner, [NOON.date()]) == []
    flushed(postgres_server)
    assert held(data) == set()


def test_a_role_that_owns_no_table_is_told_of(database, database_urls) -> None:
    store(database, [receipt("1", ANNA)])
    told = rewrite(database_urls.app, [NOON.date()])
    assert told == ["event_log_20261120", "failed_event", "event_key", "pg_statistic"]


def test_a_day_without_a_partition_is_passed_over(database, database_urls) -> None:
    assert rewrite(database_urls.owner, [NOON.date()]) == []


def test_who_reads_a_table_for_too_long_is_not_waited_for(database, database_urls, monkeypatch) -> None:
    monkeypatch.setattr(rewriting, "LOCK_WAIT_S", 0.05)
    monkeypatch.setattr(rewriting, "TRIES", 2)
    store(database, [receipt("1", ANNA)])
    with psycopg.connect(conninfo(database_urls.app)) as reader:
        reader.execute("SELECT * FROM web_events.event_log")
        with pytest.raises(LogTooBusy, match="event_log_20261120 is in use"):
            rewrite(database_urls.owner, [NOON.date()])
    assert rewrite(database_urls.owner, [NOON.date()]) == []
