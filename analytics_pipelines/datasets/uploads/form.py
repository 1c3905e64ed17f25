"""The form that an upload comes in: what it holds, what its fields mean, and how reading its file can fail."""

from collections.abc import Mapping
from typing import Any

from analytics_pipelines.datasets.uploads import errors as uploads
from analytics_pipelines.foundation.errors import DiskFull, TimedOut
from analytics_pipelines.foundation.workers import Busy, FilePassed, MemoryPassed, WorkerDied

KEEP_ORIGINAL = "keep_original"
FIELDS = (KEEP_ORIGINAL,)
"""Beside the file."""
TRUE = frozenset({"1", "true", "yes", "on"})
TEXT_FILE = "CSV, TSV and the like with a header, also as gzip."
PARQUET_OR_TEXT_FILE = "Parquet of flat columns, or " + TEXT_FILE
READING_ERRORS = (
    *(uploads.EmptyFile, uploads.NotATable, uploads.BrokenArchive, uploads.HoldsNul, uploads.MixedEncodings),
    *(uploads.UnknownEncoding, uploads.UnclosedQuote, uploads.MostlyRejected, uploads.TooLargeUnpacked),
    *(uploads.LineTooLong, uploads.TooManyColumns, uploads.TooManyRows, uploads.BrokenAnswer),
    *(TimedOut, MemoryPassed, FilePassed, Busy, WorkerDied, DiskFull),
)
"""What `take_in` raises of a file of text."""
PARQUET_ERRORS = (uploads.BrokenParquet, uploads.CompressionRefused, uploads.UnusableColumn)
"""What it raises besides of a Parquet file."""


def form_body(file: str) -> dict[str, Any]:
    """The request's body for OpenAPI; `file` says which files are taken."""
    properties = {
        "file": {"type": "string", "format": "binary", "description": file},
        KEEP_ORIGINAL: {"type": "boolean", "default": False, "description": "Keep the file as it came, too."},
    }
    form = {"type": "object", "required": ["file"], "properties": properties}
    return {"required": True, "content": {"multipart/form-data": {"schema": form}}}


def keeps_original(fields: Mapping[str, str]) -> bool:
    """Whether the fields ask for the file to be kept as it came."""
    return fields.get(KEEP_ORIGINAL, "").lower() in TRUE
