"""A PostgreSQL with a table of events that have a jsonb document each, as products have them."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from analytics_pipelines.foundation.postgres.embedded import EmbeddedServer
from analytics_pipelines.foundation.postgres.urls import DatabaseUrls, conninfo
from analytics_pipelines.foundation.settings import Settings

MAKE = """
CREATE TABLE public.events (
    id bigint PRIMARY KEY, user_id integer NOT NULL, kind text NOT NULL, url text, seen_at timestamptz NOT NULL,
    price numeric(12, 2), is_new boolean, score double precision, props jsonb
)
"""
FILL = """
INSERT INTO public.events
SELECT
    i, (i * 7919) %% 100000, (array['click', 'view', 'buy', 'login'])[1 + i %% 4],
    'https://example.com/p/' || (i * 31) %% 5000 || '?q=' || md5(i::text),
    timestamptz '2026-01-01' + i * interval '1 second', round(((i * 37) %% 100000) / 100.0, 2), i %% 3 = 0, sqrt(i),
    jsonb_build_object(
        'n', i %% 977, 'tag', md5((i %% 1000)::text), 'list', jsonb_build_array(i %% 7, i %% 11),
        'nested', jsonb_build_object('a', i %% 13, 'b', repeat('x', (i %% 20)::integer))
    )
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS i
"""
ACCOUNTS = (
    "CREATE TABLE public.accounts (id integer PRIMARY KEY, balance bigint NOT NULL)",
    "INSERT INTO public.accounts SELECT i, 0 FROM generate_series(1, 100000) AS i",
    "VACUUM ANALYZE public.accounts",
)
"""What the application beside reads and writes."""
CHANGE = "UPDATE public.events SET score = score + 1 WHERE id %% 100 = %(nth)s"


@contextmanager
def source(rows: int) -> Iterator[DatabaseUrls]:
    """A server with so many events, in a folder that goes with it."""
    with tempfile.TemporaryDirectory(prefix="export-source-") as folder:
        server = EmbeddedServer(Settings(_env_file=None, analytics_home=Path(folder)))
        urls = server.start()
        try:
            with connected(urls) as connection:
                connection.execute(MAKE.encode())
                for statement in ACCOUNTS:
                    connection.execute(statement.encode())
            grown_to(urls, rows)
            yield urls
        finally:
            server.stop()


def grown_to(urls: DatabaseUrls, rows: int) -> None:
    """Add events until there are so many."""
    with connected(urls) as connection:
        found = connection.execute("SELECT coalesce(max(id), 0) FROM public.events").fetchone()
        first = int(found[0] if found else 0) + 1
        connection.execute(FILL.encode(), {"first": first, "last": rows})
        connection.execute("VACUUM ANALYZE public.events")


def one_in_a_hundred_changed(urls: DatabaseUrls, nth: int) -> None:
    """Change one percent of the events."""
    with connected(urls) as connection:
        connection.execute(CHANGE.encode(), {"nth": nth})


def connected(urls: DatabaseUrls) -> psycopg.Connection:
    """As the owner, each statement for itself."""
    return psycopg.connect(conninfo(urls.owner), autocommit=True)
