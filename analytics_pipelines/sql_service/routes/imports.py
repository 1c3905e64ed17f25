"""HTTP door of imports: a Parquet or CSV file becomes a private dataset of the caller's."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from analytics_pipelines.datasets.execution.platform import Platform
from analytics_pipelines.datasets.execution.taken_in import take_in
from analytics_pipelines.datasets.kept.datasets import DatasetInFull
from analytics_pipelines.datasets.uploads import errors as uploads
from analytics_pipelines.foundation.errors import DiskFull, TimedOut
from analytics_pipelines.foundation.workers import Busy, FilePassed, MemoryPassed, WorkerDied
from analytics_pipelines.http_kit.depends import Db
from analytics_pipelines.http_kit.multipart import (
    EmptyUpload,
    FieldTooLong,
    FileMissing,
    NotMultipart,
    TooManyParts,
    UploadCutOff,
    UploadTooLarge,
    receive_file,
)
from analytics_pipelines.http_kit.problems import documented
from analytics_pipelines.http_kit.rate_limits import UPLOADS, LimitReached, limited
from analytics_pipelines.http_kit.scopes import Account, Scope, requires
from analytics_pipelines.http_kit.wiring import Slot
from analytics_pipelines.sql_service.routes.parts import PREFIX

IMPORT_PATH = PREFIX + "/imports"
IMPORTER: Slot[Platform] = Slot("sql_importer")
"""What reads files, the same as for uploads; filled by the application for as long as it runs."""
KEEP_ORIGINAL = "keep_original"
TRUE = frozenset({"1", "true", "yes", "on"})
FORM = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {
            "type": "string",
            "format": "binary",
            "description": "Parquet of flat columns, or CSV, TSV and the like with a header, also as gzip.",
        },
        KEEP_ORIGINAL: {"type": "boolean", "default": False, "description": "Keep the file as it came, too."},
    },
}
ERRORS = (
    *(NotMultipart, FileMissing, TooManyParts, FieldTooLong, EmptyUpload, UploadCutOff, UploadTooLarge, LimitReached),
    *(uploads.BrokenParquet, uploads.CompressionRefused, uploads.UnusableColumn),
    *(uploads.EmptyFile, uploads.NotATable, uploads.BrokenArchive, uploads.HoldsNul, uploads.MixedEncodings),
    *(uploads.UnknownEncoding, uploads.UnclosedQuote, uploads.MostlyRejected, uploads.TooLargeUnpacked),
    *(uploads.LineTooLong, uploads.TooManyColumns, uploads.TooManyRows, uploads.BrokenAnswer),
    *(TimedOut, MemoryPassed, FilePassed, Busy, WorkerDied, DiskFull),
)
router = APIRouter(prefix=PREFIX, tags=["sql"])


class ImportAnswer(BaseModel):
    """The dataset that was made, as an upload answers; plans over it take its `session_id`."""

    success: bool = True
    session_id: str
    metadata: DatasetInFull


@router.post(
    "/imports",
    dependencies=[requires(Scope.ADMIN, account=True), limited(UPLOADS)],
    responses=documented(*ERRORS),
    openapi_extra={"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": FORM}}}},
)
async def import_file(
    request: Request, importer: Annotated[Platform, Depends(IMPORTER.of)], account: Account, database: Db
) -> ImportAnswer:
    """Read a Parquet or CSV file and keep its rows for the caller's plans; nobody else sees them."""
    most_bytes = importer.settings.max_upload_size
    with importer.folders.staging() as folder:
        received = await receive_file(request, folder=folder, most_bytes=most_bytes, fields=(KEEP_ORIGINAL,))
        made = await run_in_threadpool(
            take_in,
            importer,
            database,
            account.user_id or "",
            received.path,
            received.filename,
            keep_original=received.fields.get(KEEP_ORIGINAL, "").lower() in TRUE,
            takes_parquet=True,
        )
    return ImportAnswer(session_id=made.session_id, metadata=made)
