import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.routing import compile_path

from analytics_pipelines.foundation.errors import AnalyticsError
from analytics_pipelines.storage_snapshots.ask.paths import normal_path
from analytics_pipelines.storage_snapshots.routes.parameters import (
    ERRORS,
    MOST_PATH_CHARACTERS,
    PAGED_ERRORS,
    AnyPath,
    BadPath,
    LimitTooHigh,
    Where,
    limit_within,
    path_of,
)
from analytics_pipelines_tests.storage_snapshots.ask.shelves import DAY, rows_of_files, shelf


@given(st.text(max_size=30))
def test_a_path_is_what_snapshots_have_or_refused(text):
    try:
        found = path_of(text)
    except BadPath:
        return
    assert found == normal_path(found)
    assert found.startswith("/")
    assert found == "/" or not found.endswith("/")
    assert not {"", ".", ".."} & set(found[1:].split("/")) or found == "/"


def test_a_path_longer_than_any_is_refused_before_it_is_looked_at():
    assert path_of("x" * MOST_PATH_CHARACTERS) == "/" + "x" * MOST_PATH_CHARACTERS
    with pytest.raises(BadPath, match=str(MOST_PATH_CHARACTERS)):
        path_of("x" * (MOST_PATH_CHARACTERS + 1))


def test_a_limit_past_the_setting_is_refused_by_the_settings_name():
    assert limit_within(10, 10) == 10
    with pytest.raises(LimitTooHigh, match="MAX_SEARCH_LIMIT = 10"):
        limit_within(11, 10)


@given(st.text())
def test_a_route_takes_any_name_line_breaks_too(text):
    found = compile_path("/folders/{path:any_path}")[0].match("/folders/" + text)
    assert AnyPath().convert(found["path"]) == text


def test_which_snapshots_are_meant_is_found_in_the_generation():
    with shelf(rows_of_files([{"share": share, "path": "/" + share + "/a"} for share in ("one", "two")])) as lease:
        assert [each.share for each in Where(None, "latest", None).chosen(lease).snapshots] == ["one", "two"]
        (only,) = Where(None, DAY.isoformat(), "two").chosen(lease).snapshots
        assert (only.share, only.day) == ("two", DAY)


def test_every_refusal_that_is_documented_is_a_typed_error():
    assert set(ERRORS) < set(PAGED_ERRORS)
    assert all(issubclass(each, AnalyticsError) for each in PAGED_ERRORS)
