"""Questions about the product's users and items, answered from one generation.

All speak of the latest day on which both were exported.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from analytics_pipelines.foundation.clock import days_between, midnight
from analytics_pipelines.foundation.errors import BadInput, LimitExceeded
from analytics_pipelines.foundation.generation import Lease
from analytics_pipelines.foundation.sql import from_file

MOST_ACTIVE_USERS = 10
USUAL_DAYS = 30
MOST_DAYS = 3_660
EARLIEST = date(1970, 1, 1)
USERS, ITEMS = "core_app__users", "core_app__items"
ONE_DAY = timedelta(days=1)


class DaysBackwards(BadInput):
    """The last day is before the first."""


class DayTooEarly(BadInput):
    """A day before any that computers count from."""


class TooManyDays(LimitExceeded):
    """More days than one answer may have."""


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


@dataclass(frozen=True, slots=True)
class GrowthDay:
    """What a UTC day has added, of what is still there, and how much there was at its end."""

    created_date: date
    new_user_count: int
    new_item_count: int
    user_count: int
    item_count: int


@dataclass(frozen=True, slots=True)
class _Created:
    created_date: date
    user_count: int
    item_count: int


def items_by_user(lease: Lease, *, most: int | None = None) -> list[UserItemCount]:
    """Owners and the number of their items, most first, ties by e-mail; all of them, or `most`.

    Users without items do not occur; an item whose owner was not exported counts for nobody. Addresses that
    are equal but for case and blanks are one. Raises `TimedOut` past `QUERY_TIMEOUT`.
    """
    query = from_file(__package__, "items_by_user")
    return lease.rows(UserItemCount, query, export_date=latest_day(lease), most=most)


def active_users(lease: Lease, *, most: int = MOST_ACTIVE_USERS) -> list[ActiveUser]:
    """The `most` active users with the most items, those without any too; ties by e-mail, then by number.

    Raises `TimedOut` past `QUERY_TIMEOUT`.
    """
    return lease.rows(ActiveUser, from_file(__package__, "active_users"), export_date=latest_day(lease), most=most)


def growth(lease: Lease, first: date | None = None, last: date | None = None) -> list[GrowthDay]:
    """Each UTC day from `first` to `last`, quiet ones too: by default the 30 days up to the latest exported one.

    Days after that one are left out: what they hold is not known. Rows that were deleted since are not counted on
    any day. Raises `DayTooEarly`, `DaysBackwards`, `TooManyDays`, `TimedOut`.
    """
    known = latest_day(lease)
    if known is None:
        return []
    end = last or known
    start = first or max(end, EARLIEST + USUAL_DAYS * ONE_DAY) - (USUAL_DAYS - 1) * ONE_DAY
    _must_be_in_bounds(start, end)
    return _growth(lease, known, start, min(end, known))


def latest_day(lease: Lease) -> date | None:
    """The latest day that holds both users and items, be they none; where there is no such day, of users alone."""
    users = set(lease.days(USERS, date.min, date.max))
    items = set(lease.days(ITEMS, date.min, date.max))
    return max(users & items or users, default=None)


def _growth(lease: Lease, known: date, start: date, end: date) -> list[GrowthDay]:
    counted = lease.rows(
        _Created,
        from_file(__package__, "growth"),
        export_date=known,
        date_before=start - ONE_DAY,
        first_at=midnight(start),
        end_at=midnight(end + ONE_DAY),
    )
    by_day = {each.created_date: each for each in counted}
    before = by_day.get(start - ONE_DAY)
    users, items = (before.user_count, before.item_count) if before else (0, 0)
    found: list[GrowthDay] = []
    for day in days_between(start, end):
        new = by_day.get(day) or _Created(day, 0, 0)
        users, items = users + new.user_count, items + new.item_count
        found.append(GrowthDay(day, new.user_count, new.item_count, users, items))
    return found


def _must_be_in_bounds(first: date, last: date) -> None:
    if min(first, last) < EARLIEST:
        raise DayTooEarly("There is nothing that early.", limit="days from " + EARLIEST.isoformat())
    if last < first:
        raise DaysBackwards("The last day is before the first.", remedy="Let `from` come before `to`.")
    if (last - first).days >= MOST_DAYS:
        raise TooManyDays("That is too many days.", limit=str(MOST_DAYS) + " days")
