"""What Dagster's event log says, as plain objects that those who know no Dagster can take."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import dagster as dg
from dagster._core.events import JobFailureData
from dagster._core.execution.plan.objects import StepFailureData
from dagster_shared.error import SerializableErrorInfo

from analytics_pipelines.dagster_kit.described import LEFT_ALONE

MOST_CHARACTERS = 2000
ROW_COUNTS = ("dagster/partition_row_count", "dagster/row_count")


@dataclass(frozen=True, slots=True)
class Materialized:
    """One partition made by a run; `partition` is empty for an asset without partitions."""

    asset: str
    partition: str
    run_id: str
    rows: int | None
    size_bytes: int | None
    materialized_at: datetime


def is_left_alone(record: dg.EventLogRecord) -> bool:
    """Whether the record only tells a backfill that there was nothing to make, and no partition."""
    made = record.asset_materialization
    return made is not None and LEFT_ALONE in made.metadata


def materialized(record: dg.EventLogRecord) -> Materialized:
    """The materialization that the record is of; raises `ValueError` for another record."""
    made = record.asset_materialization
    if made is None:
        raise ValueError("the record is of no materialization")
    counts = [number for name in ROW_COUNTS if (number := _number(made, name)) is not None]
    return Materialized(
        asset=made.asset_key.to_user_string(),
        partition=made.partition or "",
        run_id=record.run_id,
        rows=counts[0] if counts else None,
        size_bytes=_number(made, "size_bytes"),
        materialized_at=datetime.fromtimestamp(record.timestamp, UTC),
    )


def materialized_by(instance: dg.DagsterInstance, run_id: str) -> list[Materialized]:
    """All that a run made, in order."""
    found = instance.get_records_for_run(run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION)
    return [materialized(record) for record in found.records if not is_left_alone(record)]


def failures_of(instance: dg.DagsterInstance, run_id: str) -> list[str]:
    """Why a run failed, a line a step and no stack trace; the run's own reason when no step failed."""
    steps = instance.get_records_for_run(run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
    told = [line for record in steps.records for line in _step_failure(record)]
    if told:
        return told
    runs = instance.get_records_for_run(run_id, of_type=dg.DagsterEventType.RUN_FAILURE)
    return [line for record in runs.records for line in _run_failure(record)]


def _number(made: dg.AssetMaterialization, name: str) -> int | None:
    found = made.metadata.get(name)
    value = found.value if found else None
    return value if isinstance(value, int) else None


def _step_failure(record: dg.EventLogRecord) -> Iterator[str]:
    event = record.event_log_entry.dagster_event
    if event and isinstance(event.event_specific_data, StepFailureData):
        failure = event.event_specific_data
        told = failure.user_failure_data.description if failure.user_failure_data else None
        yield _short(f"{event.step_key}: {told or _cause(failure.error)}")


def _run_failure(record: dg.EventLogRecord) -> Iterator[str]:
    event = record.event_log_entry.dagster_event
    if event and isinstance(event.event_specific_data, JobFailureData):
        error = event.event_specific_data.error
        yield _short(_cause(error) if error else event.message or "The run failed.")


def _cause(error: SerializableErrorInfo | None) -> str:
    """The innermost error's own first line; the outer ones are Dagster's wrapping."""
    if error is None:
        return "The step failed."
    while error.cause is not None:
        error = error.cause
    return next(iter(error.message.strip().splitlines()), error.cls_name or "The step failed.")


def _short(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 1] + "…"
