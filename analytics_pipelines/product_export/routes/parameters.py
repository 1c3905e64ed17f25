"""Parameters that several doors of the product take, and who is reading and writing.

    @router.get("/{item_id}", dependencies=reading)
    def read_item(item_id: Number, database: Db, reader: ReaderNow) -> ItemState: ...

Use `ReaderNow` only behind `reading`, `WriterNow` behind `writing`, which find out who is calling: viewers read all,
who only writes as one user reads what is that user's.
"""

from typing import Annotated, Any

from fastapi import Depends, Path, Query, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from analytics_pipelines.foundation.email_addresses import MOST_CHARACTERS
from analytics_pipelines.http_kit.principals import Principal
from analytics_pipelines.http_kit.scopes import Scope, requires
from analytics_pipelines.product_export.keeping.rights import Reader, Writer
from analytics_pipelines.product_export.models import MOST_NUMBER

MOST_LISTED = 1_000
USUALLY_LISTED = 50
MOST_TEXT_CHARACTERS = 200
MOST_DESCRIPTION_CHARACTERS = 10_000


async def _reader(request: Request) -> Reader:
    caller: Principal | None = getattr(request.state, "principal", None)
    if caller is None:  # reads are open here
        return Reader(None, sees_all=True)
    return Reader(caller.subject, sees_all=caller.may(Scope.VIEWER))


async def _writer(request: Request) -> Writer:
    caller: Principal = request.state.principal
    return Writer(caller.subject, is_admin=caller.may(Scope.ADMIN))


def _none_if_empty(text: str) -> str | None:
    return text or None


def _forget_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


def left_out(stand_in: object) -> Any:
    """A field of a change that need not be named; what stands for it is neither checked, shown nor written."""
    return Field(default=stand_in, json_schema_extra=_forget_default)


class Wish(BaseModel):
    """What is to be written; unknown names are refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


reading = [requires(Scope.VIEWER, or_else=Scope.PRODUCT_WRITE)]
writing = [requires(Scope.PRODUCT_WRITE)]
ReaderNow = Annotated[Reader, Depends(_reader)]
WriterNow = Annotated[Writer, Depends(_writer)]
Number = Annotated[int, Path(ge=1, le=MOST_NUMBER)]
Owner = Annotated[int, Field(ge=1, le=MOST_NUMBER, description="The number of the user to whom it belongs.")]
Limit = Annotated[int, Query(ge=1, le=MOST_LISTED, description="Most rows of one answer.")]
Cursor = Annotated[str | None, Query(max_length=100, description="`next_cursor` of the page before.")]
Email = Annotated[
    str,
    StringConstraints(max_length=2 * MOST_CHARACTERS),
    Field(description="Kept without blanks around it, in lower case.", examples=["ada@example.com"]),
]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MOST_TEXT_CHARACTERS)]
Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=MOST_TEXT_CHARACTERS),
    AfterValidator(_none_if_empty),
]
Description = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=MOST_DESCRIPTION_CHARACTERS),
    AfterValidator(_none_if_empty),
]
PartOfText = Annotated[str | None, Query(min_length=1, max_length=MOST_TEXT_CHARACTERS)]
