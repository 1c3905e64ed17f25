"""A table of events and its copy, made once for all tests that falsify it."""

from collections.abc import Iterator

import pytest

from analytics_pipelines.foundation.postgres.urls import conninfo
from analytics_pipelines_tests.conftest import PostgresServer
from analytics_pipelines_tests.product_export.verify.copies import EVENTS, Copy, copied, running


@pytest.fixture(scope="module")
def source(postgres_server: PostgresServer) -> Iterator[str]:
    """Conninfo of a database for the tests of a module, with the events."""
    database = "verified_" + str(next(postgres_server.numbers))
    found = conninfo(postgres_server.create(database).owner)
    running(found, *EVENTS)
    yield found
    postgres_server.drop(database)


@pytest.fixture(scope="module")
def events(source: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    """The events and their true copy."""
    with copied(source, tmp_path_factory.mktemp("events")) as copy:
        yield copy
