import pytest

from analytics_pipelines.sql_service.gate.gate import Gate

SHOWN = {"core_web__sessions": ["site", "visitor", "started_at"], "t": ["a", "b"], "u": ["a"]}


@pytest.fixture(scope="session")
def gate():
    return Gate()


@pytest.fixture
def shown():
    return SHOWN
