"""What the processes are told to do, as functions that can be named without importing the work.

The API names them and never calls them: statistics and charts stay out of its memory.
"""

from analytics_pipelines.datasets.evidence import ColumnEvidence
from analytics_pipelines.datasets.execution.job import Job

WORK = (
    "analytics_pipelines.datasets.execution.compute",
    "analytics_pipelines.datasets.execution.profile",
    "analytics_pipelines.datasets.uploads.parquet_upload",
    "analytics_pipelines.datasets.uploads.upload",
)
"""Modules that the processes have imported before they are forked."""


def compute(job: Job) -> bytes:
    """What a plan gives: `datasets.execution.compute`."""
    from analytics_pipelines.datasets.execution import compute as work  # noqa: PLC0415 - not in the API

    return work.compute(job)


def profile(data: str, evidence: tuple[ColumnEvidence, ...]) -> bytes:
    """How values are spread: `datasets.execution.profile`."""
    from analytics_pipelines.datasets.execution import profile as work  # noqa: PLC0415 - not in the API

    return work.profile_of(data, evidence)
