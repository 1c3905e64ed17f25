"""HTTP door of imports: a Parquet or CSV file becomes a private dataset of the caller's."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from analytics_pipelines.datasets.execution.platform import Platform
from analytics_pipelines.datasets.execution.taken_in import take_in
from analytics_pipelines.datasets.kept.datasets import DatasetInFull
from analytics_pipelines.datasets.uploads.form import (
    FIELDS,
    PARQUET_ERRORS,
    PARQUET_OR_TEXT_FILE,
    READING_ERRORS,
    form_body,
    keeps_original,
)
from analytics_pipelines.http_kit.depends import Db
from analytics_pipelines.http_kit.multipart import RECEIVING_ERRORS, receive_file
from analytics_pipelines.http_kit.problems import documented
from analytics_pipelines.http_kit.rate_limits import UPLOADS, LimitReached, limited
from analytics_pipelines.http_kit.scopes import Account, Scope, requires
from analytics_pipelines.http_kit.wiring import Slot
from analytics_pipelines.sql_service.routes.parts import PREFIX

IMPORT_PATH = PREFIX + "/imports"
IMPORTER: Slot[Platform] = Slot("sql_importer")
"""What reads files, the same as for uploads; filled by the application for as long as it runs."""
router = APIRouter(prefix=PREFIX, tags=["sql"])


class ImportAnswer(BaseModel):
    """The dataset that was made, as an upload answers; plans over it take its `session_id`."""

    success: bool = True
    session_id: str
    metadata: DatasetInFull


@router.post(
    "/imports",
    dependencies=[requires(Scope.ADMIN, account=True), limited(UPLOADS)],
    responses=documented(LimitReached, *RECEIVING_ERRORS, *PARQUET_ERRORS, *READING_ERRORS),
    openapi_extra={"requestBody": form_body(PARQUET_OR_TEXT_FILE)},
)
async def import_file(
    request: Request, importer: Annotated[Platform, Depends(IMPORTER.of)], account: Account, database: Db
) -> ImportAnswer:
    """Read a Parquet or CSV file and keep its rows for the caller's plans; nobody else sees them."""
    most_bytes = importer.settings.max_upload_size
    with importer.folders.staging() as folder:
        received = await receive_file(request, folder=folder, most_bytes=most_bytes, fields=FIELDS)
        made = await run_in_threadpool(
            take_in,
            importer,
            database,
            account.user_id or "",
            received.path,
            received.filename,
            keep_original=keeps_original(received.fields),
            takes_parquet=True,
        )
    return ImportAnswer(session_id=made.session_id, metadata=made)
