"""Questions: the SQL on DuckDB in memory, as cases and against a naive reference."""

import csv
from collections import Counter
from dataclasses import fields
from datetime import date
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.foundation.duck import rows_of
from analytics_pipelines.product_export.queries import ActiveUser, UserItemCount, active_users, items_by_user

CASES = Path(__file__).parent / "cases" / "items_by_user"
DAYS = [date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3)]
DECLARE = """
CREATE TABLE core_app__users (export_date DATE, id BIGINT, email VARCHAR, full_name VARCHAR, is_active BOOLEAN);
CREATE TABLE core_app__items (export_date DATE, id BIGINT, owner_id BIGINT);
"""
ADD_USER = "INSERT INTO core_app__users VALUES (?, ?, ?, ?, ?)"
ADD_ITEM = "INSERT INTO core_app__items VALUES (?, ?, ?)"


class InMemory:
    """Stands for a lease: the same tables, on a DuckDB of the test's own."""

    def __init__(self, users, items):
        self.cursor = duckdb.connect()
        self.cursor.execute(DECLARE)
        for query, rows in [(ADD_USER, users), (ADD_ITEM, items)]:
            if rows:
                self.cursor.executemany(query, rows)

    def rows(self, model, sql, **values):
        return rows_of(self.cursor, model, sql, values)


def read(case, name):
    with (CASES / case / name).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


@pytest.mark.parametrize("case", sorted(folder.name for folder in CASES.iterdir()))
def test_items_are_counted_for_their_owners(case):
    users = [[*user, None, True] for user in read(case, "core_app__users.csv")]
    expected = [UserItemCount(email, int(count)) for email, count in read(case, "expected.csv")]
    assert items_by_user(InMemory(users, read(case, "core_app__items.csv"))) == expected


def latest_of_both(users, items):
    return max({day for day, *_ in users} & {day for day, *_ in items}, default=None)


def counted(users, items, day):
    """What the answers mean, in plain loops: items of each user on that day."""
    counts = {user: 0 for user in users if user[0] == day}
    for item_day, _, owner in items:
        for user in counts:
            if item_day == day and owner == user[1]:
                counts[user] += 1
    return counts


def naive_items_by_user(users, items):
    by_email = Counter()
    for (_, _, email, *_), count in counted(users, items, latest_of_both(users, items)).items():
        by_email[email] += count
    found = [(email, count) for email, count in by_email.items() if count]
    return [UserItemCount(*each) for each in sorted(found, key=lambda each: (-each[1], each[0].encode()))]


def naive_active_users(users, items):
    day = latest_of_both(users, items) or max((day for day, *_ in users), default=None)
    found = [
        ActiveUser(number, email, full_name, count)
        for (_, number, email, full_name, is_active), count in counted(users, items, day).items()
        if is_active
    ]
    return sorted(found, key=lambda user: (-user.item_count, user.email.encode(), user.user_id))[:10]


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=8)
ADDRESSES = st.one_of(
    st.sampled_from(["a@example.com", "b@example.com", "é@example.com", "z'\"--@example.com", "🗼@example.com"]), TEXTS
)
REST = st.tuples(ADDRESSES, st.none() | TEXTS, st.sampled_from([True, True, False]))
USERS = st.dictionaries(st.tuples(st.sampled_from(DAYS), st.integers(1, 15)), REST, max_size=20)
ITEMS = st.dictionaries(st.tuples(st.sampled_from(DAYS), st.integers(1, 12)), st.integers(1, 17), max_size=25)


@settings(deadline=None, max_examples=60)
@given(users=USERS, items=ITEMS)
def test_the_answers_are_those_of_plain_loops(users, items):
    user_rows = [(*key, *rest) for key, rest in users.items()]
    item_rows = [(*key, owner) for key, owner in items.items()]
    lease = InMemory(user_rows, item_rows)
    assert items_by_user(lease) == naive_items_by_user(user_rows, item_rows)
    assert active_users(lease) == naive_active_users(user_rows, item_rows)


def test_at_most_ten_active_users_are_named():
    users = [(DAYS[0], number, str(number) + "@example.com", None, True) for number in range(11)]
    assert len(active_users(InMemory(users, []))) == 10


@pytest.mark.parametrize(
    ("model", "names"),
    [
        pytest.param(UserItemCount, ["email", "item_count"], id="UserItemCount"),
        pytest.param(ActiveUser, ["user_id", "email", "full_name", "item_count"], id="ActiveUser"),
    ],
)
def test_the_answers_name_their_columns_as_the_contract_does(model, names):
    assert [field.name for field in fields(model)] == names
