"""The seed through the real schema."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
import sqlalchemy as sa

from analytics_pipelines.product_export.models import ITEMS, USERS
from analytics_pipelines.product_export.seed import Seeded, draw_items, draw_people, seed

TODAY = date(2026, 3, 1)
MIDNIGHT = datetime(2026, 3, 1, tzinfo=UTC)


def everything(database):
    with database.reading() as connection:
        return [tuple(connection.execute(sa.select(table).order_by(table.c.id)).all()) for table in (USERS, ITEMS)]


def test_the_seed_adds_as_many_users_and_items_as_asked(database):
    assert seed(database, today=TODAY) == Seeded(users=300, items=2000)
    users, items = everything(database)
    assert (len(users), len(items)) == (300, 2000)


def test_a_second_seed_adds_and_changes_nothing_on_any_day(database):
    seed(database, today=TODAY, users=30, items=90)
    before = everything(database)
    assert seed(database, today=TODAY, users=30, items=90) == Seeded(users=0, items=0)
    assert seed(database, today=TODAY + timedelta(days=40), users=30, items=90) == Seeded(users=0, items=0)
    assert everything(database) == before


def test_a_user_who_was_there_is_left_as_is_and_gets_no_items(database):
    known = draw_people(Random(1), TODAY, 30)[0].email
    with database.writing() as connection:
        connection.execute(sa.insert(USERS), {"email": known, "full_name": "Somebody else"})
    assert seed(database, today=TODAY, users=30, items=900).users == 29
    users, items = everything(database)
    (existing,) = [user for user in users if user.email == known]
    assert existing.full_name == "Somebody else"
    assert existing.id not in {item.owner_id for item in items}


def test_a_seed_that_fails_half_way_adds_nothing(database, monkeypatch):
    monkeypatch.setattr("analytics_pipelines.product_export.seed._row", lambda *_: {"title": "no owner"})
    with pytest.raises(sa.exc.SQLAlchemyError):
        seed(database, today=TODAY, users=3, items=9)
    assert everything(database) == [(), ()]


def test_the_same_number_draws_the_same_rows_and_another_one_others():
    assert draw_people(Random(7), TODAY, 50) == draw_people(Random(7), TODAY, 50)
    assert draw_people(Random(7), TODAY, 50) != draw_people(Random(8), TODAY, 50)


def test_addresses_do_not_repeat_even_when_names_run_out_and_belong_to_nobody():
    people = draw_people(Random(1), TODAY, 4000)
    addresses = [person.email for person in people]
    assert len(set(addresses)) == 4000
    assert {address.rpartition("@")[2] for address in addresses} == {"example.com", "example.org"}
    assert all(address == address.lower() and address.isascii() for address in addresses)


def test_everything_happens_in_order_within_the_ninety_days_before_today():
    people = draw_people(Random(1), TODAY, 300)
    signed_up = {person.email: person.created_at for person in people}
    assert min(signed_up.values()) >= MIDNIGHT - timedelta(days=90)
    assert len({moment.date() for moment in signed_up.values()}) > 60
    for item in draw_items(Random(1), TODAY, people, 2000):
        assert signed_up[item.owner] <= item.created_at <= item.updated_at < MIDNIGHT


def test_few_own_much_and_some_own_nothing():
    people = draw_people(Random(1), TODAY, 300)
    counts = Counter(item.owner for item in draw_items(Random(1), TODAY, people, 2000))
    assert len(counts) < 290
    assert sum(count for _, count in counts.most_common(30)) > 700


@pytest.mark.parametrize("users", [0, 1])
def test_a_seed_of_nobody_or_nothing_is_possible(database, users):
    assert seed(database, today=TODAY, users=users, items=0) == Seeded(users=users, items=0)


def test_items_without_people_are_none():
    assert draw_items(Random(1), TODAY, [], 5) == []
