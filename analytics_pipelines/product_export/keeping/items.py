"""Items: made, read, listed, changed and deleted, each by who may."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from analytics_pipelines.foundation.errors import BadInput, NotFound
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.product_export.keeping.changing import changing, looking
from analytics_pipelines.product_export.keeping.pages import cut, last_of
from analytics_pipelines.product_export.keeping.rights import Reader, Writer, own_user
from analytics_pipelines.product_export.models import Item


class NoSuchItem(NotFound):
    """No item has that number, or not for this caller."""


class OwnerMissing(BadInput):
    """An admin, who speaks for no user, has to say whose the item is."""


@dataclass(frozen=True, slots=True)
class ItemState:
    """An item as it is now."""

    id: int
    owner_id: int
    title: str
    description: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ItemPage:
    """Items by number, and the cursor of the next page; None at the end."""

    items: list[ItemState]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFilter:
    """Which items are listed; None for any."""

    q: str | None = None
    """Part of the title, whatever its case."""
    owner_id: int | None = None

    @property
    def asked(self) -> Mapping[str, object]:
        """What a cursor belongs to."""
        return {"list": "items", "q": self.q, "owner_id": self.owner_id}

    @property
    def conditions(self) -> list["sa.ColumnElement[bool]"]:
        """What the rows meet."""
        found: list[sa.ColumnElement[bool]] = []
        if self.q is not None:
            found.append(Item.title.icontains(self.q, autoescape=True))
        if self.owner_id is not None:
            found.append(Item.owner_id == self.owner_id)
        return found


def create_item(
    database: Database, writer: Writer, *, title: str, description: str | None = None, owner_id: int | None = None
) -> ItemState:
    """A new item, of the user for whom the writer speaks unless `owner_id` says otherwise.

    Raises `OwnerMissing`, `UnknownOwner`, `NotYours`, `SpeaksForNobody`, `UserInactive`, `TextNotStorable`,
    `Unavailable`.
    """
    with changing(database) as session:
        owner = _owner(session, writer, owner_id)
        item = Item(owner_id=owner, title=title, description=description)
        session.add(item)
        session.flush()
        return _state(item)


def read_item(database: Database, reader: Reader, item_id: int) -> ItemState:
    """The item of that number; raises `NoSuchItem`, also where the reader may not see it, and `Unavailable`."""
    query = sa.select(Item).where(Item.id == item_id, *reader.of_items)
    with looking(database) as session:
        return _state(_found(session.scalar(query)))


def list_items(
    database: Database, reader: Reader, wanted: ItemFilter, *, limit: int, cursor: str | None = None
) -> ItemPage:
    """`limit` items that the reader sees, by number, after the cursor's.

    Raises `BadCursor`, `TextNotStorable`, `TimedOut`, `Unavailable`.
    """
    conditions = (Item.id > last_of(cursor, wanted.asked), *wanted.conditions, *reader.of_items)
    query = sa.select(Item).where(*conditions).order_by(Item.id).limit(limit + 1)
    with looking(database) as session:
        found = [_state(item) for item in session.scalars(query)]
    return ItemPage(*cut(found, limit, wanted.asked))


def change_item(database: Database, writer: Writer, item_id: int, changes: Mapping[str, Any]) -> ItemState:
    """The item with what `changes` names (`title`, `description`, `owner_id`); admins alone give it another owner.

    Raises `NoSuchItem`, `UnknownOwner`, `NotYours`, `ForAdminsOnly`, `SpeaksForNobody`, `UserInactive`,
    `TextNotStorable`, `Unavailable`.
    """
    with changing(database) as session:
        item = _locked(session, item_id)
        writer.must_own(session, item.owner_id)
        if changes.get("owner_id", item.owner_id) != item.owner_id:
            writer.must_be_admin("whose an item is")
        for name in ("title", "description", "owner_id"):
            if name in changes:
                setattr(item, name, changes[name])
        session.flush()
        return _state(item)


def delete_item(database: Database, writer: Writer, item_id: int) -> None:
    """Delete the item. Raises `NoSuchItem`, `NotYours`, `SpeaksForNobody`, `UserInactive`, `Unavailable`."""
    with changing(database) as session:
        item = _locked(session, item_id)
        writer.must_own(session, item.owner_id)
        session.delete(item)


def _owner(session: Session, writer: Writer, owner_id: int | None) -> int:
    if owner_id is not None:
        writer.must_own(session, owner_id)
        return owner_id
    if writer.subject is None:
        raise OwnerMissing("The token speaks for nobody.", remedy="Say whose the item is: `owner_id`.")
    return own_user(session, writer).id


def _locked(session: Session, item_id: int) -> Item:
    return _found(session.get(Item, item_id, with_for_update=True))


def _found(item: Item | None) -> Item:
    if item is None:
        raise NoSuchItem("There is no item of that number.", remedy="GET /api/v1/items lists them.")
    return item


def _state(item: Item) -> ItemState:
    return ItemState(item.id, item.owner_id, item.title, item.description, item.created_at, item.updated_at)
