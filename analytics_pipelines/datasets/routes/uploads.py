"""HTTP door of uploads: a file comes in, is read, and becomes a dataset of the caller's."""

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from analytics_pipelines.datasets.execution.taken_in import take_in
from analytics_pipelines.datasets.routes.models import UploadAnswer
from analytics_pipelines.datasets.routes.parts import PREFIX, PlatformNow, WhoNow, analysing
from analytics_pipelines.datasets.uploads.form import FIELDS, READING_ERRORS, TEXT_FILE, form_body, keeps_original
from analytics_pipelines.http_kit.depends import Db
from analytics_pipelines.http_kit.multipart import RECEIVING_ERRORS, receive_file
from analytics_pipelines.http_kit.problems import documented
from analytics_pipelines.http_kit.rate_limits import UPLOADS, LimitReached, limited

PATH = "/upload"
router = APIRouter(prefix=PREFIX, tags=["datasets"])


@router.post(
    PATH,
    dependencies=[*analysing, limited(UPLOADS)],
    responses=documented(LimitReached, *RECEIVING_ERRORS, *READING_ERRORS),
    openapi_extra={"requestBody": form_body(TEXT_FILE)},
)
async def upload(request: Request, platform: PlatformNow, who: WhoNow, database: Db) -> UploadAnswer:
    """Read the file and keep its rows; what was read, and what was not, is in the answer."""
    most_bytes = platform.settings.max_upload_size
    with platform.folders.staging() as folder:
        received = await receive_file(request, folder=folder, most_bytes=most_bytes, fields=FIELDS)
        made = await run_in_threadpool(
            take_in,
            platform,
            database,
            who.user_id,
            received.path,
            received.filename,
            keep_original=keeps_original(received.fields),
        )
    return UploadAnswer(session_id=made.session_id, metadata=made)
