"""One database for many small tests of the product's rows, emptied before each, since making one costs more than a test."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.product_export.models import User
from analytics_pipelines_tests.conftest import TEMPLATE, PostgresServer, settings_in


@pytest.fixture(scope="session")
def kept_database(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A migrated database as the app role."""
    name = "kept_" + str(next(postgres_server.numbers))
    settings = settings_in(tmp_path_factory.mktemp("kept"))
    found = Database(postgres_server.create(name, TEMPLATE).app, name="test", settings=settings)
    yield found
    found.close()
    postgres_server.drop(name)


@pytest.fixture
def database(kept_database: Database) -> Database:
    """The same without users, and so without items."""
    with kept_database.writing() as connection:
        connection.execute(sa.delete(User))
    return kept_database
