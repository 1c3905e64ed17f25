"""Records as JSON, or as a file of CSV or of JSON lines that is sent as it is made."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Literal

from fastapi import Query
from starlette.responses import Response, StreamingResponse

from analytics_pipelines.datasets.kept.export import Record, csv_of, json_lines

Form = Annotated[Literal["json", "jsonl", "csv"], Query(alias="format")]

FILES: Mapping[str, tuple[Callable[[type[Record], Iterable[Record]], Iterator[str]], str]] = {
    "csv": (csv_of, "text/csv; charset=utf-8; header=present"),
    "jsonl": (json_lines, "application/jsonl"),
}


def exported(form: str, kind: type[Record], found: Sequence[Record], *, name: str) -> Response | Sequence[Record]:
    """The records for the route's own model, or as a file of that name."""
    if form == "json":
        return found
    make, media_type = FILES[form]
    headers = {"content-disposition": f'attachment; filename="{name}.{form}"'}
    return StreamingResponse(make(kind, found), media_type=media_type, headers=headers)
