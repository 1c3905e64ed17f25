"""Computing a job, as the process does it."""

import pytest

from analytics_pipelines.datasets.execution.compute import compute
from analytics_pipelines.datasets.execution.job import Job, computed_of
from analytics_pipelines.datasets.plan.canonical import canonical
from analytics_pipelines.datasets.plan.model import Plan
from analytics_pipelines.datasets.subject import Reading
from analytics_pipelines.foundation.workers import MemoryPassed
from analytics_pipelines_tests.datasets.compile.subjects import cursor_of_one_thread, subject_of
from analytics_pipelines_tests.datasets.execution.example import SALES

FLOATS = "SELECT sin(number) * 1e6 AS x, number % 13 AS y FROM range(50000) AS t (number)"


def job(query: str, memory_bytes: int = 2**28, **plan: object) -> Job:
    with cursor_of_one_thread() as cursor:
        subject = subject_of(cursor, query)
    return Job(
        plan=canonical(Plan.model_validate(plan)),
        subject=subject,
        reading=Reading(query=query),
        engine_memory_bytes=memory_bytes,
    )


@pytest.mark.parametrize(
    "plan",
    [
        {"operation": "mean", "target_column": "x", "group_by": ["y"]},
        {"measures": [{"operation": "std", "column": "x"}, {"operation": "sum", "column": "x"}], "group_by": ["y"]},
        {"operation": "regression", "x_axis": "y", "y_axis": "x"},
    ],
)
def test_the_same_job_gives_the_same_bytes(plan):
    assert compute(job(FLOATS, **plan)) == compute(job(FLOATS, **plan))


def test_every_operation_is_computed_somewhere():
    answer = computed_of(compute(job(SALES, operation="max", target_column="price")))
    assert answer.result["value"] == 10 + 118 * 0.5 + 118 % 7


def test_an_engine_without_memory_says_so():
    rows = "SELECT number, CAST(number AS VARCHAR) AS text FROM range(5000000) AS t (number)"
    with pytest.raises(MemoryPassed) as caught:
        compute(job(rows, 30_000_000, operation="count_distinct", target_column="text"))
    assert caught.value.remedy
