"""Who may register, and what is told of an account."""

import pytest

from analytics_pipelines.accounts.throttle import REGISTRATION
from analytics_pipelines.accounts.users import list_users
from analytics_pipelines_tests.accounts.conftest import PASSWORD
from analytics_pipelines_tests.accounts.routes.conftest import ADA


def test_an_account_is_made_and_told_without_its_secrets(doors, database):
    answer = doors.post("register", json=ADA | {"full_name": "Ada Lovelace"})
    assert answer.status_code == 201
    told = answer.json()
    (user,) = list_users(database)
    assert told == {
        "id": user.id,
        "email": "ada@example.com",
        "username": "ada",
        "full_name": "Ada Lovelace",
        "is_active": True,
        "created_at": "2026-11-21T09:30:00Z",
        "role": "analyst",
        "last_login_at": None,
    }
    assert PASSWORD not in answer.text


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        pytest.param({"username": "other"}, 409, "EmailTaken", id="the address is taken"),
        pytest.param({"email": "b@example.com"}, 409, "UsernameTaken", id="the name is taken"),
        pytest.param({"email": "nobody"}, 422, "BadEmail", id="no address"),
        pytest.param({"username": "a b"}, 422, "BadUsername", id="no name"),
        pytest.param({"password": "password1"}, 422, "BadPassword", id="a common password"),
        pytest.param({"role": "admin"}, 422, "InvalidRequest", id="a role of one's own choice"),
        pytest.param({"password": None}, 422, "InvalidRequest", id="no password"),
        pytest.param({"full_name": "\x00"}, 422, "BadFullName", id="a name that is no text"),
    ],
)
def test_what_can_not_be_made_is_named(doors, ada, changed, status, code):
    answer = doors.post("register", json=ADA | changed)
    assert doors.codes(answer) == [(status, code)]
    assert "password1" not in answer.text


@pytest.mark.parametrize(
    ("given", "status", "role"),
    [
        pytest.param({"registration_role": "viewer"}, 201, "viewer", id="viewers"),
        pytest.param({"registration_role": "none"}, 403, None, id="nobody"),
        pytest.param({"environment": "production", "secret_key": "k" * 32}, 403, None, id="nobody in production"),
    ],
)
def test_the_setting_says_what_who_registers_becomes(open_doors, given, status, role):
    answer = open_doors(**given).post("register", json=ADA)
    assert answer.status_code == status
    assert answer.json().get("role") == role
    if role is None:
        assert answer.json()["code"] == "RegistrationClosed"


def test_one_address_makes_so_many_accounts_an_hour(doors):
    for number in range(REGISTRATION.most):
        assert doors.post("register", json=ADA | {"username": "a", "email": str(number)}).status_code == 422
    answer = doors.post("register", json=ADA)
    assert doors.codes(answer) == [(429, "TooManyRegistrations")]
    assert 3500 < int(answer.headers["retry-after"]) <= 3600
