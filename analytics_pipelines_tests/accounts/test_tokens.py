"""Service tokens against a real PostgreSQL."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from analytics_pipelines.accounts.own_account import delete_account
from analytics_pipelines.accounts.scopes import UnknownScope
from analytics_pipelines.accounts.tables import SERVICE_TOKEN
from analytics_pipelines.accounts.tokens import (
    BadTokenName,
    BeyondTheAccount,
    ExpiryOutOfRange,
    NameTaken,
    NoSuchToken,
    SubjectMissing,
    TokenHolder,
    create_token,
    list_tokens,
    revoke_token,
    verify_token,
)
from analytics_pipelines.accounts.users import NoSuchUser, Role, change_role, set_active
from analytics_pipelines.foundation.email_addresses import BadEmail
from analytics_pipelines_tests.accounts.conftest import PASSWORD

MADE_AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def made(database, *, name="grafana", scopes=("viewer",), **more):
    return create_token(database, name=name, scopes=scopes, clock=lambda: MADE_AT, **more)


def last_used(database):
    return list_tokens(database)[0].last_used_at


def test_a_new_token_names_its_holder_and_all_that_the_holder_may_do(database):
    token = made(database, scopes=("analyst",))
    assert re.fullmatch(r"apt_[A-Za-z0-9_-]{43}", token)
    assert verify_token(database, token, MADE_AT) == TokenHolder("grafana", frozenset({"analyst", "viewer"}))


def test_the_database_never_holds_the_token_itself(database):
    token = made(database)
    with database.reading() as connection:
        row = connection.execute(sa.select(SERVICE_TOKEN)).mappings().one()
    assert token not in str(dict(row))
    assert token.removeprefix("apt_") not in str(dict(row))
    assert re.fullmatch("[0-9a-f]{64}", row["token_hash"])


def test_two_tokens_are_never_the_same(database):
    assert made(database, name="one") != made(database, name="two")


def flipped(token, place):
    other = "A" if token[place] != "A" else "B"
    return token[:place] + other + token[place + 1 :]


@pytest.mark.parametrize(
    "tamper",
    [
        pytest.param(lambda token: flipped(token, 4), id="first character changed"),
        pytest.param(lambda token: flipped(token, 46), id="last character changed"),
        pytest.param(lambda token: token[:-1], id="one short"),
        pytest.param(lambda token: token + "A", id="one long"),
        pytest.param(lambda token: token + "\n", id="a line end"),
        pytest.param(lambda token: token.swapcase(), id="other case"),
        pytest.param(lambda token: token.removeprefix("apt_"), id="no prefix"),
        pytest.param(lambda _: "apt_" + "é" * 43, id="not ASCII"),
        pytest.param(lambda _: "apt_" + "\x00" * 43, id="NULs"),
        pytest.param(lambda _: "apt_" + "\ud800" * 43, id="lone surrogates"),
        pytest.param(lambda _: "' OR true --", id="SQL"),
        pytest.param(lambda _: "", id="nothing"),
    ],
)
def test_a_tampered_token_names_nobody(database, tamper):
    assert verify_token(database, tamper(made(database)), MADE_AT) is None


@pytest.mark.parametrize(
    ("days", "later", "holds"),
    [
        pytest.param(1, timedelta(days=1) - timedelta(microseconds=1), True, id="just before its end"),
        pytest.param(1, timedelta(days=1), False, id="at its end"),
        pytest.param(3650, timedelta(days=3649), True, id="ten years are possible"),
    ],
)
def test_a_token_ends_with_its_last_day(database, days, later, holds):
    token = made(database, expires_in_days=days)
    assert (verify_token(database, token, MADE_AT + later) is not None) is holds


def test_a_token_lasts_ninety_days_unless_said_otherwise(database):
    made(database)
    assert list_tokens(database)[0].expires_at == MADE_AT + timedelta(days=90)


@pytest.mark.parametrize("days", [0, -1, 3651])
def test_a_life_without_bounds_is_refused(database, days):
    with pytest.raises(ExpiryOutOfRange, match="3650 days"):
        made(database, expires_in_days=days)
    assert list_tokens(database) == []


def test_a_revoked_token_names_nobody_from_then_on(database):
    kept, lost = made(database, name="kept"), made(database, name="lost")
    assert revoke_token(database, "lost", clock=lambda: MADE_AT) == MADE_AT
    assert verify_token(database, lost, MADE_AT) is None
    assert verify_token(database, kept, MADE_AT) is not None


def test_revoking_twice_keeps_the_first_moment(database):
    made(database)
    revoke_token(database, "grafana", clock=lambda: MADE_AT)
    assert revoke_token(database, "grafana", clock=lambda: MADE_AT + timedelta(days=1)) == MADE_AT


def test_revoking_a_name_that_nobody_has_is_said(database):
    with pytest.raises(NoSuchToken):
        revoke_token(database, "nobody")


def test_a_name_is_given_once_even_after_it_was_revoked(database):
    first = made(database)
    with pytest.raises(NameTaken):
        made(database)
    assert verify_token(database, first, MADE_AT) is not None
    revoke_token(database, "grafana")
    with pytest.raises(NameTaken):
        made(database)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("", id="empty"),
        pytest.param(" grafana", id="blank in front"),
        pytest.param("gra\nfana", id="a line end"),
        pytest.param("gra\x00fana", id="a NUL"),
        pytest.param("gra\ud800fana", id="a lone surrogate"),
        pytest.param("g" * 101, id="too long"),
    ],
)
def test_a_name_that_cannot_be_shown_is_refused(database, name):
    with pytest.raises(BadTokenName):
        made(database, name=name)


@pytest.mark.parametrize("name", ["Zoë's laptop", "'; DROP TABLE accounts.service_token; --", "日本 🗼", "g" * 100])
def test_any_printable_name_is_kept_as_it_is(database, name):
    token = made(database, name=name)
    assert verify_token(database, token, MADE_AT).name == name
    assert [token.name for token in list_tokens(database)] == [name]


def test_an_unknown_scope_makes_no_token(database):
    with pytest.raises(UnknownScope):
        made(database, scopes=("viewer", "root"))
    assert list_tokens(database) == []


def test_a_token_speaks_for_the_user_whom_it_was_made_for(database):
    token = made(database, scopes=("product:write",), subject=" Ada@Example.com")
    assert verify_token(database, token, MADE_AT) == TokenHolder("grafana", {"product:write"}, "ada@example.com")
    assert [token.subject for token in list_tokens(database)] == ["ada@example.com"]


def test_a_token_that_writes_for_nobody_is_made_for_admins_alone(database):
    with pytest.raises(SubjectMissing, match="--for"):
        made(database, scopes=("viewer", "product:write"))
    assert list_tokens(database) == []
    token = made(database, scopes=("admin", "product:write"))
    assert verify_token(database, token, MADE_AT).subject is None


def test_the_database_itself_takes_no_writer_without_a_subject(database):
    made(database, scopes=("product:write",), subject="ada@example.com")
    with pytest.raises(sa.exc.IntegrityError, match="service_token_subject_check"), database.writing() as connection:
        connection.execute(sa.update(SERVICE_TOKEN).values(subject=None))


@pytest.mark.parametrize("subject", ["", "ada", "ada@", "a b@example.com", "a\x00@example.com"])
def test_a_token_speaks_for_no_one_who_has_no_address(database, subject):
    with pytest.raises(BadEmail):
        made(database, scopes=("product:write",), subject=subject)
    assert list_tokens(database) == []


def test_a_use_is_noted_at_most_once_a_minute(database):
    token = made(database)
    assert last_used(database) is None
    for seconds, noted in [(0, 0), (1, 0), (59, 0), (60, 60), (119, 60), (120, 120), (90, 120)]:
        verify_token(database, token, MADE_AT + timedelta(seconds=seconds))
        assert last_used(database) == MADE_AT + timedelta(seconds=noted)


def test_a_refused_use_is_not_noted(database):
    token = made(database, expires_in_days=1)
    verify_token(database, token, MADE_AT + timedelta(days=2))
    assert last_used(database) is None


def test_the_list_shows_every_token_by_name_and_no_secret(database):
    tokens = [made(database, name=name, scopes=("viewer", "metrics:read")) for name in ("b", "a", "C")]
    revoke_token(database, "a", clock=lambda: MADE_AT)
    shown = list_tokens(database)
    assert [token.name for token in shown] == ["C", "a", "b"]
    assert [token.revoked_at for token in shown] == [None, MADE_AT, None]
    assert shown[0].scopes == ("metrics:read", "viewer")
    assert not any(token in str(shown) for token in tokens)


def test_a_token_for_an_account_does_what_both_may(database, ada):
    token = made(database, name="for ada", scopes=("viewer",), account="ada@example.com")
    holder = verify_token(database, token, MADE_AT)
    assert (holder.user_id, holder.scopes) == (ada.id, {"viewer"})


def test_a_token_for_an_account_is_shut_out_and_loses_rights_with_it(database, ada):
    token = made(database, name="for ada", scopes=("analyst",), account="ada")
    change_role(database, "ada", Role.VIEWER)
    assert verify_token(database, token, MADE_AT).scopes == {"viewer"}
    set_active(database, "ada", is_active=False)
    assert verify_token(database, token, MADE_AT) is None
    set_active(database, "ada", is_active=True)
    assert verify_token(database, token, MADE_AT).scopes == {"viewer"}


@pytest.mark.parametrize("scope", ["admin", "metrics:read"])
def test_a_token_may_never_more_than_its_account(database, ada, scope):
    with pytest.raises(BeyondTheAccount, match=scope):
        made(database, name="for ada", scopes=("viewer", scope), account="ada")
    with pytest.raises(NoSuchUser):
        made(database, name="for carol", scopes=("viewer",), account="carol")
    assert list_tokens(database) == []


def test_a_token_goes_with_its_account(database, ada, throttle):
    token = made(database, name="for ada", scopes=("viewer",), account="ada")
    delete_account(database, ada.id, password=PASSWORD, throttle=throttle)
    assert verify_token(database, token, MADE_AT) is None
    assert list_tokens(database) == []
