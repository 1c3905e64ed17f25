"""A table of sales that lies in memory, and what plans give of it in this process."""

from typing import Any

from analytics_pipelines.datasets.execution.compute import computed
from analytics_pipelines.datasets.execution.job import Computed
from analytics_pipelines.datasets.plan.model import Plan
from analytics_pipelines_tests.datasets.compile.subjects import cursor_of_one_thread, subject_of

SALES = """
SELECT
    DATE '2026-01-01' + CAST(number AS INTEGER) AS sold_at,
    ['north', 'south', 'east'][number % 3 + 1] AS region,
    CASE WHEN number % 10 = 9 THEN NULL ELSE 10 + number * 0.5 + number % 7 END AS price,
    number % 9 + 1 AS quantity
FROM range(120) AS t (number)
"""


def found(query: str = SALES, **plan: Any) -> Computed:
    """What the plan gives of the query's rows."""
    with cursor_of_one_thread() as cursor:
        return computed(cursor, Plan.model_validate(plan), subject_of(cursor, query))
