"""Which days there are."""

from datetime import date, timedelta

import dagster as dg
import pytest

from analytics_pipelines.dagster_kit.partitions import daily, range_tags
from analytics_pipelines.foundation.clock import today
from analytics_pipelines_tests.conftest import settings_in


@pytest.mark.parametrize("ahead", [pytest.param(0, id="today is the last"), pytest.param(2, id="two days ahead")])
def test_partitions_end_today_and_the_days_ahead(tmp_path, ahead: int) -> None:
    days = daily(settings_in(tmp_path, timezone_ahead_days=ahead))
    assert days.has_partition_key(str(today() + timedelta(days=ahead)))
    assert not days.has_partition_key(str(today() + timedelta(days=ahead + 1)))


def test_partitions_begin_where_the_lake_begins(tmp_path) -> None:
    days = daily(settings_in(tmp_path, lake_start_date=date(2015, 5, 17)))
    assert days.get_first_partition_key() == "2015-05-17"


def test_the_tags_are_those_that_dagster_reads() -> None:
    from dagster._core.storage import tags

    assert range_tags(date(2024, 1, 1), date(2024, 1, 2)) == {
        tags.ASSET_PARTITION_RANGE_START_TAG: "2024-01-01",
        tags.ASSET_PARTITION_RANGE_END_TAG: "2024-01-02",
    }
    assert dg.__version__.startswith("1.13.")
