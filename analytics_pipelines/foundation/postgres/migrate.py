"""Migrations of all rooms, one linear branch each, applied as owner; then the app role's rights."""

import time
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

import analytics_pipelines
from analytics_pipelines.foundation.postgres.failures import check, explained
from analytics_pipelines.foundation.postgres.urls import parsed, with_driver
from analytics_pipelines.foundation.sql import Sql, from_file, name

SCHEMA = "migrations"
POLL_S = 0.2
LOCK_KEY = 4_850_071_329
"""Any number, as long as every version of the program takes the same."""
GRANTS = (
    "GRANT USAGE ON SCHEMA {schema} TO {app}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {app}",
    "GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {app}",
)


def migrate(owner_url: str, app_url: str) -> list[str]:
    """Revisions applied now, in order; a second process waits and then finds nothing to do.

    The role of `app_url` gets rows and sequences of every schema that the owner owns, nothing more.
    Raises `WrongDatabaseUrl`, `RightMissing`, or `Unavailable` when the server goes away meanwhile.
    """
    check(owner_url, "DATABASE_URL" if owner_url == app_url else "DATABASE_OWNER_URL")
    engine = create_engine(with_driver(owner_url), poolclass=NullPool, connect_args={"application_name": "migrate"})
    with explained(is_migrating=True), engine.connect() as connection:
        _wait_for_turn(connection)
        connection.exec_driver_sql(Sql("CREATE SCHEMA IF NOT EXISTS {schema}").fill(schema=name(SCHEMA)).text)
        connection.commit()
        applied = _upgraded(connection)
        app = parsed(app_url).username
        if app and app != parsed(owner_url).username:
            _grant(connection, app)
    return applied


def migration_folders() -> list[Path]:
    """Each room's `migrations`, in order."""
    found = {path for root in analytics_pipelines.__path__ for path in Path(root).glob("*/migrations")}
    return sorted(path for path in found if path.is_dir())


def _upgraded(connection: Connection) -> list[str]:
    folders = migration_folders()
    if not folders:
        return []
    config = Config()
    # A % is the configuration format's own sign; folders are separated by lines, so that any name may stand there.
    config.set_main_option("script_location", _escaped(Path(__file__).parent / "alembic"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(map(_escaped, folders)))
    applied: list[str] = []
    config.attributes.update(connection=connection, schema=SCHEMA, applied=applied)
    command.upgrade(config, "heads")
    connection.commit()
    return applied


def _escaped(path: Path) -> str:
    return str(path).replace("%", "%%")


def _wait_for_turn(connection: Connection) -> None:
    """Ask again and again: one who waits inside a statement would block CREATE INDEX CONCURRENTLY of the other."""
    attempt = text("SELECT pg_try_advisory_lock(:key)")
    while not connection.execute(attempt, {"key": LOCK_KEY}).scalar_one():
        connection.rollback()
        time.sleep(POLL_S)
    connection.commit()


def _grant(connection: Connection, app: str) -> None:
    for (schema,) in connection.execute(text(str(from_file(__package__, "owned_schemas")))).all():
        for grant in GRANTS:
            connection.exec_driver_sql(Sql(grant).fill(schema=name(schema), app=name(app)).text)
    connection.commit()
