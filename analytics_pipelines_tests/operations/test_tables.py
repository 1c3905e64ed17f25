"""The tables that the code writes are those that the migrations make."""

from sqlalchemy import inspect

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.operations.tables import METADATA


def test_tables_and_migrations_agree(database: Database) -> None:
    with database.reading() as connection:
        there = inspect(connection)
        for table in METADATA.tables.values():
            found = {each["name"]: each for each in there.get_columns(table.name, schema="operations")}
            assert list(found) == [column.name for column in table.columns]
            for column in table.columns:
                assert str(found[column.name]["type"].compile(connection.dialect)) == str(
                    column.type.compile(connection.dialect)
                )
                assert found[column.name]["nullable"] == column.nullable
