"""Questions about the product's users and items, answered from one generation."""

from dataclasses import dataclass

from analytics_pipelines.foundation.generation import Lease
from analytics_pipelines.foundation.sql import from_file

MOST_ACTIVE_USERS = 10


@dataclass(frozen=True, slots=True)
class UserItemCount:
    """How many items belong to one address."""

    email: str
    item_count: int


@dataclass(frozen=True, slots=True)
class ActiveUser:
    """A user who may use the product, and how many items are theirs."""

    user_id: int
    email: str
    full_name: str | None
    item_count: int


def items_by_user(lease: Lease) -> list[UserItemCount]:
    """Owners and the number of their items on the latest day that holds both, most first, ties by e-mail.

    Users without items do not occur; an item whose owner was not exported counts for nobody. Addresses that
    are equal but for case and blanks are one. Raises `TimedOut` past `QUERY_TIMEOUT`.
    """
    return lease.rows(UserItemCount, from_file(__package__, "items_by_user"))


def active_users(lease: Lease) -> list[ActiveUser]:
    """The ten active users with the most items, those without any too; ties by e-mail, then by number.

    Of the latest day that holds users and items, or users alone when there never was an item. Raises `TimedOut`
    past `QUERY_TIMEOUT`.
    """
    return lease.rows(ActiveUser, from_file(__package__, "active_users"), most=MOST_ACTIVE_USERS)
