"""Who a bearer token names, from the moment it is made until it is worth nothing."""

from datetime import timedelta

import jwt
import pytest

from analytics_pipelines.accounts.caller import Caller, caller_of
from analytics_pipelines.accounts.log_in import LogIn, log_in
from analytics_pipelines.accounts.own_account import change_password, delete_account
from analytics_pipelines.accounts.sign_off import log_out, revoke_all
from analytics_pipelines.accounts.tokens import create_token
from analytics_pipelines.accounts.users import Role, change_role, set_active
from analytics_pipelines.foundation.errors import Unavailable
from analytics_pipelines_tests.accounts.conftest import PASSWORD
from analytics_pipelines_tests.apps import NOW, no_database


@pytest.fixture
def named(database, settings):
    """Whom a token names so many seconds later."""
    return lambda token, seconds=0: caller_of(lambda: database, settings, token, NOW + timedelta(seconds=seconds))


@pytest.fixture
def token(database, settings, ada, throttle):
    return log_in(database, settings, LogIn("ada", PASSWORD), throttle=throttle, at=NOW).text


def test_a_user_is_named_with_the_rights_of_the_role(ada, named, token):
    caller = named(token)
    assert (caller.name, caller.user_id, caller.subject) == ("ada", ada.id, None)
    assert caller.scopes == {"viewer", "analyst"}
    assert caller.claims.jti


def test_a_role_counts_from_the_next_request_on(database, named, token):
    change_role(database, "ada", Role.ADMIN)
    assert named(token).scopes == {"viewer", "analyst", "admin", "product:write"}
    change_role(database, "ada", Role.ADMIN)


def end_by_log_out(database, caller: Caller, throttle) -> None:
    log_out(database, caller.user_id, caller.claims.jti, caller.claims.expires_at)


def end_by_revoking(database, caller: Caller, throttle) -> None:
    revoke_all(database, caller.user_id)


def end_by_a_new_password(database, caller: Caller, throttle) -> None:
    change_password(database, caller.user_id, current=PASSWORD, new="x " + PASSWORD, throttle=throttle, at=NOW)


def end_by_shutting_out(database, caller: Caller, throttle) -> None:
    set_active(database, "ada", is_active=False)


def end_by_deleting(database, caller: Caller, throttle) -> None:
    delete_account(database, caller.user_id, password=PASSWORD, throttle=throttle)


@pytest.mark.parametrize(
    "end", [end_by_log_out, end_by_revoking, end_by_a_new_password, end_by_shutting_out, end_by_deleting]
)
def test_a_token_that_was_ended_names_nobody(database, named, token, throttle, end):
    end(database, named(token), throttle)
    assert named(token) is None


def test_logging_out_ends_one_token_of_two(database, settings, named, token, throttle):
    other = log_in(database, settings, LogIn("ada", PASSWORD), throttle=throttle, at=NOW).text
    end_by_log_out(database, named(token), throttle)
    assert named(token) is None
    assert named(other) is not None


def test_a_token_ends_by_itself(named, token):
    assert named(token, 1440 * 60) is not None
    assert named(token, 1440 * 60 + 11) is None


def test_a_false_signature_costs_no_look_up(settings, token):
    claims = jwt.decode(token, options={"verify_signature": False})
    forged = jwt.encode(claims, "some other key of 32 characters and more", algorithm="HS256")
    assert caller_of(no_database, settings, forged, NOW) is None
    with pytest.raises(Unavailable):
        caller_of(no_database, settings, token, NOW)


def test_a_service_token_is_named_as_it_was_made(database, named, ada):
    machine = create_token(database, name="ci", scopes=["viewer"], subject="p@example.com", clock=lambda: NOW)
    assert named(machine) == Caller("ci", frozenset({"viewer"}), "p@example.com")
    acting = create_token(database, name="for ada", scopes=["analyst"], account="ada", clock=lambda: NOW)
    assert named(acting) == Caller("for ada", frozenset({"viewer", "analyst"}), None, ada.id)


@pytest.mark.parametrize("text", ["", "nonsense", "a.b.c", "apt_" + "x" * 43, "é.é.é"])
def test_other_texts_name_nobody(named, text):
    assert named(text) is None
