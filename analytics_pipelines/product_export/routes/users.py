"""HTTP door of the product's users: all read by viewers and written by admins, each by itself."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import Field

from analytics_pipelines.foundation.email_addresses import MOST_CHARACTERS, BadEmail
from analytics_pipelines.foundation.errors import TimedOut, Unavailable
from analytics_pipelines.foundation.postgres.failures import TextNotStorable
from analytics_pipelines.http_kit.depends import Db
from analytics_pipelines.http_kit.problems import documented
from analytics_pipelines.product_export.keeping import users
from analytics_pipelines.product_export.keeping.changing import EmailTaken
from analytics_pipelines.product_export.keeping.pages import BadCursor
from analytics_pipelines.product_export.keeping.rights import ForAdminsOnly, NotYours, UserInactive
from analytics_pipelines.product_export.keeping.users import NoSuchUser, UserFilter, UserPage, UserState
from analytics_pipelines.product_export.routes.parameters import (
    USUALLY_LISTED,
    Cursor,
    Email,
    Limit,
    Name,
    Number,
    PartOfText,
    ReaderNow,
    Wish,
    WriterNow,
    left_out,
    reading,
    writing,
)

PATH = "/api/v1/users"
router = APIRouter(prefix=PATH, tags=["product"])
WRITING = (TextNotStorable, NotYours, UserInactive, ForAdminsOnly, Unavailable)


class NewUser(Wish):
    """A user to make."""

    email: Email
    full_name: Name | None = None
    is_active: bool = Field(default=True, description="Whether the user may use the product; false by admins only.")


class UserChange(Wish):
    """What to change; what is left out stays as it is. Who is no admin changes `full_name`."""

    email: Email = left_out("")
    full_name: Name | None = left_out(None)
    is_active: bool = left_out(stand_in=True)


@router.get("", dependencies=reading, responses=documented(BadCursor, TextNotStorable, TimedOut, Unavailable))
def list_users(
    database: Db,
    reader: ReaderNow,
    *,
    q: PartOfText = None,
    email: Annotated[str | None, Query(max_length=MOST_CHARACTERS, description="Only this address.")] = None,
    is_active: Annotated[bool | None, Query(description="Only active ones, or only others.")] = None,
    limit: Limit = USUALLY_LISTED,
    cursor: Cursor = None,
) -> UserPage:
    """Users by number; `q` is part of the address or the name."""
    wanted = UserFilter(q=q, email=email, is_active=is_active)
    return users.list_users(database, reader, wanted, limit=limit, cursor=cursor)


@router.get("/{user_id}", dependencies=reading, responses=documented(NoSuchUser, Unavailable))
def read_user(user_id: Number, database: Db, reader: ReaderNow) -> UserState:
    """One user as it is now."""
    return users.read_user(database, reader, user_id)


@router.post("", status_code=201, dependencies=writing, responses=documented(BadEmail, EmailTaken, *WRITING))
def create_user(wish: NewUser, database: Db, writer: WriterNow, response: Response) -> UserState:
    """Make a user: an admin anybody, others the one for whom their token speaks."""
    made = users.create_user(database, writer, **wish.model_dump())
    response.headers["location"] = PATH + "/" + str(made.id)
    return made


CHANGING = documented(NoSuchUser, BadEmail, EmailTaken, *WRITING)


@router.patch("/{user_id}", dependencies=writing, responses=CHANGING)
@router.post("/{user_id}", dependencies=writing, responses=CHANGING)
def change_user(user_id: Number, wish: UserChange, database: Db, writer: WriterNow) -> UserState:
    """Change what is named; POST does the same for pages of other origins, which may send no PATCH."""
    return users.change_user(database, writer, user_id, wish.model_dump(exclude_unset=True))


@router.delete("/{user_id}", status_code=204, dependencies=writing, responses=documented(NoSuchUser, *WRITING))
def delete_user(user_id: Number, database: Db, writer: WriterNow) -> None:
    """Delete the user and all items that belong to it."""
    users.delete_user(database, writer, user_id)
