"""Users are made once, found by either name, and the last admin stays."""

import threading

import pytest
import sqlalchemy as sa

from analytics_pipelines.accounts.passwords import BadPassword
from analytics_pipelines.accounts.tables import USERS
from analytics_pipelines.accounts.users import (
    BadFullName,
    BadUsername,
    EmailTaken,
    LastAdmin,
    NoSuchUser,
    Role,
    UsernameTaken,
    change_role,
    find_user,
    list_users,
    register,
    set_active,
)
from analytics_pipelines.foundation.email_addresses import BadEmail
from analytics_pipelines.foundation.postgres.acting import acting_for
from analytics_pipelines_tests.accounts.conftest import PASSWORD, made
from analytics_pipelines_tests.apps import NOW

ADA = {"email": "ada@example.com", "username": "ada", "password": PASSWORD, "role": Role.ANALYST}


def test_a_user_is_kept_as_registered_and_the_password_as_a_hash(database):
    given = ADA | {"email": " Ada@Example.COM ", "username": "Ada", "full_name": " Ada Lovelace "}
    user = register(database, **given, clock=lambda: NOW)
    assert (user.email, user.username, user.full_name) == ("ada@example.com", "Ada", "Ada Lovelace")
    assert (user.is_active, user.created_at, user.role, user.last_login_at) == (True, NOW, Role.ANALYST, None)
    with database.reading() as connection:
        acting_for(connection, user.id)
        row = connection.execute(sa.select(USERS)).one()
    assert row.hashed_password.startswith("$argon2id$")
    assert (row.token_version, row.password_changed_at) == (1, NOW)


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        pytest.param({"email": "ada"}, BadEmail, id="no e-mail address"),
        pytest.param({"username": ""}, BadUsername, id="no username"),
        pytest.param({"username": "ada@home"}, BadUsername, id="a username that could be an address"),
        pytest.param({"username": "ada lovelace"}, BadUsername, id="a username with a blank"),
        pytest.param({"username": "\u0430da"}, BadUsername, id="a username with a letter that looks like another"),
        pytest.param({"username": "a" * 65}, BadUsername, id="a username that is too long"),
        pytest.param({"username": "ada\n"}, BadUsername, id="a username with a line's end"),
        pytest.param({"full_name": "Ada\x00"}, BadFullName, id="a name with NUL"),
        pytest.param({"full_name": "A" * 201}, BadFullName, id="a name that is too long"),
        pytest.param({"password": "ada"}, BadPassword, id="a bad password"),
    ],
)
def test_what_can_not_be_kept_is_refused(database, changed, error):
    with pytest.raises(error):
        register(database, **(ADA | changed))
    assert list_users(database) == []


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        pytest.param({"username": "other", "email": "ADA@example.com"}, EmailTaken, id="the address in another case"),
        pytest.param({"username": "ADA", "email": "b@example.com"}, UsernameTaken, id="the username in another case"),
    ],
)
def test_what_is_taken_is_said(database, ada, changed, error):
    with pytest.raises(error):
        register(database, **(ADA | changed))


def test_of_many_who_register_one_name_at_once_one_gets_it(database):
    outcomes = []

    def attempt(number: int) -> None:
        try:
            outcomes.append(register(database, **(ADA | {"email": str(number) + "@example.com"})).username)
        except UsernameTaken:
            outcomes.append(None)

    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes, key=str) == [None] * 5 + ["ada"]


@pytest.mark.parametrize("identifier", ["ada@example.com", " ADA@EXAMPLE.COM", "ada", "Ada "])
def test_a_user_is_found_by_address_and_name(database, ada, bob, identifier):
    assert find_user(database, identifier) == ada


@pytest.mark.parametrize("identifier", ["", "carol", "@", "a b@", "ada@example.com@"])
def test_nobody_is_found_by_another_name(database, ada, identifier):
    with pytest.raises(NoSuchUser):
        find_user(database, identifier)


def test_users_are_listed_by_address(database, bob, ada):
    assert [user.username for user in list_users(database)] == ["ada", "bob"]


def test_role_and_admission_change(database, ada):
    assert change_role(database, "ada", Role.VIEWER).role is Role.VIEWER
    assert change_role(database, "ada@example.com", Role.ADMIN).role is Role.ADMIN
    made(database, "root", Role.ADMIN)
    assert not set_active(database, "ada", is_active=False).is_active
    assert set_active(database, "ada", is_active=True).is_active
    with pytest.raises(NoSuchUser):
        change_role(database, "carol", Role.ADMIN)


def test_the_last_active_admin_stays_one(database):
    made(database, "root", Role.ADMIN)
    made(database, "toor", Role.ADMIN)
    set_active(database, "toor", is_active=False)
    with pytest.raises(LastAdmin):
        change_role(database, "root", Role.VIEWER)
    with pytest.raises(LastAdmin):
        set_active(database, "root", is_active=False)
    assert change_role(database, "root", Role.ADMIN).role is Role.ADMIN
    assert change_role(database, "toor", Role.VIEWER).role is Role.VIEWER


def test_of_two_admins_who_shut_each_other_out_one_stays(database):
    for name in ("root", "toor"):
        made(database, name, Role.ADMIN)
    refused = []

    def shut_out(name: str) -> None:
        try:
            set_active(database, name, is_active=False)
        except LastAdmin:
            refused.append(name)

    threads = [threading.Thread(target=shut_out, args=(name,)) for name in ("root", "toor")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert [user.username for user in list_users(database) if user.is_active] == refused
