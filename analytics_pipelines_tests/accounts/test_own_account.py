"""One's own account: shown without secrets, changed and deleted only with the password."""

import pytest

from analytics_pipelines.accounts.own_account import (
    WrongPassword,
    change_password,
    delete_account,
    own_account,
    replace_password,
)
from analytics_pipelines.accounts.passwords import BadPassword, hash_of, verify
from analytics_pipelines.accounts.throttle import PAIR, TooManyLogIns
from analytics_pipelines.accounts.users import LastAdmin, NoSuchUser, Role, list_users
from analytics_pipelines_tests.accounts.conftest import PASSWORD, made
from analytics_pipelines_tests.accounts.test_log_in import enter, kept_hash
from analytics_pipelines_tests.apps import NOW

__all__ = ["enter"]
NEW = "four other new words"


def test_an_account_sees_itself(database, ada, bob):
    assert own_account(database, ada.id) == ada
    with pytest.raises(NoSuchUser):
        own_account(database, "nobody")


def test_a_new_password_ends_the_old_one_and_all_tokens(database, ada, enter, throttle):
    before = enter()
    change_password(database, ada.id, current=PASSWORD, new=NEW, throttle=throttle, at=NOW)
    kept = kept_hash(database, ada.id)
    assert (verify(PASSWORD, kept).is_right, verify(NEW, kept).is_right) == (False, True)
    assert enter(password=NEW).token_version == before.token_version + 1


@pytest.mark.parametrize(
    ("given", "error"),
    [
        pytest.param({"current": "wrong", "new": NEW}, WrongPassword, id="the old one is wrong"),
        pytest.param({"current": PASSWORD, "new": "short"}, BadPassword, id="the new one is too short"),
        pytest.param({"current": PASSWORD, "new": "ada@example.com"}, BadPassword, id="the new one is the address"),
    ],
)
def test_otherwise_the_password_stays(database, ada, throttle, given, error):
    with pytest.raises(error):
        change_password(database, ada.id, **given, throttle=throttle, at=NOW)
    assert verify(PASSWORD, kept_hash(database, ada.id)).is_right


def test_a_stolen_token_is_no_place_to_guess(database, ada, throttle):
    for _ in range(PAIR.most):
        with pytest.raises(WrongPassword):
            delete_account(database, ada.id, password="wrong", throttle=throttle)
    with pytest.raises(TooManyLogIns):
        delete_account(database, ada.id, password=PASSWORD, throttle=throttle)
    assert len(list_users(database)) == 1


def test_an_account_deletes_itself_and_nobody_else(database, ada, bob, throttle):
    with pytest.raises(WrongPassword):
        delete_account(database, ada.id, password=PASSWORD + "x", throttle=throttle)
    delete_account(database, ada.id, password=PASSWORD, throttle=throttle)
    assert list_users(database) == [bob]


def test_the_last_admin_can_not_leave(database, throttle):
    root = made(database, "root", Role.ADMIN)
    with pytest.raises(LastAdmin):
        delete_account(database, root.id, password=PASSWORD, throttle=throttle)
    made(database, "toor", Role.ADMIN)
    delete_account(database, root.id, password=PASSWORD, throttle=throttle)


def test_an_operator_replaces_a_forgotten_password(database, ada):
    replace_password(database, ada.id, hash_of(NEW), NOW)
    assert verify(NEW, kept_hash(database, ada.id)).is_right
    with pytest.raises(NoSuchUser):
        replace_password(database, "nobody", hash_of(NEW), NOW)
