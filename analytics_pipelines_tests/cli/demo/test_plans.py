"""What the demo shows of its plans; the demo's own test asks them of a running API."""

import io

from rich.console import Console

from analytics_pipelines.cli.demo.plans import BY_TYPE, OF_UPLOAD, plan_tables, sizes_of_rows, space_by_type
from analytics_pipelines.datasets.plan.parse import parse_plan

ANSWERS = {
    BY_TYPE: {
        "execution_time_ms": 12.3,
        "filtered_row_count": 7,
        "result": {
            "rows": [
                {"extension": "py", "sum_allocated_bytes": 2048, "count": 3},
                {"extension": None, "sum_allocated_bytes": 1024, "count": 2},
                {"extension": None, "sum_allocated_bytes": 512, "count": 2},
            ],
            "other_rows": [2],
        },
    },
    OF_UPLOAD: {
        "result": {"rows": [{"count": 7, "mean_size": 10.5, "median_size": 2048.0, "quantile_0.99_size": 4096.0}]}
    },
}


def test_both_plans_are_plans():
    for plan in (space_by_type(), sizes_of_rows()):
        assert parse_plan(plan).findings == ()


def test_their_answers_are_tables_of_words_and_sizes():
    told = io.StringIO()
    for each in plan_tables(ANSWERS):
        Console(file=told, width=100).print(each)
    lines = [line.split() for line in told.getvalue().splitlines()]
    assert ["py", "3", "2.0", "KiB"] in lines
    assert ["none", "2", "1.0", "KiB"] in lines
    assert ["other", "2", "512", "B"] in lines
    assert ["7", "10", "B", "2.0", "KiB", "4.0", "KiB"] in lines
