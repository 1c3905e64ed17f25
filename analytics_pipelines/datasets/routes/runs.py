"""HTTP door of what runs and what was run: the caller's running plans, and the audit."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from analytics_pipelines.datasets.kept.audit import Asked, AuditEntry, audit_of, audit_of_all
from analytics_pipelines.datasets.kept.running import NoSuchRun, RunningPlan, ask_to_cancel, running_of
from analytics_pipelines.datasets.routes.files import Form, exported
from analytics_pipelines.datasets.routes.parts import PREFIX, PlatformNow, WhoNow, analysing, own
from analytics_pipelines.foundation.errors import Unavailable
from analytics_pipelines.http_kit.depends import Db
from analytics_pipelines.http_kit.problems import documented
from analytics_pipelines.http_kit.scopes import Scope, requires

router = APIRouter(prefix=PREFIX, tags=["plans"])
Since = Annotated[datetime | None, Query(description="From this moment on.")]
Until = Annotated[datetime | None, Query(description="Before this moment.")]
Limit = Annotated[int, Query(ge=1, le=100_000, description="Most entries of one answer, newest first.")]


@router.get("/executions", dependencies=own, responses=documented(Unavailable))
def list_running(who: WhoNow, database: Db) -> list[RunningPlan]:
    """The caller's plans that run now."""
    return running_of(database, who.user_id)


@router.delete("/executions/{run_id}", status_code=204, dependencies=analysing, responses=documented(NoSuchRun))
def cancel(run_id: str, platform: PlatformNow, who: WhoNow, database: Db) -> None:
    """Stop a plan that runs: within a quarter of a second its request is answered, `success` false."""
    ask_to_cancel(database, who.user_id, run_id, at=platform.clock())


@router.get("/audit", dependencies=own, response_model=list[AuditEntry], responses=documented(Unavailable))
def read_audit(
    who: WhoNow, database: Db, *, since: Since = None, until: Until = None, limit: Limit = 1000, form: Form = "json"
) -> object:
    """Every plan that the caller has run, also of datasets that are gone; nobody can change it."""
    found = audit_of(database, who.user_id, Asked(since=since, until=until, limit=limit))
    return exported(form, AuditEntry, found, name="audit")


@router.get(
    "/audit/everybody",
    dependencies=[requires(Scope.ADMIN)],
    response_model=list[AuditEntry],
    responses=documented(Unavailable),
)
def read_audit_of_all(
    database: Db, *, since: Since = None, until: Until = None, limit: Limit = 1000, form: Form = "json"
) -> object:
    """Who ran which plan when, and how it ended; of data and results nothing."""
    found = audit_of_all(database, Asked(since=since, until=until, limit=limit))
    return exported(form, AuditEntry, found, name="audit")
