"""HTTP door of the caller's datasets: which there are, what they hold, what was asked of them."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import FileResponse

from analytics_pipelines.datasets.execution.profiled import Profiled, profiled
from analytics_pipelines.datasets.kept import datasets
from analytics_pipelines.datasets.kept.analyses import Analysis, history, history_of_table
from analytics_pipelines.datasets.kept.datasets import Dataset, DatasetInFull, NoSuchDataset
from analytics_pipelines.datasets.routes.files import Form, exported
from analytics_pipelines.datasets.routes.parts import PREFIX, PlatformNow, SessionId, WhoNow, analysing, own
from analytics_pipelines.foundation.errors import NotFound, TimedOut, Unavailable
from analytics_pipelines.foundation.workers import Busy, MemoryPassed, WorkerDied
from analytics_pipelines.http_kit.depends import Db
from analytics_pipelines.http_kit.problems import documented
from analytics_pipelines.http_kit.rate_limits import EXECUTIONS, LimitReached, limited

Limit = Annotated[int, Query(ge=1, le=1000, description="Most of one answer, newest first.")]
Few = Annotated[int, Query(ge=1, le=200, description="Most of one answer, pictures among it, newest first.")]
Before = Annotated[datetime | None, Query(description="Only older ones: `executed_at` of the last one that you have.")]
Offset = Annotated[int, Query(ge=0, le=2**31, description="So many of the newest are left out.")]
router = APIRouter(prefix=PREFIX, tags=["datasets"])


class NothingKept(NotFound):
    """The file was not kept as it came."""


@router.get("/datasets", dependencies=own, responses=documented(Unavailable))
def list_datasets(
    platform: PlatformNow, who: WhoNow, database: Db, limit: Limit = 1000, offset: Offset = 0
) -> list[Dataset]:
    """The caller's datasets that have not expired, newest first."""
    platform.workers.warm()  # whoever looks at datasets soon asks of them
    return datasets.datasets_of(database, who.user_id, limit=limit, offset=offset, clock=platform.clock)


@router.get("/datasets/{session_id}", dependencies=own, responses=documented(NoSuchDataset))
def read_dataset(session_id: SessionId, platform: PlatformNow, who: WhoNow, database: Db) -> DatasetInFull:
    """One dataset, with the evidence for its columns."""
    return datasets.dataset(database, who.user_id, session_id, clock=platform.clock)


@router.delete("/datasets/{session_id}", status_code=204, dependencies=analysing, responses=documented(NoSuchDataset))
def delete_dataset(session_id: SessionId, platform: PlatformNow, who: WhoNow, database: Db) -> None:
    """Delete the dataset, its files and what was asked of it; the audit keeps that it was."""
    datasets.delete_dataset(database, platform.folders, who.user_id, session_id)


@router.get(
    "/datasets/{session_id}/profile",
    dependencies=[*own, limited(EXECUTIONS)],
    responses=documented(NoSuchDataset, LimitReached, TimedOut, MemoryPassed, Busy, WorkerDied),
)
def read_profile(session_id: SessionId, platform: PlatformNow, who: WhoNow, database: Db) -> Profiled:
    """How the values of each column are spread, with a picture."""
    found = datasets.dataset(database, who.user_id, session_id, clock=platform.clock)
    return profiled(platform, found)


@router.get(
    "/datasets/{session_id}/original",
    dependencies=own,
    responses=documented(NoSuchDataset, NothingKept),
    response_class=FileResponse,
)
def read_original(session_id: SessionId, platform: PlatformNow, who: WhoNow, database: Db) -> FileResponse:
    """The file as it came, where `keep_original` was asked for; named so that no spreadsheet opens it by itself."""
    found = datasets.dataset(database, who.user_id, session_id, clock=platform.clock)
    if not found.has_original:
        raise NothingKept("The file was not kept as it came.", remedy="Upload it with keep_original=true.")
    return FileResponse(
        platform.folders.original(found.place),
        media_type="application/octet-stream",
        filename=found.id + ".original",
    )


@router.get(
    "/history/{session_id}", dependencies=own, response_model=list[Analysis], responses=documented(NoSuchDataset)
)
def read_history(
    session_id: SessionId,
    platform: PlatformNow,
    who: WhoNow,
    database: Db,
    *,
    limit: Few = 50,
    before: Before = None,
    form: Form = "json",
) -> object:
    """What was asked of the dataset, newest first; as CSV a spreadsheet runs none of it."""
    found = history(database, who.user_id, session_id, limit=limit, before=before, clock=platform.clock)
    return exported(form, Analysis, found, name="history")


@router.get(
    "/tables/{table}/history",
    dependencies=own,
    response_model=list[Analysis],
    responses=documented(Unavailable),
)
def read_history_of_table(
    table: str, who: WhoNow, database: Db, *, limit: Few = 50, before: Before = None, form: Form = "json"
) -> object:
    """What the caller asked of a table of the lake, newest first; as CSV a spreadsheet runs none of it."""
    found = history_of_table(database, who.user_id, table, limit=limit, before=before)
    return exported(form, Analysis, found, name="history")
