"""Questions: the SQL on DuckDB in memory, as cases and against a naive reference."""

import csv
from collections import Counter
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.product_export.queries import (
    ActiveUser,
    DaysBackwards,
    DayTooEarly,
    GrowthDay,
    TooManyDays,
    UserItemCount,
    active_users,
    growth,
    items_by_user,
    latest_day,
)
from analytics_pipelines_tests.counts import examples
from analytics_pipelines_tests.product_export.in_memory import InMemory

CASES = Path(__file__).parent / "cases" / "items_by_user"
DAYS = [date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3)]


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


@settings(deadline=None, max_examples=examples(60))
@given(users=USERS, items=ITEMS)
def test_the_answers_are_those_of_plain_loops(users, items):
    user_rows = [(*key, *rest) for key, rest in users.items()]
    item_rows = [(*key, owner) for key, owner in items.items()]
    lease = InMemory(user_rows, item_rows)
    assert items_by_user(lease) == naive_items_by_user(user_rows, item_rows)
    assert active_users(lease) == naive_active_users(user_rows, item_rows)


@pytest.mark.parametrize("most", [1, 3, 11])
def test_as_many_are_named_as_asked(most):
    users = [(DAYS[0], number, str(number) + "@example.com", None, True) for number in range(11)]
    items = [(DAYS[0], number, number) for number in range(11)]
    lease = InMemory(users, items)
    assert len(active_users(lease, most=most)) == len(items_by_user(lease, most=most)) == most
    assert len(items_by_user(lease)) == 11


def test_ten_active_users_are_named_unless_asked_otherwise():
    users = [(DAYS[0], number, str(number) + "@example.com", None, True) for number in range(11)]
    assert len(active_users(InMemory(users, []))) == 10


def test_a_day_on_which_no_items_were_left_is_the_latest_day_too():
    users = [(day, 1, "ada@example.com", None, True) for day in DAYS[:2]]
    lease = InMemory(users, [(DAYS[0], 1, 1)], days={"core_app__items": DAYS[:2]})
    assert latest_day(lease) == DAYS[1]
    assert items_by_user(lease) == []
    assert active_users(lease)[0].item_count == 0


def at(day, hour=0, microsecond=0):
    return datetime(day.year, day.month, day.day, hour, 0, 0, microsecond, tzinfo=UTC)


MOMENTS = st.integers(0, 68 * 86_400_000_000).map(lambda pause: at(date(2025, 12, 28)) + timedelta(microseconds=pause))
SOME_DAYS = st.dates(date(2025, 12, 25), date(2026, 3, 8))
SPANS = st.tuples(SOME_DAYS, SOME_DAYS).map(sorted)


def naive_growth(users, items, first, last, known):
    found = []
    day = first
    while day <= min(last, known):
        found.append(
            GrowthDay(
                day,
                sum(moment.date() == day for moment in users),
                sum(moment.date() == day for moment in items),
                sum(moment.date() <= day for moment in users),
                sum(moment.date() <= day for moment in items),
            )
        )
        day += timedelta(days=1)
    return found


@settings(deadline=None, max_examples=examples(60))
@given(users=st.lists(MOMENTS, max_size=15), items=st.lists(MOMENTS, max_size=15), span=SPANS)
def test_growth_is_that_of_plain_loops(users, items, span):
    first, last = span
    known = DAYS[1]
    user_rows = [(known, number, "a@example.com", None, True, moment) for number, moment in enumerate(users)]
    item_rows = [(known, number, 0, moment) for number, moment in enumerate(items)]
    lease = InMemory(user_rows, item_rows, days={"core_app__users": [known], "core_app__items": [known]})
    assert growth(lease, first, last) == naive_growth(users, items, first, last, known)


def test_growth_is_of_the_last_thirty_days_unless_asked_otherwise():
    made_at = at(DAYS[0], 23, 999_999)
    users = [(DAYS[1], 1, "a@example.com", None, True, made_at)]
    found = growth(InMemory(users, [(DAYS[1], 1, 1, made_at)]))
    assert (len(found), found[0].created_date, found[-1].created_date) == (30, date(2026, 2, 1), DAYS[1])
    assert found[-2:] == [GrowthDay(DAYS[0], 1, 1, 1, 1), GrowthDay(DAYS[1], 0, 0, 1, 1)]
    assert growth(InMemory(users, []), last=date(1970, 1, 5))[0] == GrowthDay(date(1970, 1, 2), 0, 0, 0, 0)


def test_before_anything_was_exported_every_answer_is_empty():
    nothing = InMemory([], [])
    assert (items_by_user(nothing), active_users(nothing), growth(nothing)) == ([], [], [])


@pytest.mark.parametrize(
    ("first", "last", "error"),
    [
        pytest.param(DAYS[1], DAYS[0], DaysBackwards, id="backwards"),
        pytest.param(date(2000, 1, 1), date(2020, 1, 1), TooManyDays, id="twenty years"),
        pytest.param(date.min, None, DayTooEarly, id="the first day that Python knows"),
        pytest.param(None, date.min, DayTooEarly, id="up to that day"),
    ],
)
def test_spans_that_can_not_be_answered_are_refused(first, last, error):
    with pytest.raises(error):
        growth(InMemory([(DAYS[0], 1, "a@example.com", None, True)], []), first, last)


@pytest.mark.parametrize(
    ("model", "names"),
    [
        pytest.param(UserItemCount, ["email", "item_count"], id="UserItemCount"),
        pytest.param(ActiveUser, ["user_id", "email", "full_name", "item_count"], id="ActiveUser"),
        pytest.param(
            GrowthDay,
            ["created_date", "new_user_count", "new_item_count", "user_count", "item_count"],
            id="GrowthDay",
        ),
    ],
)
def test_the_answers_name_their_columns_as_the_contract_does(model, names):
    assert [field.name for field in fields(model)] == names
