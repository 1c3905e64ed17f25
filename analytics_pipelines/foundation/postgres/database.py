"""One pooled engine per process; every statement has a deadline and its process's name on it."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, create_engine

from analytics_pipelines.foundation.postgres.failures import explained
from analytics_pipelines.foundation.postgres.urls import parsed, with_driver
from analytics_pipelines.foundation.settings import Settings

CONNECT_TIMEOUT_S = 5
POOL_WAIT_S = 5.0


class Database:
    """Connections to one PostgreSQL database as one role, shared by the threads of a process.

    `name` is what `pg_stat_activity` shows. Times come back aware, in UTC. Statements stop after
    `statement_timeout_s`, by default that of the settings, with `TimedOut`.
    """

    def __init__(self, url: str, *, name: str, settings: Settings, statement_timeout_s: float | None = None) -> None:
        self.url = with_driver(url)
        timeout_s = statement_timeout_s or settings.database_statement_timeout_s
        self.engine = create_engine(
            self.url,
            pool_size=settings.database_pool_size,
            max_overflow=settings.database_max_overflow,
            pool_timeout=POOL_WAIT_S,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={
                "application_name": name,
                "connect_timeout": CONNECT_TIMEOUT_S,
                "options": _session(self.url, timeout_s),
            },
        )

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection in a read-only transaction; raises `Unavailable` when the server is away."""
        with explained(), self.engine.connect() as connection:
            yield connection.execution_options(postgresql_readonly=True)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction, committed at the end and rolled back on an error; raises `Unavailable`.

        An `Unavailable` at the end does not say whether the commit was done.
        """
        with explained(), self.engine.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close the idle connections; the object can be used again."""
        self.engine.dispose()


def _session(url: str, statement_timeout_s: float) -> str:
    """Options of the session; ours come last and win over those of the URL."""
    given = parsed(url).query.get("options", "")
    ours = "-c timezone=UTC -c statement_timeout=" + str(int(statement_timeout_s * 1000))
    return " ".join(filter(None, [given if isinstance(given, str) else " ".join(given), ours]))
