"""What each step of a run did and how long it took, as plain objects that those who know no Dagster can take."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import dagster as dg
from dagster._core.execution.plan.objects import StepFailureData

from analytics_pipelines.dagster_kit.events import is_left_alone, materialized

STARTED, SUCCEEDED, FAILED = (
    dg.DagsterEventType.STEP_START,
    dg.DagsterEventType.STEP_SUCCESS,
    dg.DagsterEventType.STEP_FAILURE,
)
MADE = dg.DagsterEventType.ASSET_MATERIALIZATION
PLANNED = dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED
FAILED_DAYS = "days"
"""In the metadata of a failure: the days that were not published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One asset in one run that has ended.

    `rows` of the partitions that it made, `days` of them; `failed_days` were not published and stay as they were.
    """

    run_id: str
    asset: str
    has_succeeded: bool
    rows: int
    days: int
    failed_days: int
    duration_s: float
    ended_at: datetime


def steps_of(instance: dg.DagsterInstance, run_id: str) -> list[Step]:
    """The steps that have ended, in the order in which they began; a step of several assets once for each."""
    found = instance.get_records_for_run(run_id, of_type={STARTED, SUCCEEDED, FAILED, MADE, PLANNED}).records
    by_step: dict[str, list[dg.EventLogRecord]] = {}
    for record in sorted(found, key=lambda each: each.event_log_entry.dagster_event_type == PLANNED):
        by_step.setdefault(record.event_log_entry.step_key or "", []).append(record)
    return [step for key, records in by_step.items() for step in _steps(key, records)]


def _steps(key: str, records: Iterable[dg.EventLogRecord]) -> Iterator[Step]:
    by_type: dict[dg.DagsterEventType, list[dg.EventLogRecord]] = {}
    for record in records:
        if record.event_log_entry.dagster_event_type:
            by_type.setdefault(record.event_log_entry.dagster_event_type, []).append(record)
    if STARTED in by_type and (SUCCEEDED in by_type or FAILED in by_type):
        for asset in dict.fromkeys(_asset(each) for each in by_type.get(PLANNED, ())) or {key: None}:
            yield _step(asset, by_type)


def _step(asset: str, by_type: Mapping[dg.DagsterEventType, list[dg.EventLogRecord]]) -> Step:
    ended = (by_type.get(SUCCEEDED, []) + by_type.get(FAILED, []))[-1]
    made = [materialized(each) for each in by_type.get(MADE, []) if not is_left_alone(each) and _asset(each) == asset]
    return Step(
        run_id=ended.run_id,
        asset=asset,
        has_succeeded=FAILED not in by_type,
        rows=sum(each.rows or 0 for each in made),
        days=len(made),
        failed_days=sum(_failed_days(each) for each in by_type.get(FAILED, [])),
        duration_s=max(ended.timestamp - by_type[STARTED][0].timestamp, 0.0),
        ended_at=datetime.fromtimestamp(ended.timestamp, UTC),
    )


def _asset(record: dg.EventLogRecord) -> str:
    return record.asset_key.to_user_string() if record.asset_key else ""


def _failed_days(record: dg.EventLogRecord) -> int:
    """How many days the failure names; one that names none stands for one."""
    event = record.event_log_entry.dagster_event
    failure = event.event_specific_data if event else None
    told = failure.user_failure_data if isinstance(failure, StepFailureData) else None
    days = told.metadata.get(FAILED_DAYS) if told else None
    return len(days.value) if days is not None and isinstance(days.value, list | tuple) else 1
