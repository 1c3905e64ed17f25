"""The declared tables and the migrated ones are the same."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from analytics_pipelines.accounts.tables import METADATA


def test_the_migrations_make_exactly_the_declared_tables(owner_database):
    options = {"include_schemas": True, "include_name": _is_of_accounts}
    with owner_database.reading() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, METADATA) == []


def _is_of_accounts(name, kind, parents):
    return kind != "schema" or name == "accounts"
