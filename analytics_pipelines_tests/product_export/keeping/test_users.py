"""Users through the real schema."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from analytics_pipelines.foundation.email_addresses import BadEmail
from analytics_pipelines.foundation.postgres.failures import TextNotStorable
from analytics_pipelines.product_export.keeping.changing import EmailTaken
from analytics_pipelines.product_export.keeping.items import ItemFilter, create_item, list_items
from analytics_pipelines.product_export.keeping.pages import BadCursor
from analytics_pipelines.product_export.keeping.rights import Reader, Writer
from analytics_pipelines.product_export.keeping.users import (
    NoSuchUser,
    UserFilter,
    change_user,
    create_user,
    delete_user,
    list_users,
    read_user,
)
from analytics_pipelines.product_export.models import User

ADMIN = Writer(None, is_admin=True)
ALL = Reader(None, sees_all=True)
ANYBODY = UserFilter()


def made(database, name="ada", **more):
    return create_user(database, ADMIN, email=name + "@example.com", **more)


def test_a_user_is_kept_as_it_was_made(database):
    user = create_user(database, ADMIN, email=" Ada@Example.com ", full_name="Ada")
    assert (user.email, user.full_name, user.is_active) == ("ada@example.com", "Ada", True)
    assert user.created_at == user.updated_at
    assert read_user(database, ALL, user.id) == user


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"full_name": "Ada L."}, ("ada@example.com", "Ada L.", True), id="name"),
        pytest.param({"full_name": None}, ("ada@example.com", None, True), id="no name"),
        pytest.param({"email": "Countess@example.com"}, ("countess@example.com", "Ada", True), id="address"),
        pytest.param({"is_active": False}, ("ada@example.com", "Ada", False), id="inactive"),
    ],
)
def test_what_is_named_changes_and_the_rest_stays(database, changes, expected):
    before = made(database, full_name="Ada")
    other = made(database, "bob")
    after = change_user(database, ADMIN, before.id, changes)
    assert (after.email, after.full_name, after.is_active) == expected
    assert after.created_at == before.created_at < after.updated_at
    assert read_user(database, ALL, before.id) == after
    assert read_user(database, ALL, other.id) == other


def test_a_change_that_changes_nothing_leaves_the_moment_alone(database):
    user = made(database, full_name="Ada")
    given = {"email": "ADA@example.com", "full_name": "Ada", "is_active": True}
    assert change_user(database, ADMIN, user.id, given) == user
    assert change_user(database, ADMIN, user.id, {}) == user


def test_a_deleted_user_is_gone_with_all_items(database):
    ada, bob = made(database), made(database, "bob")
    for owner in (ada, ada, bob):
        create_item(database, ADMIN, title="lamp", owner_id=owner.id)
    delete_user(database, ADMIN, ada.id)
    with pytest.raises(NoSuchUser):
        read_user(database, ALL, ada.id)
    assert [item.owner_id for item in list_items(database, ALL, ItemFilter(), limit=9).items] == [bob.id]


@pytest.mark.parametrize(
    "call",
    [
        lambda d, n: read_user(d, ALL, n),
        lambda d, n: change_user(d, ADMIN, n, {}),
        lambda d, n: delete_user(d, ADMIN, n),
    ],
)
def test_a_user_who_is_not_there_is_said_to_be_missing(database, call):
    with pytest.raises(NoSuchUser):
        call(database, 2_000_000_000)


def test_an_address_is_given_once_whatever_its_case(database):
    ada, bob = made(database), made(database, "bob")
    with database.writing() as connection:
        connection.execute(sa.insert(User), {"email": "Old.Program@Example.com"})
    for taken in ("ADA@example.com", "old.program@example.com"):
        with pytest.raises(EmailTaken):
            create_user(database, ADMIN, email=taken)
        with pytest.raises(EmailTaken):
            change_user(database, ADMIN, bob.id, {"email": taken})
    assert change_user(database, ADMIN, ada.id, {"email": "ada@example.com"}) == ada


def test_of_many_who_want_an_address_at_once_one_gets_it(database):
    def try_it(_):
        try:
            return create_user(database, ADMIN, email="ada@example.com").id
        except EmailTaken:
            return None

    with ThreadPoolExecutor(4) as pool:
        found = [number for number in pool.map(try_it, range(12)) if number]
    assert [user.id for user in list_users(database, ALL, ANYBODY, limit=9).users] == found
    assert len(found) == 1


@pytest.mark.parametrize("email", ["", "ada", "a b@example.com", "ada@example.com\x00"])
def test_what_is_no_address_makes_no_user(database, email):
    with pytest.raises(BadEmail):
        create_user(database, ADMIN, email=email)
    user = made(database)
    with pytest.raises(BadEmail):
        change_user(database, ADMIN, user.id, {"email": email})
    assert list_users(database, ALL, ANYBODY, limit=9).users == [user]


def test_a_name_that_postgresql_can_not_hold_is_refused(database):
    for name in ("a\x00", "\ud800"):
        with pytest.raises(TextNotStorable):
            made(database, full_name=name)


def walked(database, wanted, limit):
    """All pages of a list, and their sizes."""
    found, sizes, cursor = [], [], None
    while True:
        page = list_users(database, ALL, wanted, limit=limit, cursor=cursor)
        found += page.users
        sizes.append(len(page.users))
        cursor = page.next_cursor
        if cursor is None:
            return found, sizes


@pytest.mark.parametrize(("limit", "sizes"), [(1, [1, 1, 1, 1, 1]), (2, [2, 2, 1]), (5, [5]), (6, [5])])
def test_pages_follow_each_other_without_gap_or_repeat(database, limit, sizes):
    users = [made(database, "user" + str(number)) for number in range(5)]
    assert walked(database, ANYBODY, limit) == (users, sizes)


def test_rows_that_come_and_go_meanwhile_shift_no_page(database):
    users = [made(database, "user" + str(number)) for number in range(4)]
    page = list_users(database, ALL, ANYBODY, limit=2)
    delete_user(database, ADMIN, users[0].id)
    added = made(database, "late")
    rest = list_users(database, ALL, ANYBODY, limit=9, cursor=page.next_cursor)
    assert (page.users, rest.users) == (users[:2], [*users[2:], added])


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param(ANYBODY, ["ada", "bob", "eve_x"], id="all"),
        pytest.param(UserFilter(q="LOVE"), ["ada"], id="part of the name"),
        pytest.param(UserFilter(q="Bo"), ["bob"], id="part of the address"),
        pytest.param(UserFilter(q="e_x"), ["eve_x"], id="signs of patterns stand for themselves"),
        pytest.param(UserFilter(q="%"), [], id="a percent sign too"),
        pytest.param(UserFilter(q="\\"), [], id="and a backslash"),
        pytest.param(UserFilter(email=" BOB@example.com"), ["bob"], id="one address"),
        pytest.param(UserFilter(is_active=False), ["bob"], id="inactive"),
        pytest.param(UserFilter(is_active=True, q="example"), ["ada", "eve_x"], id="both"),
    ],
)
def test_a_list_holds_what_was_asked_for(database, wanted, expected):
    made(database, full_name="Ada Lovelace")
    made(database, "bob", is_active=False)
    made(database, "eve_x")
    assert [user.email.partition("@")[0] for user in list_users(database, ALL, wanted, limit=9).users] == expected


def test_a_cursor_of_another_list_is_refused(database):
    for name in ("ada", "bob"):
        made(database, name)
    cursor = list_users(database, ALL, ANYBODY, limit=1).next_cursor
    with pytest.raises(BadCursor):
        list_users(database, ALL, UserFilter(is_active=True), limit=1, cursor=cursor)
