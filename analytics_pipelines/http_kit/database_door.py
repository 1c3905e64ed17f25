"""The process's database, found at its first use and again when the embedded server came back elsewhere."""

import threading

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.postgres.urls import connection_file, database_urls
from analytics_pipelines.foundation.settings import Settings

Mark = tuple[int, int] | None


class FollowedDatabase:
    """A `DatabaseDoor`; `name` is what `pg_stat_activity` shows."""

    def __init__(self, settings: Settings, *, name: str) -> None:
        self._settings = settings
        self._name = name
        self._guard = threading.Lock()
        self._database: Database | None = None
        self._seen: Mark = None

    def __call__(self) -> Database:
        """The database in force; raises `Unavailable` while the embedded server is needed and does not run."""
        mark = self._mark()
        with self._guard:
            if self._database is None or mark != self._seen:
                self._database = self._found()
                self._seen = mark
            return self._database

    def close(self) -> None:
        """Close the idle connections."""
        with self._guard:
            if self._database is not None:
                self._database.close()
                self._database = None

    def _found(self) -> Database:
        url = database_urls(self._settings).app
        if self._database is not None:
            if self._database.url == url:
                return self._database
            self._database.close()
        return Database(url, name=self._name, settings=self._settings)

    def _mark(self) -> Mark:
        """Changes whenever the embedded server says anew how to reach it; a server of one's own has none."""
        try:
            found = connection_file(self._settings.home).stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return found.st_ino, found.st_mtime_ns
