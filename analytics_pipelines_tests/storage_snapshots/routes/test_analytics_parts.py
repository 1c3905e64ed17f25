from analytics_pipelines.foundation.errors import AnalyticsError
from analytics_pipelines.storage_snapshots.routes.analytics_parts import ERRORS, PAGED_ERRORS, Where
from analytics_pipelines_tests.storage_snapshots.ask.shelves import DAY, rows_of_files, shelf


def test_which_snapshots_are_meant_is_found_in_the_generation():
    with shelf(rows_of_files([{"share": share, "path": "/" + share + "/a"} for share in ("one", "two")])) as lease:
        assert [each.share for each in Where(None, "latest", None).chosen(lease).snapshots] == ["one", "two"]
        (only,) = Where(None, DAY.isoformat(), "two").chosen(lease).snapshots
        assert (only.share, only.day) == ("two", DAY)


def test_every_refusal_that_is_documented_is_a_typed_error():
    assert set(ERRORS) < set(PAGED_ERRORS)
    assert all(issubclass(each, AnalyticsError) for each in PAGED_ERRORS)
