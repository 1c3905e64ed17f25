"""Whether a run that a sensor or a schedule asked for has not ended."""

import dagster as dg

SENSOR, SCHEDULE = "dagster/sensor_name", "dagster/schedule_name"
"""Tags that Dagster gives the runs that they ask for."""
STATUSES = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]


def has_unfinished(instance: dg.DagsterInstance, tag: str, name: str) -> bool:
    """Whether a run waits or goes on that the `SENSOR` or `SCHEDULE` of that name asked for."""
    wanted = dg.RunsFilter(statuses=STATUSES, tags={tag: name})
    return bool(instance.get_runs(filters=wanted, limit=1))
