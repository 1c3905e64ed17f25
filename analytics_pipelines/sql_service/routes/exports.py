"""HTTP door of exports: answers written to files in the background, fetched by whoever asked for them alone."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, Response

from analytics_pipelines.foundation.errors import AnalyticsError, Conflict, DiskFull
from analytics_pipelines.http_kit.depends import Parts
from analytics_pipelines.http_kit.problems import documented
from analytics_pipelines.sql_service.allowance import Caller
from analytics_pipelines.sql_service.client import BrokerClient
from analytics_pipelines.sql_service.errors import (
    CircuitBreakerOpenException,
    DuckDBConnectionError,
    DuckDBQueryError,
    DuckDBResourceError,
    QueueFull,
    TooManyQueries,
    Uncaged,
)
from analytics_pipelines.sql_service.exports import Export, ExportNotFound, ExportNotReady, Exports, ExportState
from analytics_pipelines.sql_service.messages import Ask, Does, Format, Statement
from analytics_pipelines.sql_service.places import Places
from analytics_pipelines.sql_service.routes.models import Column, Params, Sent, Sql, TimeoutS
from analytics_pipelines.sql_service.routes.parts import PREFIX, CallerNow, ClientNow, OwnerNow, asking, body_of, sent

MEDIA_TYPES = {Format.PARQUET: "application/vnd.apache.parquet", Format.CSV: "text/csv; charset=utf-8"}
PRIVATE = {"cache-control": "private, no-store"}
NOT_QUEUED = (DuckDBConnectionError, QueueFull, CircuitBreakerOpenException, Uncaged, TooManyQueries, DuckDBQueryError)
"""What keeps an export from being queued."""
router = APIRouter(prefix=PREFIX, tags=["sql"])


class ExportBody(Sent):
    """A query whose answer is wanted as a file."""

    query: Sql
    params: Params = None
    format: Literal["parquet", "csv"] = Field("parquet", description="Parquet is compressed with Zstandard.")
    timeout_s: TimeoutS = None


class ExportAnswer(BaseModel):
    """An export of the caller's."""

    export_id: str
    state: ExportState
    format: Format
    query: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    expires_at: datetime = Field(description="When the file is removed.")
    progress: float | None = Field(description="Part that is done, 0 to 1; null while it runs, when nobody knows.")
    rows: int
    bytes: int = Field(description="Of the file; while it runs, what is written by now.")
    columns: list[Column]
    error: dict[str, Any] | None = Field(description="Why it failed: `code`, `detail`, `limit`, `remedy`.")
    file: str | None = Field(description="Path to fetch it from, once it is there.")


async def _exports(parts: Parts) -> Exports:
    return Exports(Places.of(parts.settings.home).exports, parts.settings, parts.clock)


ExportsNow = Annotated[Exports, Depends(_exports)]
ExportId = Annotated[str, Path(max_length=100, description="`export_id` of an export of yours.")]


@router.post(
    "/exports",
    status_code=202,
    dependencies=asking,
    openapi_extra=body_of(ExportBody),
    responses=documented(*NOT_QUEUED, DuckDBResourceError, DiskFull, Conflict),
)
async def create_export(
    exports: ExportsNow,
    caller: CallerNow,
    owner: OwnerNow,
    client: ClientNow,
    body: Annotated[ExportBody, sent(ExportBody)],
) -> ExportAnswer:
    """Queue a query; its answer becomes a file, whether or not anybody waits for it."""
    export = await run_in_threadpool(exports.create, owner, body.query, Format(body.format))
    ask = Ask(
        does=Does.EXPORT,
        caller=caller,
        statements=(Statement(body.query, body.params),),
        format=export.format,
        timeout_s=body.timeout_s,
        query_id=export.export_id,
        name=export.export_id,
    )
    try:
        await client.control(ask)
    except AnalyticsError:
        await run_in_threadpool(_forgotten, exports, export)
        raise
    return answered(await run_in_threadpool(exports.named, export.export_id, owner))


@router.get("/exports", dependencies=asking)
async def list_exports(exports: ExportsNow, owner: OwnerNow, response: Response) -> list[ExportAnswer]:
    """The caller's exports, newest first."""
    response.headers.update(PRIVATE)
    return [answered(each) for each in await run_in_threadpool(exports.of, owner)]


@router.get("/exports/{export_id}", dependencies=asking, responses=documented(ExportNotFound))
async def read_export(export_id: ExportId, exports: ExportsNow, owner: OwnerNow, response: Response) -> ExportAnswer:
    """How far an export of the caller's is; anybody else's is not found, for admins neither."""
    response.headers.update(PRIVATE)
    return answered(await run_in_threadpool(exports.named, export_id, owner))


@router.get(
    "/exports/{export_id}/file",
    dependencies=asking,
    response_class=FileResponse,
    responses=documented(ExportNotFound, ExportNotReady),
)
async def fetch_export(export_id: ExportId, exports: ExportsNow, owner: OwnerNow) -> FileResponse:
    """The file; a part of it where the request has a Range."""

    def found() -> FileResponse:
        export = exports.named(export_id, owner)
        file = exports.file_of(export)
        name = "export-" + export.export_id + "." + export.format.value
        media_type = MEDIA_TYPES[export.format]
        return FileResponse(file, filename=name, media_type=media_type, stat_result=file.stat(), headers=PRIVATE)

    return await run_in_threadpool(found)


@router.delete("/exports/{export_id}", status_code=204, dependencies=asking, responses=documented(ExportNotFound))
async def delete_export(
    export_id: ExportId, exports: ExportsNow, caller: CallerNow, owner: OwnerNow, client: ClientNow
) -> None:
    """Remove an export and its file; one that waits or runs is stopped."""
    removed = await run_in_threadpool(exports.remove, export_id, owner)
    if not removed.is_finished:
        await _stopped(client, caller, removed)


async def _stopped(client: BrokerClient, caller: Caller, export: Export) -> None:
    """Without its record the broker gives it up by itself; this is only sooner."""
    try:
        await client.control(Ask(does=Does.CANCEL, caller=caller, query_id=export.export_id))
    except AnalyticsError:
        return


def _forgotten(exports: Exports, export: Export) -> None:
    try:
        exports.remove(export.export_id, export.owner)
    except ExportNotFound:
        return


def answered(export: Export) -> ExportAnswer:
    """As clients see it."""
    is_there = export.state is ExportState.SUCCEEDED
    return ExportAnswer(
        export_id=export.export_id,
        state=export.state,
        format=export.format,
        query=export.sql,
        created_at=export.created_at,
        started_at=export.started_at,
        finished_at=export.finished_at,
        expires_at=export.expires_at,
        progress=1.0 if is_there else 0.0 if export.state is ExportState.QUEUED else None,
        rows=export.rows,
        bytes=export.size_bytes,
        columns=[Column(name=name, type=kind) for name, kind in export.columns],
        error=export.error,
        file=PREFIX + "/exports/" + export.export_id + "/file" if is_there else None,
    )
