"""Only who has logged in does anything with an account, and a token that was ended does nothing."""

import pytest

from analytics_pipelines.accounts.tokens import create_token
from analytics_pipelines.accounts.users import Role, change_role, list_users, set_active
from analytics_pipelines_tests.accounts.conftest import PASSWORD, made
from analytics_pipelines_tests.apps import NOW

NEW = "four other new words"
DOORS = [("GET", "me"), ("POST", "logout"), ("POST", "revoke"), ("POST", "change-password"), ("DELETE", "me")]
BODIES = {
    ("POST", "change-password"): {"current_password": PASSWORD, "new_password": NEW},
    ("DELETE", "me"): {"password": PASSWORD},
}


def everywhere(doors, token):
    return doors.codes(*(doors.ask(*door, token, json=BODIES.get(door)) for door in DOORS))


@pytest.mark.parametrize("guarded", [True, False])
def test_without_a_good_token_no_door_opens_even_where_reads_are_open(open_doors, ada, guarded, database):
    doors = open_doors(auth_required_for_reads=guarded)
    assert everywhere(doors, None) == [(401, "MissingToken")] * 5
    assert everywhere(doors, "nonsense") == [(401, "UnknownToken")] * 5
    machine = create_token(database, name="ci", scopes=["admin"], clock=lambda: NOW)
    assert everywhere(doors, machine) == [(403, "AccountNeeded")] * 5


def test_a_token_that_acts_for_an_account_looks_and_touches_nothing(doors, ada, database):
    acting = create_token(database, name="for ada", scopes=["viewer"], account="ada", clock=lambda: NOW)
    assert doors.ask("GET", "me", acting).json()["id"] == ada.id
    assert everywhere(doors, acting) == [(200, None)] + [(403, "AccessTokenNeeded")] * 4
    assert list_users(database) == [ada]


def test_logging_out_ends_this_token_alone(doors, ada):
    first, second = doors.token(), doors.token()
    gone = doors.post("logout", first)
    assert (gone.status_code, gone.content) == (204, b"")
    assert everywhere(doors, first) == [(401, "UnknownToken")] * 5
    assert doors.ask("GET", "me", second).status_code == 200


def test_revoking_ends_all_tokens_of_the_account_and_of_nobody_else(doors, ada, bob):
    first, second, others = doors.token(), doors.token(), doors.token("bob")
    assert doors.post("revoke", first).status_code == 204
    assert {doors.ask("GET", "me", token).status_code for token in (first, second)} == {401}
    assert doors.ask("GET", "me", others).status_code == 200
    assert doors.ask("GET", "me", doors.token()).status_code == 200


def test_a_token_ends_after_its_time(open_doors, ada):
    doors = open_doors(access_token_expire_minutes=30)
    token = doors.token()
    doors.clock.move(minutes=29)
    assert doors.ask("GET", "me", token).status_code == 200
    doors.clock.move(minutes=2)
    assert doors.codes(doors.ask("GET", "me", token)) == [(401, "UnknownToken")]


def test_a_changed_password_opens_and_the_old_one_does_not(doors, ada):
    token = doors.token()
    wrong = doors.post("change-password", token, json={"current_password": "wrong", "new_password": NEW})
    weak = doors.post("change-password", token, json={"current_password": PASSWORD, "new_password": "password1"})
    assert doors.codes(wrong, weak) == [(403, "WrongPassword"), (422, "BadPassword")]
    assert doors.post("change-password", token, json=BODIES["POST", "change-password"]).status_code == 204
    assert doors.ask("GET", "me", token).status_code == 401
    assert doors.post("login", json={"username": "ada", "password": PASSWORD}).status_code == 401
    assert doors.ask("GET", "me", doors.token(password=NEW)).status_code == 200


def test_an_account_is_deleted_with_its_password(doors, ada, bob, database):
    token = doors.token()
    assert doors.codes(doors.ask("DELETE", "me", token, json={"password": "wrong"})) == [(403, "WrongPassword")]
    assert doors.ask("DELETE", "me", token, json={"password": PASSWORD}).status_code == 204
    assert doors.ask("GET", "me", token).status_code == 401
    assert list_users(database) == [bob]


def test_the_only_admin_stays(doors, database):
    made(database, "root", Role.ADMIN)
    answer = doors.ask("DELETE", "me", doors.token("root"), json={"password": PASSWORD})
    assert doors.codes(answer) == [(409, "LastAdmin")]


def test_rights_follow_the_account_at_once(doors, ada, database):
    token = doors.token()
    change_role(database, "ada", Role.VIEWER)
    assert doors.ask("GET", "me", token).json()["role"] == "viewer"
    set_active(database, "ada", is_active=False)
    assert doors.ask("GET", "me", token).status_code == 401
