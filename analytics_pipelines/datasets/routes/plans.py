"""HTTP door of plans: their language, what is wrong with one, and what one gives."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fastapi import APIRouter

from analytics_pipelines.datasets.execution.asked import About, PlanRefused, Who, checked
from analytics_pipelines.datasets.execution.platform import Platform
from analytics_pipelines.datasets.execution.run import Executed, execute
from analytics_pipelines.datasets.kept.datasets import NoSuchDataset, dataset
from analytics_pipelines.datasets.kept.subjects import reading_of, subject_of
from analytics_pipelines.datasets.lake_tables import (
    NoSuchTable,
    published_subjects,
    reading_of_table,
    subject_of_table,
)
from analytics_pipelines.datasets.plan.schema import plan_schema, plan_schema_inlined
from analytics_pipelines.datasets.routes.models import TableAnswer, ValidationAnswer
from analytics_pipelines.datasets.routes.named import Named, NothingNamed, TwoNamed, named
from analytics_pipelines.datasets.routes.parts import PREFIX, PlatformNow, WhoNow, analysing, own
from analytics_pipelines.foundation.errors import Unavailable
from analytics_pipelines.foundation.generation import Generations
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.workers import Busy
from analytics_pipelines.http_kit.depends import Db, NothingPublished, Parts
from analytics_pipelines.http_kit.json_body import BadJson, JsonBody, json_of
from analytics_pipelines.http_kit.problems import documented
from analytics_pipelines.http_kit.rate_limits import EXECUTIONS, LimitReached, limited
from analytics_pipelines.http_kit.scopes import Scope, requires

SUBJECT = {
    "session_id": {"type": "string", "description": "An upload of yours."},
    "table": {"type": "string", "description": "Or a published table of the lake."},
}
WITH_PLAN = {"type": "object", "required": ["plan"], "properties": {**SUBJECT, "plan": plan_schema_inlined()}}
router = APIRouter(prefix=PREFIX, tags=["plans"])


@router.get("/plan-schema", dependencies=[requires(Scope.VIEWER)])
def read_schema() -> dict[str, Any]:
    """The language of plans as JSON Schema."""
    return plan_schema()


@router.get("/tables", dependencies=own)
def list_tables(parts: Parts, platform: PlatformNow) -> list[TableAnswer]:
    """The lake's tables that plans may be about, with their columns."""
    platform.workers.warm()
    if parts.generations.current_id is None:
        return []
    with parts.generations.acquire() as lease:
        return [TableAnswer.model_validate(each) for each in published_subjects(lease)]


@router.post(
    "/validate",
    dependencies=analysing,
    responses=documented(BadJson, NothingNamed, TwoNamed, NoSuchDataset, NoSuchTable, NothingPublished),
    openapi_extra=json_of({"anyOf": [WITH_PLAN, plan_schema_inlined()]}),
)
def validate(sent: JsonBody, parts: Parts, platform: PlatformNow, who: WhoNow, database: Db) -> ValidationAnswer:
    """What is wrong with a plan, or worth knowing: by itself its form, with a subject also against the data."""
    if not isinstance(sent, dict) or sent.keys().isdisjoint(WITH_PLAN["properties"]):
        found = checked(sent, None, sees_personal=who.sees_personal)
    else:
        with about(named(sent), parts.generations, platform, database, who) as subject:
            found = checked(sent.get("plan"), subject.subject, sees_personal=who.sees_personal)
    return ValidationAnswer(
        valid=not found.errors,
        errors=[str(each) for each in found.errors],
        warnings=[str(each) for each in found.warnings],
        details=list(found.findings),
    )


@router.post(
    "/execute",
    dependencies=[*analysing, limited(EXECUTIONS)],
    responses=documented(
        *(BadJson, NothingNamed, TwoNamed, NoSuchDataset, NoSuchTable, NothingPublished, PlanRefused),
        *(LimitReached, Busy, Unavailable),
    ),
    openapi_extra=json_of(WITH_PLAN),
)
def run(sent: JsonBody, parts: Parts, platform: PlatformNow, who: WhoNow, database: Db) -> Executed:
    """What a plan gives. One that is wrong is 422; one that fails while it runs is 200 with `success` false."""
    with about(named(sent), parts.generations, platform, database, who) as subject:
        return execute(platform, database, who, subject, sent.get("plan"))


@contextmanager
def about(what: Named, generations: Generations, platform: Platform, database: Database, who: Who) -> Iterator[About]:
    """What the request names; a table of the lake stays as it is until the end of the block."""
    if what.session_id is not None:
        found = dataset(database, who.user_id, what.session_id, clock=platform.clock)
        yield About(subject=subject_of(found), reading=reading_of(platform.folders, found), dataset=found)
        return
    with generations.acquire() as lease:
        table = what.table or ""
        yield About(subject=subject_of_table(lease, table), reading=reading_of_table(lease, table))
