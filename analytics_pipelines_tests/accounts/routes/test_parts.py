"""What the doors of accounts share."""

from dataclasses import fields

from analytics_pipelines.accounts.routes.parts import UserState
from analytics_pipelines.accounts.users import User


def test_an_account_is_shown_whole_and_nothing_else_of_it(ada):
    shown = UserState.of(ada).model_dump()
    assert set(shown) == {field.name for field in fields(User)}
    assert not {"hashed_password", "token_version"} & set(shown)


def test_before_the_application_has_started_the_doors_say_so(open_doors, monkeypatch):
    doors = open_doors()
    monkeypatch.setattr("analytics_pipelines.http_kit.rate_limits.LIMITER._name", "slot_empty")
    answer = doors.post("login", json={"username": "ada", "password": "x"})
    assert (answer.status_code, answer.json()["code"]) == (503, "Unavailable")
