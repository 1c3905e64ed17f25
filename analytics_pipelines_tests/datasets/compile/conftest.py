"""One cursor of one thread for each file of tests."""

from collections.abc import Iterator

import pytest
from duckdb import DuckDBPyConnection

from analytics_pipelines_tests.datasets.compile.subjects import cursor_of_one_thread


@pytest.fixture(scope="module")
def cursor() -> Iterator[DuckDBPyConnection]:
    """A cursor of an instance as plans have it."""
    with cursor_of_one_thread() as found:
        yield found
