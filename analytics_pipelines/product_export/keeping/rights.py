"""Who may read and write which of the product's rows."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from analytics_pipelines.foundation.errors import Forbidden
from analytics_pipelines.product_export.models import Item, User

ASK_AN_ADMIN = "A token with the scope admin may."


class NotYours(Forbidden):
    """The row belongs to another user than the one for whom the token speaks."""


class ForAdminsOnly(Forbidden):
    """What only admins may change: addresses, whether a user is active, and whose an item is."""


class SpeaksForNobody(Forbidden):
    """The product has no user with the address for which the token was made."""


class UserInactive(Forbidden):
    """The user for whom the token speaks may not use the product."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who wants to read: somebody who may see all, or the user with this address."""

    subject: str | None
    sees_all: bool

    @property
    def of_users(self) -> list["sa.ColumnElement[bool]"]:
        """What users meet that the reader sees."""
        return [] if self.sees_all else [User.email == self.subject]

    @property
    def of_items(self) -> list["sa.ColumnElement[bool]"]:
        """What items meet that the reader sees."""
        return [] if self.sees_all else [Item.owner_id.in_(sa.select(User.id).where(*self.of_users))]


@dataclass(frozen=True, slots=True)
class Writer:
    """Who wants to write: the user with this address, or an admin."""

    subject: str | None
    is_admin: bool

    def must_be_admin(self, what: str) -> None:
        """Raise `ForAdminsOnly` unless an admin writes."""
        if not self.is_admin:
            raise ForAdminsOnly("Only admins may change " + what + ".", remedy=ASK_AN_ADMIN)

    def must_be(self, user: User) -> None:
        """Raise `NotYours` or `UserInactive` unless the writer is that user, or an admin."""
        if self.is_admin:
            return
        if user.email != self.subject:
            raise NotYours("The user is not the one for whom the token speaks.", remedy=ASK_AN_ADMIN)
        _must_be_active(user)

    def must_own(self, session: Session, owner_id: int) -> None:
        """Raise unless what this user owns may be written: `NotYours`, or as `own_user`."""
        if not self.is_admin and owner_id != own_user(session, self).id:
            raise NotYours("The item belongs to another user.", remedy=ASK_AN_ADMIN)


def own_user(session: Session, writer: Writer) -> User:
    """The user for whom the writer speaks; raises `SpeaksForNobody`, `UserInactive`."""
    user = session.scalar(sa.select(User).where(User.email == writer.subject))
    if user is None:
        raise SpeaksForNobody(
            "The token speaks for no user of the product.", remedy="Create the user with the token's address first."
        )
    _must_be_active(user)
    return user


def _must_be_active(user: User) -> None:
    if not user.is_active:
        raise UserInactive("The user may not use the product any more.", remedy=ASK_AN_ADMIN)
