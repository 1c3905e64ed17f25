"""A database that answers, for as long as it is needed: somebody else's, a running one, or one of our own."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from analytics_pipelines.foundation.errors import Conflict, Unavailable
from analytics_pipelines.foundation.files import locked
from analytics_pipelines.foundation.postgres.failures import check
from analytics_pipelines.foundation.postgres.server.embedded_server import EmbeddedServer, users_file
from analytics_pipelines.foundation.postgres.server.process import POLL_S
from analytics_pipelines.foundation.postgres.server.readiness import lets_in
from analytics_pipelines.foundation.postgres.urls import (
    NOT_RUNNING,
    DatabaseUrls,
    configured_urls,
    conninfo,
    is_supervised,
    published_urls,
)
from analytics_pipelines.foundation.settings import Settings

__all__ = ["EmbeddedServer", "running_database"]

OTHERS_PATIENCE_S = 60.0


@contextmanager
def running_database(settings: Settings, *, start: bool = True) -> Iterator[DatabaseUrls]:
    """URLs of a database that answers, for as long as the block runs.

    With `DATABASE_URL` its own; else those of the embedded server that another process runs; else, with
    `start`, one that is started, migrated and stopped at the end, after others that use it (for a minute).
    Raises `Unavailable`, `SetupError`, or what `EmbeddedServer.start` raises.
    """
    if settings.database_url:
        urls = configured_urls(settings, settings.database_url)
        check(urls.app)
        yield urls
        return
    with ExitStack() as held:
        yield _attached_or_started(settings, held, start=start)


def _attached_or_started(settings: Settings, held: ExitStack, *, start: bool) -> DatabaseUrls:
    deadline = time.monotonic() + settings.embedded_postgres_start_timeout_s
    while True:
        if urls := _attached(settings, held):
            return urls
        if not start and not is_supervised(settings.home):
            raise Unavailable("The embedded database is not running.", remedy=NOT_RUNNING)
        if start and (urls := _started(settings, held)):
            return urls
        if time.monotonic() > deadline:
            raise Unavailable("The embedded database did not become ready.", remedy="See ANALYTICS_HOME/logs.")
        time.sleep(POLL_S)


def _started(settings: Settings, held: ExitStack) -> DatabaseUrls | None:
    """URLs of a server of our own; None when another process supervises it."""
    server = EmbeddedServer(settings)
    with suppress(Conflict):
        urls = server.start(wait_s=0)
        held.callback(server.stop, others_patience_s=OTHERS_PATIENCE_S)
        return urls
    return None


def _attached(settings: Settings, held: ExitStack) -> DatabaseUrls | None:
    """URLs of a server that is up, which its supervisor then keeps for us; None when there is none."""
    if published_urls(settings) is None or not is_supervised(settings.home):
        return None
    with ExitStack() as mine, suppress(Conflict):
        mine.enter_context(locked(users_file(settings.home), wait_s=1.0, shared=True))
        urls = published_urls(settings)
        if urls and lets_in(conninfo(urls.app)):
            held.push(mine.pop_all())
            return urls
    return None
