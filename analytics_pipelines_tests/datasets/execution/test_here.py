"""Plans of whoever sits at the machine."""

import pytest

from analytics_pipelines.datasets.execution.asked import PlanRefused
from analytics_pipelines.datasets.execution.here import FileMissing, of_file, of_table, run_here
from analytics_pipelines.foundation.generation import NothingPublished
from analytics_pipelines_tests.datasets.routes.house import CSV, publish_sales


def test_a_file_is_asked(settings, tmp_path):
    file = tmp_path / "sales.csv"
    file.write_bytes(CSV)
    with of_file(file, settings) as about:
        found, warnings = run_here(settings, about, {"operation": "count", "horizon": 2})
        assert (found.result["value"], [each.code for each in warnings]) == (90, ["unused_field"])
        with pytest.raises(PlanRefused):
            run_here(settings, about, {"operation": "mean", "target_column": "nothing"})
    with pytest.raises(FileMissing), of_file(tmp_path / "none.csv", settings):
        pass


def test_a_table_of_the_lake_is_asked(settings):
    with pytest.raises(NothingPublished), of_table("core_shop__sales", settings):
        pass
    publish_sales(settings)
    with of_table("core_shop__sales", settings) as about:
        found, _ = run_here(settings, about, {"operation": "sum", "target_column": "amount", "group_by": ["customer"]})
    assert [row["sum_amount"] for row in found.result["rows"]] == [4.5, 2.5, 5.0]
