"""HTTP door of uploads: a file comes in, is read, and becomes a dataset of the caller's."""

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from analytics_pipelines.datasets.execution.taken_in import take_in
from analytics_pipelines.datasets.routes.models import UploadAnswer
from analytics_pipelines.datasets.routes.parts import PREFIX, PlatformNow, WhoNow, analysing
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

PATH = "/upload"
KEEP_ORIGINAL = "keep_original"
TRUE = frozenset({"1", "true", "yes", "on"})
FORM = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {
            "type": "string",
            "format": "binary",
            "description": "CSV, TSV and the like with a header, also as gzip.",
        },
        KEEP_ORIGINAL: {"type": "boolean", "default": False, "description": "Keep the file as it came, too."},
    },
}
ERRORS = (
    *(NotMultipart, FileMissing, TooManyParts, FieldTooLong, EmptyUpload, UploadCutOff, UploadTooLarge, LimitReached),
    *(uploads.EmptyFile, uploads.NotATable, uploads.BrokenArchive, uploads.HoldsNul, uploads.MixedEncodings),
    *(uploads.UnknownEncoding, uploads.UnclosedQuote, uploads.MostlyRejected, uploads.TooLargeUnpacked),
    *(uploads.LineTooLong, uploads.TooManyColumns, uploads.TooManyRows, uploads.BrokenAnswer),
    *(TimedOut, MemoryPassed, FilePassed, Busy, WorkerDied, DiskFull),
)
router = APIRouter(prefix=PREFIX, tags=["datasets"])


@router.post(
    PATH,
    dependencies=[*analysing, limited(UPLOADS)],
    responses=documented(*ERRORS),
    openapi_extra={"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": FORM}}}},
)
async def upload(request: Request, platform: PlatformNow, who: WhoNow, database: Db) -> UploadAnswer:
    """Read the file and keep its rows; what was read, and what was not, is in the answer."""
    most_bytes = platform.settings.max_upload_size
    with platform.folders.staging() as folder:
        received = await receive_file(request, folder=folder, most_bytes=most_bytes, fields=(KEEP_ORIGINAL,))
        made = await run_in_threadpool(
            take_in,
            platform,
            database,
            who.user_id,
            received.path,
            received.filename,
            keep_original=received.fields.get(KEEP_ORIGINAL, "").lower() in TRUE,
        )
    return UploadAnswer(session_id=made.session_id, metadata=made)
