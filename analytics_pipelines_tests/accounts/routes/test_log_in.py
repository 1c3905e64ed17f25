"""Logging in by JSON and by form, and what a client is told that does it wrong."""

import pytest

from analytics_pipelines.accounts.throttle import PAIR
from analytics_pipelines.accounts.users import set_active
from analytics_pipelines_tests.accounts.conftest import PASSWORD

FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"json": {"email": "ada@example.com", "password": PASSWORD}}, id="address in JSON"),
        pytest.param({"json": {"username": "ada", "password": PASSWORD}}, id="name in JSON"),
        pytest.param({"json": {"username": "ada@example.com", "password": PASSWORD}}, id="address as name"),
        pytest.param({"data": {"username": "ada", "password": PASSWORD, "grant_type": "password"}}, id="form"),
        pytest.param({"data": {"username": "ada@example.com", "password": PASSWORD}}, id="address in a form"),
    ],
)
def test_a_token_is_given_and_opens_the_account(doors, ada, given):
    answer = doors.post("login", **given)
    assert answer.status_code == 200
    told = answer.json()
    assert (told.pop("token_type"), told.pop("expires_in")) == ("bearer", 86400)
    me = doors.ask("GET", "me", told.pop("access_token"))
    assert (me.status_code, me.json()["username"], told) == (200, "ada", {})


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        pytest.param({"json": {"username": "ada", "password": "wrong"}}, 401, "WrongLogIn", id="a wrong password"),
        pytest.param({"json": {"username": "eve", "password": PASSWORD}}, 401, "WrongLogIn", id="an unknown name"),
        pytest.param({"data": {"username": "ada", "password": "wrong"}}, 401, "WrongLogIn", id="wrong in a form"),
        pytest.param({"json": {"username": "a\x00", "password": "x"}}, 422, "TextNotStorable", id="NUL in a name"),
        pytest.param({"json": {"username": "ada"}}, 422, "BadLogInBody", id="no password"),
        pytest.param({"json": {"password": PASSWORD}}, 422, "BadLogInBody", id="no name"),
        pytest.param(
            {"json": {"username": ["ada"], "password": PASSWORD}}, 422, "BadLogInBody", id="a list for a name"
        ),
        pytest.param({"json": ["ada", PASSWORD]}, 422, "BadLogInBody", id="a list"),
        pytest.param({"content": b"{"}, 422, "BadLogInBody", id="no JSON"),
        pytest.param({"content": b""}, 422, "BadLogInBody", id="nothing"),
        pytest.param({"data": {"a" + str(n): "b" for n in range(30)}}, 422, "BadLogInBody", id="a form of many fields"),
        pytest.param(
            {"content": b"username=%ff&password=x", "headers": FORM}, 422, "BadLogInBody", id="a form that is no text"
        ),
    ],
)
def test_anything_else_is_named_and_nothing_given(doors, ada, given, status, code):
    answer = doors.post("login", **given)
    assert doors.codes(answer) == [(status, code)]
    assert ("www-authenticate" in answer.headers) == (status == 401)
    assert PASSWORD not in answer.text


def test_who_guesses_is_stopped_and_who_is_shut_out_is_told(doors, ada, bob, database):
    set_active(database, "bob", is_active=False)
    shut_out = doors.post("login", json={"username": "bob", "password": PASSWORD})
    assert doors.codes(shut_out) == [(403, "AccountDisabled")]
    for _ in range(PAIR.most):
        doors.post("login", json={"username": "ada", "password": "wrong"})
    answer = doors.post("login", json={"username": "ada", "password": PASSWORD})
    assert doors.codes(answer) == [(429, "TooManyLogIns")]
    assert 800 < int(answer.headers["retry-after"]) <= 900


def test_both_bodies_stand_in_the_description(doors):
    body = doors.client.get("/openapi.json").json()["paths"]["/api/auth/login"]["post"]["requestBody"]
    assert set(body["content"]) == {"application/json", "application/x-www-form-urlencoded"}
