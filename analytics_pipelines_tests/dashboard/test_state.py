"""The state as data."""

import pytest

from analytics_pipelines.dashboard.state import Curves, Lists, platform_state
from analytics_pipelines.foundation.generation import Generations
from analytics_pipelines.web_events.tables import DAILY_METRICS
from analytics_pipelines_tests.apps import NOW
from analytics_pipelines_tests.dashboard.example import TODAY, publish_house
from analytics_pipelines_tests.generations import publish_edition


@pytest.fixture
def state_now(settings):
    def asked(*, is_readable=True):
        with Generations(settings) as generations:
            return platform_state(
                settings, generations, is_database_up=True, is_readable=is_readable, now=NOW, host="localhost"
            )

    return asked


def test_before_the_first_publication_everything_is_empty(state_now):
    state = state_now()
    assert (state.generation, state.published_at, state.tables, state.rows, state.last_day) == (None, None, [], 0, None)
    assert state.curves.visits == state.curves.stored_bytes == []


def test_a_published_house_tells_its_tables_and_curves(state_now, settings, lake):
    built = publish_house(settings, lake)
    state = state_now()
    assert (state.generation, state.last_day, state.rows) == (built.generation.id, TODAY, 27)
    table = next(each for each in state.tables if each.name == DAILY_METRICS.name)
    assert (table.rows, table.days, table.served_from, table.last_day) == (6, 3, "duckdb", TODAY)
    assert [point.value for point in table.rows_by_day] == [2, 2, 2]
    assert [point.value for point in state.curves.visits] == [20, 40, 60]


def test_what_came_most_is_told_in_order(state_now, settings, lake):
    publish_house(settings, lake)
    lists = state_now().lists
    assert [(line.name, line.count) for line in lists.channels] == [("Direct", 120)]
    assert [(line.name, line.count) for line in lists.pages] == [("/", 120), ("/a", 60)]


def test_who_may_not_read_gets_no_figure(state_now, settings, lake):
    built = publish_house(settings, lake)
    state = state_now(is_readable=False)
    assert (state.generation, state.is_readable) == (built.generation.id, False)
    assert (state.tables, state.rows, state.size_bytes, state.last_day) == ([], 0, 0, None)
    assert (state.curves, state.lists) == (Curves(), Lists())


def test_a_generation_without_the_tables_of_the_curves_has_none(state_now, settings, lake):
    publish_edition(settings, lake, 1)
    assert state_now().curves.visits == []
