"""Two users of one installation, and where their uploads lie.

Users are new in each test and see nothing of others: one database serves all tests of a file, but for those that look
at the rows of everybody.
"""

from collections.abc import Iterator

import pytest

from analytics_pipelines.datasets.folders import Folders
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.postgres.urls import DatabaseUrls
from analytics_pipelines_tests.conftest import TEMPLATE, settings_in
from analytics_pipelines_tests.datasets.kept.examples import made_user


@pytest.fixture(scope="module")
def shared_urls(postgres_server) -> Iterator[DatabaseUrls]:
    """A migrated database of this file's own."""
    name = "shared_" + str(next(postgres_server.numbers))
    yield postgres_server.create(name, TEMPLATE)
    postgres_server.drop(name)


@pytest.fixture(scope="module")
def database(shared_urls, tmp_path_factory) -> Iterator[Database]:
    """That database as the app role."""
    found = Database(shared_urls.app, name="test", settings=settings_in(tmp_path_factory.mktemp("shared")))
    yield found
    found.close()


@pytest.fixture(scope="module")
def owner_database(shared_urls, tmp_path_factory) -> Iterator[Database]:
    """That database as the owner of its tables."""
    found = Database(shared_urls.owner, name="test", settings=settings_in(tmp_path_factory.mktemp("shared")))
    yield found
    found.close()


@pytest.fixture
def anna(database) -> str:
    """The id of a user."""
    return made_user(database)


@pytest.fixture
def berta(database) -> str:
    """The id of another one."""
    return made_user(database)


@pytest.fixture
def folders(settings) -> Folders:
    """The uploads folder of the test's home."""
    return Folders.of(settings)
