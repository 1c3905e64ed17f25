"""Who sees which columns."""

from dataclasses import replace

from analytics_pipelines.foundation.generation.description import read_generation
from analytics_pipelines.sql_service.allowance import Rights
from analytics_pipelines.sql_service.worker.shown import shown_to

ALL = ("visit_id", "visited_date", "page", "email")


def test_analysts_see_no_column_that_tells_of_persons(generation):
    shown = shown_to(Rights.ANALYST, read_generation(generation))
    assert set(shown.columns) == {"core_shop__visits", "raw_shop__visits"}
    assert shown.columns["core_shop__visits"] == ALL[:3]
    assert shown.hidden["core_shop__visits"] == ("email",)


def test_admins_see_all(generation):
    shown = shown_to(Rights.ADMIN, read_generation(generation))
    assert shown.columns["raw_shop__visits"] == ALL
    assert shown.hidden["raw_shop__visits"] == ()


def test_a_table_that_does_not_say_is_for_admins_alone(generation):
    found = read_generation(generation)
    first, second = found.tables
    found = replace(found, tables=(replace(first, personal=None), replace(second, personal=ALL)))
    assert shown_to(Rights.ANALYST, found).columns == {}
    assert set(shown_to(Rights.ADMIN, found).columns) == {first.name, second.name}
