"""Realistic users and items for a first look, through the product's real schema.

Names, sign-ups and ownership are drawn from a seeded stream, so that everybody's demo shows the same people:
sign-ups grow towards today, few users own most items, some own none. Addresses are of example.com and
example.org, which nobody can own (RFC 2606).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from random import Random
from unicodedata import normalize

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from analytics_pipelines.foundation.clock import midnight
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.product_export.models import ITEMS, USERS
from analytics_pipelines.product_export.words import (
    ADJECTIVES,
    DOMAINS,
    FIRST_NAMES,
    LAST_NAMES,
    REMARKS,
    THINGS,
)

DAYS_BACK = 90
SHARE_NAMELESS = 0.08
SHARE_INACTIVE = 0.07
SHARE_WITHOUT_ITEMS = 0.15
SHARE_UNDESCRIBED = 0.25
SHARE_CHANGED = 0.4


@dataclass(frozen=True, slots=True)
class Seeded:
    """Rows that were added; both 0 when they were there already."""

    users: int
    items: int


@dataclass(frozen=True, slots=True)
class Person:
    """A user to be inserted."""

    email: str
    full_name: str | None
    is_active: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Belonging:
    """An item to be inserted; its owner is known by e-mail until the database has given numbers."""

    owner: str
    title: str
    description: str | None
    created_at: datetime
    updated_at: datetime


def seed(database: Database, *, today: date, users: int = 300, items: int = 2000, number: int = 1) -> Seeded:
    """Add the users and items that `number` draws, dated in the 90 UTC days before `today`; all or none.

    Users whose address exists are left as they are and get no items, so a second run, on any day, adds and
    changes nothing.
    """
    people = draw_people(Random(number), today, users)  # noqa: S311 - a repeatable stream is the point here
    belongings = draw_items(Random(number), today, people, items)  # noqa: S311 - as above
    with database.writing() as connection:
        numbers = _insert_people(connection, people)
        rows = [_row(item, numbers[item.owner]) for item in belongings if item.owner in numbers]
        if rows:
            connection.execute(sa.insert(ITEMS), rows)
    return Seeded(len(numbers), len(rows))


def draw_people(chance: Random, today: date, count: int) -> list[Person]:
    """`count` users in the order in which they signed up, more of them lately; addresses do not repeat."""
    names = [(first, last) for first in FIRST_NAMES for last in LAST_NAMES]
    chance.shuffle(names)
    drawn = [_person(chance, today, names[index % len(names)], index // len(names)) for index in range(count)]
    return sorted(drawn, key=lambda person: (person.created_at, person.email))


def draw_items(chance: Random, today: date, people: Sequence[Person], count: int) -> list[Belonging]:
    """`count` items in the order of their making, each made after its owner signed up and before `today`."""
    weights = [0.0 if chance.random() < SHARE_WITHOUT_ITEMS else chance.paretovariate(1.3) for _ in people]
    if not any(weights):
        return []
    owners = chance.choices(people, weights, k=count)
    drawn = [_belonging(chance, today, owner) for owner in owners]
    return sorted(drawn, key=lambda item: (item.created_at, item.owner, item.title))


def _person(chance: Random, today: date, name: tuple[str, str], lap: int) -> Person:
    end = midnight(today)
    created_at = end - timedelta(days=DAYS_BACK) * (1 - chance.random() ** 0.6)
    full_name = None if chance.random() < SHARE_NAMELESS else " ".join(name)
    is_active = chance.random() >= SHARE_INACTIVE
    email = _ascii(".".join(name)) + (str(lap + 1) if lap else "") + "@" + chance.choice(DOMAINS)
    return Person(email, full_name, is_active, created_at, _changed_at(chance, created_at, end))


def _belonging(chance: Random, today: date, owner: Person) -> Belonging:
    end = midnight(today)
    created_at = owner.created_at + (end - owner.created_at) * chance.random()
    title = chance.choice(ADJECTIVES) + " " + chance.choice(THINGS)
    description = None if chance.random() < SHARE_UNDESCRIBED else chance.choice(REMARKS)
    return Belonging(owner.email, title, description, created_at, _changed_at(chance, created_at, end))


def _changed_at(chance: Random, created_at: datetime, end: datetime) -> datetime:
    return created_at + (end - created_at) * chance.random() if chance.random() < SHARE_CHANGED else created_at


def _insert_people(connection: sa.Connection, people: Sequence[Person]) -> dict[str, int]:
    """The numbers of those who are new, by e-mail."""
    if not people:
        return {}
    statement = insert(USERS).on_conflict_do_nothing(index_elements=["email"]).returning(USERS.c.email, USERS.c.id)
    inserted = connection.execute(statement, [asdict(person) for person in people])
    return {row.email: row.id for row in inserted}


def _row(item: Belonging, owner_id: int) -> dict[str, object]:
    row = asdict(item) | {"owner_id": owner_id}
    del row["owner"]
    return row


def _ascii(text: str) -> str:
    return normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
