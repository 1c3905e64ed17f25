"""The declared tables and the migrated ones are the same."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.web_events.log_tables import METADATA
from analytics_pipelines.web_events.tables import TABLES


def test_the_migrations_make_exactly_the_declared_tables(owner_database: Database) -> None:
    options = {"include_schemas": True, "include_name": _is_of_web_events}
    with owner_database.reading() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, METADATA) == []


def test_what_names_a_person_is_marked() -> None:
    personal = {column.name for table in TABLES for column in table.columns if column.is_personal}
    assert {"visitor_id", "session_id", "client_address", "user_agent", "payload", "url", "referrer"} <= personal


def _is_of_web_events(name: str | None, kind: str, parents: object) -> bool:
    return kind != "schema" or name == "web_events"
