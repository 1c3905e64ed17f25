import pytest

from analytics_pipelines.sql_service.errors import QueryRefused
from analytics_pipelines.sql_service.gate.scopes import NOTHING


def test_a_step_is_seen_behind_its_definition_in_any_case():
    scope = NOTHING.with_step("Daily")
    assert scope.sees("DAILY")
    assert not NOTHING.sees("daily")


def test_a_recursive_step_is_seen_within_itself_and_its_whole_with_keys_alone():
    assert NOTHING.within("r", has_keys=False).sees("R")
    assert not NOTHING.within("r", has_keys=False).sees_recurring("r")
    assert NOTHING.within("r", has_keys=True).sees_recurring("R")
    assert not NOTHING.within("r", has_keys=True).with_step("s").sees_recurring("s")


def test_a_step_may_not_be_called_as_a_file():
    with pytest.raises(QueryRefused):
        NOTHING.with_step("x.csv")
