"""What goes wrong with a database, in one clear line and without a secret."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import URL, literal, select

from analytics_pipelines.foundation.errors import AnalyticsError, DiskFull, TimedOut, Unavailable
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.postgres.failures import (
    NotMigrated,
    RightMissing,
    TextNotStorable,
    WrongDatabaseUrl,
    check,
    explained,
    meaning,
)
from analytics_pipelines.foundation.postgres.migrate import migrate
from analytics_pipelines.foundation.postgres.urls import DRIVER, DatabaseUrls, parsed


def wrong(urls: DatabaseUrls, **parts: str) -> str:
    changed: URL = parsed(urls.app).set(**parts)
    return changed.render_as_string(hide_password=False)


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        pytest.param({"password": "secret-2"}, "refuses the user or the password", id="password"),
        pytest.param({"username": "nobody_here"}, "refuses the user or the password", id="user"),
        pytest.param({"database": "nowhere"}, "no database of that name", id="database"),
    ],
)
def test_a_server_that_refuses_us_says_which_part_is_wrong(
    database_urls: DatabaseUrls, parts: dict[str, str], told: str
) -> None:
    url = wrong(database_urls, **parts)
    with pytest.raises(WrongDatabaseUrl, match=told) as raised:
        check(url)
    assert "DATABASE_URL" in str(raised.value)
    assert str(parsed(url).password) not in str(raised.value)
    assert "\n" not in str(raised.value)


@contextmanager
def something_that_answers(with_what: bytes) -> Iterator[int]:
    """A port where the first caller gets these bytes and nothing else."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(100)
                connection.sendall(with_what)

        threading.Thread(target=answer, daemon=True).start()
        yield listener.getsockname()[1]


@pytest.mark.parametrize(
    "with_what", [pytest.param(b"HTTP/1.1 400 Bad\r\n\r\n", id="HTTP"), pytest.param(b"", id="silence")]
)
def test_what_is_not_postgresql_is_called_so(with_what: bytes) -> None:
    with something_that_answers(with_what) as port, pytest.raises(WrongDatabaseUrl, match="not PostgreSQL"):
        check("postgresql://u:secret@127.0.0.1:" + str(port) + "/d?sslmode=disable")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        pytest.param(DRIVER + "://u:secret@127.0.0.1:1/d", "Nothing listens", id="port"),
        pytest.param(DRIVER + "://u:secret@host.invalid/d", "host is not known", id="host"),
        pytest.param(DRIVER + "://u:secret@/d?host=/nowhere", "socket", id="socket"),
        pytest.param(DRIVER + "://u:secret@/d?host=/nowhere&sslmode=nonsense", "can not be reached", id="option"),
    ],
)
def test_a_server_that_is_not_there_is_called_so(url: str, told: str) -> None:
    with pytest.raises(WrongDatabaseUrl, match=told) as raised:
        migrate(url, url)
    assert "secret" not in str(raised.value)


def test_an_owner_that_can_not_be_reached_is_called_by_its_own_variable(database_urls: DatabaseUrls) -> None:
    with pytest.raises(WrongDatabaseUrl, match="DATABASE_OWNER_URL"):
        migrate(DRIVER + "://u:secret@127.0.0.1:1/d", database_urls.app)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        pytest.param(errors.QueryCanceled(), TimedOut, id="past the statement's deadline"),
        pytest.param(errors.DiskFull(), DiskFull, id="disk full"),
        pytest.param(errors.AdminShutdown(), Unavailable, id="shut down"),
        pytest.param(errors.TooManyConnections(), Unavailable, id="too many connections"),
        pytest.param(errors.ConnectionFailure(), Unavailable, id="connection lost"),
        pytest.param(psycopg.OperationalError("connection failed"), Unavailable, id="no connection at all"),
        pytest.param(errors.UndefinedTable(), NotMigrated, id="no such table"),
        pytest.param(errors.InvalidSchemaName(), NotMigrated, id="no such schema"),
        pytest.param(errors.UndefinedFunction(), NotMigrated, id="no such function"),
        pytest.param(errors.InsufficientPrivilege(), RightMissing, id="no right"),
        pytest.param(errors.UniqueViolation(), type(None), id="statement at fault"),
        pytest.param(errors.DeadlockDetected(), type(None), id="deadlock: may be tried again by who knows"),
        pytest.param(ValueError(), type(None), id="no error of the driver"),
    ],
)
def test_errors_of_the_driver_have_a_meaning(error: Exception, kind: type[AnalyticsError | None]) -> None:
    assert isinstance(meaning(error), kind)


@pytest.mark.parametrize("text", [pytest.param("a\x00b", id="NUL"), pytest.param("\ud800", id="half a pair")])
def test_a_text_that_postgresql_takes_in_no_value_is_the_callers_mistake(database: Database, text: str) -> None:
    with pytest.raises(TextNotStorable, match="half of a surrogate pair") as raised, database.reading() as connection:
        connection.execute(select(literal(text)))
    assert "SELECT" not in str(raised.value)


def test_a_bare_error_of_the_driver_is_explained_or_passed_on() -> None:
    with pytest.raises(Unavailable), explained():
        raise psycopg.OperationalError("connection failed: password=secret")
    with pytest.raises(errors.UniqueViolation), explained():
        raise errors.UniqueViolation
