"""Real HTTP and one published forest for the tests of this folder."""

import pytest

from analytics_pipelines_tests.apps import start
from analytics_pipelines_tests.storage_snapshots.forests import DAYS, generation_of

__all__ = ["start"]


@pytest.fixture(scope="module")
def forest(tmp_path_factory):
    """The holder of the forest's generation, and its settings."""
    with generation_of(tmp_path_factory.mktemp("forest"), DAYS) as held:
        yield held
