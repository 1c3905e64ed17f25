"""Who may write what: one by one, and long random walks against a model in plain Python."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import pytest

from analytics_pipelines.foundation.errors import AnalyticsError, Forbidden
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.product_export.keeping.items import (
    ItemFilter,
    NoSuchItem,
    change_item,
    create_item,
    delete_item,
    list_items,
    read_item,
)
from analytics_pipelines.product_export.keeping.rights import (
    ForAdminsOnly,
    NotYours,
    Reader,
    SpeaksForNobody,
    UserInactive,
    Writer,
)
from analytics_pipelines.product_export.keeping.users import (
    NoSuchUser,
    UserFilter,
    change_user,
    create_user,
    delete_user,
    list_users,
    read_user,
)

ADMIN = Writer(None, is_admin=True)
ALL = Reader(None, sees_all=True)
NAMES = ("ada", "bob", "eve")
NOBODY = 2_000_000_000


def speaking_for(name):
    return Writer(name + "@example.com", is_admin=False)


@pytest.fixture
def numbers(database):
    """Ada, Bob, Eve who is inactive, and Ada's lamp, by their numbers."""
    found = {
        name: create_user(database, ADMIN, email=name + "@example.com", is_active=name != "eve").id for name in NAMES
    }
    return found | {"lamp": create_item(database, speaking_for("ada"), title="lamp").id}


def test_a_user_signs_up_and_changes_and_deletes_itself(database):
    writer = speaking_for("new")
    user = create_user(database, writer, email="New@example.com", full_name="New")
    assert change_user(database, writer, user.id, {"full_name": "Renewed"}).full_name == "Renewed"
    assert change_user(database, writer, user.id, {"email": user.email, "is_active": True}).full_name == "Renewed"
    delete_user(database, writer, user.id)
    assert list_users(database, ALL, UserFilter(), limit=9).users == []


@dataclass(frozen=True)
class Attempt:
    """One write, by the user of that name, and why it is refused."""

    name: str
    write: Callable[[Database, Writer, dict[str, int]], object]
    """Gets the numbers of the users, and of Ada's lamp."""
    expected: type[Forbidden]


REFUSED = {
    "sign up as another": Attempt("new", lambda d, w, _: create_user(d, w, email="other@example.com"), NotYours),
    "sign up inactive": Attempt(
        "new", lambda d, w, _: create_user(d, w, email="new@example.com", is_active=False), ForAdminsOnly
    ),
    "change another": Attempt("ada", lambda d, w, n: change_user(d, w, n["bob"], {}), NotYours),
    "delete another": Attempt("ada", lambda d, w, n: delete_user(d, w, n["bob"]), NotYours),
    "change the own address": Attempt(
        "ada", lambda d, w, n: change_user(d, w, n["ada"], {"email": "x@example.com"}), ForAdminsOnly
    ),
    "retire": Attempt("ada", lambda d, w, n: change_user(d, w, n["ada"], {"is_active": False}), ForAdminsOnly),
    "change while inactive": Attempt("eve", lambda d, w, n: change_user(d, w, n["eve"], {}), UserInactive),
    "come back": Attempt("eve", lambda d, w, n: change_user(d, w, n["eve"], {"is_active": True}), UserInactive),
    "delete while inactive": Attempt("eve", lambda d, w, n: delete_user(d, w, n["eve"]), UserInactive),
    "make an item while inactive": Attempt("eve", lambda d, w, _: create_item(d, w, title="a"), UserInactive),
    "make an item as nobody": Attempt("new", lambda d, w, _: create_item(d, w, title="a"), SpeaksForNobody),
    "delete an item as nobody": Attempt("new", lambda d, w, n: delete_item(d, w, n["lamp"]), SpeaksForNobody),
    "make an item of another": Attempt(
        "bob", lambda d, w, n: create_item(d, w, title="a", owner_id=n["ada"]), NotYours
    ),
    "change another's item": Attempt("bob", lambda d, w, n: change_item(d, w, n["lamp"], {"title": "a"}), NotYours),
    "delete another's item": Attempt("bob", lambda d, w, n: delete_item(d, w, n["lamp"]), NotYours),
    "take an item": Attempt("bob", lambda d, w, n: change_item(d, w, n["lamp"], {"owner_id": n["bob"]}), NotYours),
    "give an item away": Attempt(
        "ada", lambda d, w, n: change_item(d, w, n["lamp"], {"owner_id": n["bob"]}), ForAdminsOnly
    ),
}


@pytest.mark.parametrize("attempt", REFUSED.values(), ids=REFUSED)
def test_what_is_not_ones_own_is_refused_and_stays(database, numbers, attempt):
    before = everything(database)
    with pytest.raises(attempt.expected):
        attempt.write(database, speaking_for(attempt.name), numbers)
    assert everything(database) == before


def test_a_token_of_nobody_owns_nothing(database, numbers):
    nobody = Writer(None, is_admin=False)
    with pytest.raises(SpeaksForNobody):
        delete_item(database, nobody, numbers["lamp"])
    with pytest.raises(NotYours):
        delete_user(database, nobody, numbers["ada"])


def test_a_reader_who_may_not_see_all_sees_what_is_the_own_users(database, numbers):
    lamp, desk = numbers["lamp"], create_item(database, speaking_for("bob"), title="desk").id
    for name, own in [("ada", [lamp]), ("bob", [desk]), ("eve", []), ("new", [])]:
        reader = Reader(name + "@example.com", sees_all=False)
        seen = list_users(database, reader, UserFilter(), limit=9).users
        assert [user.id for user in seen] == ([numbers[name]] if name in numbers else [])
        assert [item.id for item in list_items(database, reader, ItemFilter(), limit=9).items] == own
    assert list_users(database, Reader(None, sees_all=False), UserFilter(), limit=9).users == []


def test_what_a_reader_may_not_see_is_as_if_it_were_not_there(database, numbers):
    bob = Reader("bob@example.com", sees_all=False)
    assert read_user(database, bob, numbers["bob"]).email == bob.subject
    with pytest.raises(NoSuchUser):
        read_user(database, bob, numbers["ada"])
    with pytest.raises(NoSuchItem):
        read_item(database, bob, numbers["lamp"])
    assert list_items(database, bob, ItemFilter(owner_id=numbers["ada"]), limit=9).items == []


def everything(database):
    return (
        list_users(database, ALL, UserFilter(), limit=999).users,
        list_items(database, ALL, ItemFilter(), limit=999).items,
    )


def shown(database):
    """All rows by number, without times."""
    users, items = everything(database)
    return (
        {user.id: (user.email, user.full_name, user.is_active) for user in users},
        {item.id: (item.owner_id, item.title) for item in items},
    )


class Model:
    """The rules once more, in plain Python: what each writer may do to two dictionaries of rows by number."""

    def __init__(self, database, chance):
        self.users, self.items = {}, {}
        self.seen = set()
        self.database, self.chance = database, chance

    def is_own(self, writer, number):
        """Whether the writer may write the user, and what belongs to it."""
        email, _, is_active = self.users.get(number, (None, None, False))
        return writer.is_admin or (email == writer.subject and is_active)

    def owns_item(self, writer, number):
        return number in self.items and self.is_own(writer, self.items[number][0])

    def emails(self):
        return {email for email, *_ in self.users.values()}

    def sign_up(self, writer, email, is_active):
        may = email not in self.emails() and (writer.is_admin or (email == writer.subject and is_active))
        user = self.done(may, lambda: create_user(self.database, writer, email=email, is_active=is_active))
        if user:
            self.users[user.id] = (email, None, is_active)

    def change_user(self, writer, email, is_active):
        number, name = self.any_of(self.users), str(self.chance.random())
        was = self.users.get(number)
        is_free = was and (email == was[0] or email not in self.emails())
        may = is_free and self.is_own(writer, number) and (writer.is_admin or (email, is_active) == (was[0], was[2]))
        changes = {"email": email, "is_active": is_active, "full_name": name}
        if self.done(may, lambda: change_user(self.database, writer, number, changes)):
            self.users[number] = (email, name, is_active)

    def delete_user(self, writer, *_):
        number = self.any_of(self.users)
        may = number in self.users and self.is_own(writer, number)
        self.done(may, lambda: delete_user(self.database, writer, number))
        if may:
            del self.users[number]
            self.items = {key: item for key, item in self.items.items() if item[0] != number}

    def make_item(self, writer, *_):
        owner, title = self.any_of(self.users), str(self.chance.random())
        may = owner in self.users and self.is_own(writer, owner)
        item = self.done(may, lambda: create_item(self.database, writer, title=title, owner_id=owner))
        if item:
            self.items[item.id] = (owner, title)

    def change_item(self, writer, *_):
        number, title = self.any_of(self.items), str(self.chance.random())
        may = self.owns_item(writer, number)
        if self.done(may, lambda: change_item(self.database, writer, number, {"title": title})):
            self.items[number] = (self.items[number][0], title)

    def delete_item(self, writer, *_):
        number = self.any_of(self.items)
        may = self.owns_item(writer, number)
        self.done(may, lambda: delete_item(self.database, writer, number))
        if may:
            del self.items[number]

    def done(self, may, write):
        """What the write gives; it has to be refused exactly when the model says so."""
        self.seen.add((write.__qualname__, bool(may)))
        try:
            found = write()
        except AnalyticsError:
            assert not may
            return None
        assert may
        return found

    def any_of(self, rows):
        """The number of one of them, or of none."""
        return self.chance.choice([*rows, NOBODY])


@pytest.mark.parametrize("seed", [1, 2])
def test_long_walks_of_many_writers_end_where_the_rules_say(database, seed):
    chance = Random(seed)
    model = Model(database, chance)
    steps = [model.sign_up, model.change_user, model.delete_user, model.change_item, model.delete_item]
    steps += [model.make_item] * 3
    writers = [ADMIN, *map(speaking_for, NAMES)]
    for _ in range(500):
        chance.choice(steps)(chance.choice(writers), chance.choice(NAMES) + "@example.com", chance.random() < 0.8)
    assert shown(database) == (model.users, model.items)
    assert len(model.seen) == 12, "each of the six writes has succeeded, and was refused"
