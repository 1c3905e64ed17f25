"""Which PostgreSQL: the one that `DATABASE_URL` names, or the embedded server that runs now."""

import fcntl
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from pydantic import SecretStr
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from analytics_pipelines.foundation.errors import SetupError, Unavailable
from analytics_pipelines.foundation.home import Home
from analytics_pipelines.foundation.settings import Settings

DRIVER = "postgresql+psycopg"
NOT_RUNNING = "Start it with `analytics up`, or set DATABASE_URL."


@dataclass(frozen=True, slots=True)
class DatabaseUrls:
    """SQLAlchemy URLs with the psycopg driver, one per role; kept out of `repr`, since they hold passwords."""

    app: str = field(repr=False)
    """API and runs: reads and writes rows, can not change the schema."""
    owner: str = field(repr=False)
    """Owns the tables; only migrations use it."""
    source: str = field(repr=False)
    """What the product export reads."""


def connection_file(home: Home) -> Path:
    """Where a running embedded server says how to reach it."""
    return home.postgres / "connection.json"


def supervisor_lock(home: Home) -> Path:
    """Locked by the one process that runs the embedded server."""
    return home.postgres / "supervisor.lock"


def database_urls(settings: Settings) -> DatabaseUrls:
    """The URLs in force; raises `Unavailable` when the embedded server is needed and does not run."""
    if settings.database_url:
        return configured_urls(settings, settings.database_url)
    found = published_urls(settings)
    if found is None or not is_supervised(settings.home):
        raise Unavailable("The embedded database is not running.", remedy=NOT_RUNNING)
    return found


def configured_urls(settings: Settings, database_url: SecretStr) -> DatabaseUrls:
    """What `DATABASE_URL`, `DATABASE_OWNER_URL` and `SOURCE_DATABASE_URL` say; raises `SetupError`."""
    app = with_driver(database_url, "DATABASE_URL")
    owner, source = settings.database_owner_url, settings.source_database_url
    return DatabaseUrls(
        app=app,
        owner=with_driver(owner, "DATABASE_OWNER_URL") if owner else app,
        source=with_driver(source, "SOURCE_DATABASE_URL") if source else app,
    )


def published_urls(settings: Settings) -> DatabaseUrls | None:
    """What the connection file says, or None without one; a killed supervisor leaves a stale one behind."""
    try:
        found: dict[str, str] = json.loads(connection_file(settings.home).read_bytes())
        urls = DatabaseUrls(**found)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError:
        raise SetupError(
            "The embedded database belongs to another user.", remedy="Run as the user who owns ANALYTICS_HOME."
        ) from None
    except (ValueError, TypeError):
        return None
    source = settings.source_database_url
    return DatabaseUrls(urls.app, urls.owner, with_driver(source, "SOURCE_DATABASE_URL")) if source else urls


def as_json(urls: DatabaseUrls) -> bytes:
    """The content of the connection file."""
    return json.dumps(asdict(urls)).encode()


def is_supervised(home: Home) -> bool:
    """Whether a process holds the supervisor's lock."""
    try:
        descriptor = os.open(supervisor_lock(home), os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def with_driver(url: str | SecretStr, variable: str = "The database URL") -> str:
    """The URL (`postgresql://`, `postgres://`, any driver) with the psycopg driver; raises `SetupError`."""
    return parsed(url, variable).set(drivername=DRIVER).render_as_string(hide_password=False)


def parsed(url: str | SecretStr, variable: str = "The database URL") -> URL:
    """The URL in its parts; raises `SetupError`, which does not repeat it, since it holds a password."""
    text = url.get_secret_value() if isinstance(url, SecretStr) else url
    try:
        found = make_url(text)
    except (ArgumentError, ValueError):
        raise SetupError(
            variable + " is not a URL.", remedy="Write postgresql://user:password@host:5432/database."
        ) from None
    if found.get_backend_name() not in {"postgresql", "postgres"}:
        raise SetupError(variable + " does not name PostgreSQL.", remedy="Write postgresql://… .")
    return found


def conninfo(url: str) -> str:
    """The URL as libpq's keyword string, for psycopg and DuckDB's ATTACH; holds the password."""
    found = parsed(url)
    given: dict[str, Any] = {
        "host": found.host,
        "port": found.port,
        "user": found.username,
        "password": found.password,
        "dbname": found.database,
    }
    try:
        return make_conninfo("", **{key: value for key, value in (given | _options(found.query)).items() if value})
    except psycopg.ProgrammingError as error:
        raise SetupError("The database URL has an option that libpq does not know.", remedy=str(error)) from None


def _options(query: Mapping[str, str | tuple[str, ...]]) -> dict[str, str]:
    return {key: value if isinstance(value, str) else ",".join(value) for key, value in query.items()}
