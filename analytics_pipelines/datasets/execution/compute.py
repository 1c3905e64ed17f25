"""Computes a checked plan in a process that does nothing else: one thread, so that sums of floats repeat."""

from collections.abc import Callable
from contextlib import closing

import duckdb
from duckdb import DuckDBPyConnection

from analytics_pipelines.datasets.charts.draw import chart_of
from analytics_pipelines.datasets.compile.counts import counted
from analytics_pipelines.datasets.compile.mount import mount
from analytics_pipelines.datasets.execution.correlated import correlated
from analytics_pipelines.datasets.execution.foreseen import foreseen
from analytics_pipelines.datasets.execution.found import Found
from analytics_pipelines.datasets.execution.grouped import grouped
from analytics_pipelines.datasets.execution.job import Computed, Job
from analytics_pipelines.datasets.execution.regressed import regressed
from analytics_pipelines.datasets.plan.model import Operation, Plan
from analytics_pipelines.datasets.subject import Subject
from analytics_pipelines.foundation.duck import Duck, DuckLimits
from analytics_pipelines.foundation.errors import Unavailable
from analytics_pipelines.foundation.workers import MemoryPassed

Ask = Callable[[DuckDBPyConnection, Plan, Subject], Found]
STATISTICS: dict[Operation | None, Ask] = {
    Operation.CORRELATION: correlated,
    Operation.REGRESSION: regressed,
    Operation.FORECAST: foreseen,
}


def compute(job: Job) -> bytes:
    """What the plan gives, as `Computed` in JSON; raises typed errors of the statistics, and `MemoryPassed`."""
    plan = Plan.model_validate_json(job.plan)
    limits = DuckLimits(job.engine_memory_bytes, threads=1, temp_folder=None)
    try:
        with closing(Duck(limits)) as duck, duck.cursor() as cursor:
            mount(cursor, job.reading)
            return computed(cursor, plan, job.subject).to_json()
    except Unavailable as error:
        if isinstance(error.__cause__, duckdb.OutOfMemoryException):
            raise memory_passed(job.engine_memory_bytes) from error
        raise


def computed(cursor: DuckDBPyConnection, plan: Plan, subject: Subject) -> Computed:
    """The same with the rows mounted already as the view `subject`."""
    found = STATISTICS.get(plan.operation, grouped)(cursor, plan, subject)
    rows = found.counted or counted(cursor, plan, subject)
    return Computed(
        result=found.result,
        filtered_row_count=rows.filtered_row_count,
        nulls_dropped=dict(rows.dropped),
        warnings=found.warnings,
        chart_spec=chart_of(found.drawn) if found.drawn is not None else None,
    )


def memory_passed(most_bytes: int) -> MemoryPassed:
    """The error for a plan whose engine ran out of memory."""
    return MemoryPassed(
        "The plan needs more memory than one plan may take.",
        limit=str(most_bytes) + " bytes for the engine",
        remedy="Group by less, or filter the rows first.",
    )
