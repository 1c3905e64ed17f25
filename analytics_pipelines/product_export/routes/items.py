"""HTTP door of the product's items: all read by viewers and written by admins, each by its owner."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from analytics_pipelines.foundation.errors import TimedOut, Unavailable
from analytics_pipelines.foundation.postgres.failures import TextNotStorable
from analytics_pipelines.http_kit.depends import Db
from analytics_pipelines.http_kit.problems import documented
from analytics_pipelines.product_export.keeping import items
from analytics_pipelines.product_export.keeping.changing import UnknownOwner
from analytics_pipelines.product_export.keeping.items import ItemFilter, ItemPage, ItemState, NoSuchItem, OwnerMissing
from analytics_pipelines.product_export.keeping.pages import BadCursor
from analytics_pipelines.product_export.keeping.rights import ForAdminsOnly, NotYours, SpeaksForNobody, UserInactive
from analytics_pipelines.product_export.models import MOST_NUMBER
from analytics_pipelines.product_export.routes.parameters import (
    USUALLY_LISTED,
    Cursor,
    Description,
    Limit,
    Number,
    Owner,
    PartOfText,
    ReaderNow,
    Title,
    Wish,
    WriterNow,
    left_out,
    reading,
    writing,
)

PATH = "/api/v1/items"
router = APIRouter(prefix=PATH, tags=["product"])
WRITING = (NotYours, SpeaksForNobody, UserInactive, Unavailable)


class NewItem(Wish):
    """An item to make."""

    title: Title
    description: Description | None = None
    owner_id: Owner | None = None


class ItemChange(Wish):
    """What to change; what is left out stays as it is. Admins alone change `owner_id`."""

    title: Title = left_out("")
    description: Description | None = left_out(None)
    owner_id: Owner = left_out(0)


@router.get("", dependencies=reading, responses=documented(BadCursor, TextNotStorable, TimedOut, Unavailable))
def list_items(
    database: Db,
    reader: ReaderNow,
    *,
    q: PartOfText = None,
    owner_id: Annotated[int | None, Query(ge=1, le=MOST_NUMBER, description="Only items of this user.")] = None,
    limit: Limit = USUALLY_LISTED,
    cursor: Cursor = None,
) -> ItemPage:
    """Items by number; `q` is part of the title."""
    return items.list_items(database, reader, ItemFilter(q=q, owner_id=owner_id), limit=limit, cursor=cursor)


@router.get("/{item_id}", dependencies=reading, responses=documented(NoSuchItem, Unavailable))
def read_item(item_id: Number, database: Db, reader: ReaderNow) -> ItemState:
    """One item as it is now."""
    return items.read_item(database, reader, item_id)


@router.post(
    "",
    status_code=201,
    dependencies=writing,
    responses=documented(OwnerMissing, UnknownOwner, TextNotStorable, *WRITING),
)
def create_item(wish: NewItem, database: Db, writer: WriterNow, response: Response) -> ItemState:
    """Make an item, of the user for whom the token speaks; an admin may say of whom."""
    made = items.create_item(database, writer, **wish.model_dump())
    response.headers["location"] = PATH + "/" + str(made.id)
    return made


CHANGING = documented(NoSuchItem, UnknownOwner, TextNotStorable, ForAdminsOnly, *WRITING)


@router.patch("/{item_id}", dependencies=writing, responses=CHANGING)
@router.post("/{item_id}", dependencies=writing, responses=CHANGING)
def change_item(item_id: Number, wish: ItemChange, database: Db, writer: WriterNow) -> ItemState:
    """Change what is named; POST does the same for pages of other origins, which may send no PATCH."""
    return items.change_item(database, writer, item_id, wish.model_dump(exclude_unset=True))


@router.delete("/{item_id}", status_code=204, dependencies=writing, responses=documented(NoSuchItem, *WRITING))
def delete_item(item_id: Number, database: Db, writer: WriterNow) -> None:
    """Delete the item."""
    items.delete_item(database, writer, item_id)
