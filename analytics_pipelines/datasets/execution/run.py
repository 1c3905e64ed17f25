"""Runs a plan: checks it, computes it in a process of its own, draws it, puts it on record, and answers."""

import base64
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import structlog

from analytics_pipelines.datasets.charts.png import png_of
from analytics_pipelines.datasets.execution.asked import About, Checked, Who, checked, refused
from analytics_pipelines.datasets.execution.at_work import compute
from analytics_pipelines.datasets.execution.job import Computed, Job, Provenance, computed_of
from analytics_pipelines.datasets.execution.libraries import library_versions
from analytics_pipelines.datasets.execution.platform import Platform
from analytics_pipelines.datasets.kept.analyses import Execution, record
from analytics_pipelines.datasets.kept.audit import Outcome
from analytics_pipelines.datasets.kept.running import end_running, is_cancelled, start_running
from analytics_pipelines.datasets.plan.canonical import canonical, plan_hash
from analytics_pipelines.datasets.plan.model import Plan
from analytics_pipelines.foundation.errors import AnalyticsError
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.workers import Busy, Cancelled

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Executed:
    """A plan's answer; a failed one has its reason and no result."""

    id: str
    success: bool
    execution_time_ms: float
    provenance: Provenance
    warnings: tuple[str, ...] = ()
    result: dict[str, Any] | None = None
    chart_data: str | None = None
    """PNG in base64."""
    chart_spec: dict[str, Any] | None = None
    filtered_row_count: int | None = None
    nulls_dropped: dict[str, int] | None = None
    error_code: str | None = None
    error_message: str | None = None


def execute(platform: Platform, database: Database, who: Who, about: About, sent: object) -> Executed:
    """What the plan gives. Refused, failed and cancelled ones are put on record like the others.

    Raises `PlanRefused`, `Busy` when all processes are taken, and `Unavailable` while the database is away.
    """
    started_s = time.perf_counter()
    found = checked(sent, about.subject, sees_personal=who.sees_personal)
    entry = _entry(platform, who, about, sent, found)
    if found.plan is None or found.errors:
        error = refused(found.errors)
        record(database, _failed(entry, Outcome.REJECTED, error, started_s))
        raise error
    try:
        answer = _computed(platform, database, who, about, found.plan)
    except Busy as error:
        record(database, _failed(entry, Outcome.FAILED, error, started_s))
        raise
    except AnalyticsError as error:
        outcome = Outcome.CANCELLED if isinstance(error, Cancelled) else Outcome.FAILED
        ended = _failed(entry, outcome, error, started_s)
        return _answered(record(database, ended), ended, about, found)
    ended = _succeeded(entry, answer, started_s)
    return replace(
        _answered(record(database, ended), ended, about, found),
        warnings=(*_texts(found), *answer.warnings),
        nulls_dropped=answer.nulls_dropped,
    )


def _computed(platform: Platform, database: Database, who: Who, about: About, plan: Plan) -> Computed:
    """The answer of the process; it stops within a quarter of a second once somebody cancels it."""
    job = Job(
        plan=canonical(plan),
        subject=about.subject,
        reading=about.reading,
        engine_memory_bytes=platform.engine_memory_bytes,
    )
    run_id = start_running(
        database, who.user_id, subject=about.subject.name, plan_hash=plan_hash(plan), at=platform.clock()
    )
    try:
        wanted = _wanted(database, who.user_id, run_id)
        limits = platform.limits_reading(*about.reading.reads)
        return computed_of(platform.workers.run(compute, job, limits=limits, wanted=wanted))
    finally:
        end_running(database, who.user_id, run_id)


def _wanted(database: Database, user_id: str, run_id: str) -> Callable[[], bool]:
    """Whether nobody has cancelled the plan; who can not be asked has not said so."""

    def wanted() -> bool:
        try:
            return not is_cancelled(database, user_id, run_id)
        except AnalyticsError:
            return True

    return wanted


def _entry(platform: Platform, who: Who, about: About, sent: object, found: Checked) -> Execution:
    """All that is on record whatever becomes of the plan."""
    subject, plan = about.subject, found.plan
    return Execution(
        user_id=who.user_id,
        username=who.username,
        subject=subject.name,
        plan=sent,
        outcome=Outcome.FAILED,
        executed_at=platform.clock(),
        execution_time_ms=0.0,
        session_id=about.dataset.session_id if about.dataset else None,
        dataset_id=about.dataset.id if about.dataset else None,
        operation=plan.operation.value if plan and plan.operation else None,
        plan_hash=plan_hash(plan) if plan else None,
        provenance=asdict(_provenance(about, plan)),
        row_count=subject.row_count,
        fingerprint=subject.fingerprint,
        generation=subject.generation,
    )


def _provenance(about: About, plan: Plan | None) -> Provenance:
    return Provenance(
        subject=about.subject.name,
        fingerprint=about.subject.fingerprint,
        generation=about.subject.generation,
        plan_hash=plan_hash(plan) if plan else "",
        row_count=about.subject.row_count,
        libraries=library_versions(),
    )


def _failed(entry: Execution, outcome: Outcome, error: AnalyticsError, started_s: float) -> Execution:
    told = str(error)
    return replace(
        entry,
        outcome=outcome,
        execution_time_ms=_since(started_s),
        error_code=error.code,
        error_message=told,
    )


def _succeeded(entry: Execution, answer: Computed, started_s: float) -> Execution:
    return replace(
        entry,
        outcome=Outcome.SUCCEEDED,
        execution_time_ms=_since(started_s),
        result=answer.result,
        chart_spec=answer.chart_spec,
        chart_data=_picture(answer.chart_spec),
        filtered_row_count=answer.filtered_row_count,
    )


def _picture(spec: dict[str, Any] | None) -> str | None:
    """The chart as PNG in base64; numbers are worth having without it."""
    if spec is None:
        return None
    try:
        return base64.b64encode(png_of(spec)).decode()
    except (AnalyticsError, ValueError):
        log.exception("a chart could not be drawn")
        return None


def _answered(analysis_id: str, ended: Execution, about: About, found: Checked) -> Executed:
    return Executed(
        id=analysis_id,
        success=ended.outcome is Outcome.SUCCEEDED,
        execution_time_ms=ended.execution_time_ms,
        provenance=_provenance(about, found.plan),
        warnings=_texts(found),
        result=ended.result if isinstance(ended.result, dict) else None,
        chart_data=ended.chart_data,
        chart_spec=ended.chart_spec if isinstance(ended.chart_spec, dict) else None,
        filtered_row_count=ended.filtered_row_count,
        error_code=ended.error_code,
        error_message=ended.error_message,
    )


def _texts(found: Checked) -> tuple[str, ...]:
    return tuple(str(each) for each in found.warnings)


def _since(started_s: float) -> float:
    return round((time.perf_counter() - started_s) * 1000, 3)
