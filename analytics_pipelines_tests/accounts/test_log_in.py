"""Who logs in gets a token; everybody else gets one and the same answer."""

import pytest
import sqlalchemy as sa
from pwdlib.hashers.bcrypt import BcryptHasher

from analytics_pipelines.accounts import access_tokens, passwords
from analytics_pipelines.accounts.log_in import AccountDisabled, LogIn, WrongLogIn, log_in
from analytics_pipelines.accounts.own_account import change_password
from analytics_pipelines.accounts.secret_key import secret_key
from analytics_pipelines.accounts.tables import USERS
from analytics_pipelines.accounts.throttle import PAIR, TooManyLogIns
from analytics_pipelines.accounts.users import find_user, set_active
from analytics_pipelines.foundation.postgres.acting import acting_for
from analytics_pipelines_tests.accounts.conftest import PASSWORD
from analytics_pipelines_tests.apps import NOW


@pytest.fixture
def enter(database, settings, throttle):
    def entered(identifier: str = "ada", password: str = PASSWORD, address: str | None = "192.0.2.1"):
        given = LogIn(identifier, password, address)
        token = log_in(database, settings, given, throttle=throttle, at=NOW)
        assert token.expires_in_s == 1440 * 60
        return access_tokens.read(secret_key(settings), token.text, NOW)

    return entered


def kept_hash(database, user_id):
    with database.reading() as connection:
        acting_for(connection, user_id)
        return connection.execute(sa.select(USERS.c.hashed_password)).scalar_one()


@pytest.mark.parametrize("identifier", ["ada", "ADA", "ada@example.com", " Ada@Example.com "])
def test_name_and_password_give_a_token(database, ada, enter, identifier):
    assert enter(identifier).user_id == ada.id
    assert find_user(database, "ada").last_login_at == NOW


@pytest.mark.usefixtures("ada", "bob")
@pytest.mark.parametrize(
    ("identifier", "password"),
    [
        pytest.param("ada", "wrong", id="a wrong password"),
        pytest.param("carol", PASSWORD, id="an unknown name"),
        pytest.param("carol@example.com", PASSWORD, id="an unknown address"),
        pytest.param("ada@example.com@", PASSWORD, id="no address"),
        pytest.param("", "", id="nothing"),
        pytest.param("bob", PASSWORD + "x", id="the password of nobody"),
        pytest.param("ada", PASSWORD.upper(), id="in another case"),
        pytest.param("ada", "x" * 2000, id="a password that is too long"),
    ],
)
def test_all_others_are_told_the_same_after_one_verification(enter, monkeypatch, identifier, password):
    verified = []
    real = passwords.HASHES.verify
    monkeypatch.setattr(passwords.HASHES, "verify", lambda *given: verified.append(1) or real(*given))
    monkeypatch.setattr(
        passwords.HASHES, "verify_and_update", lambda *given: (verified.append(1) or real(*given), None)
    )
    with pytest.raises(WrongLogIn) as refused:
        enter(identifier, password)
    assert str(refused.value).startswith("The name or the password is wrong.")
    assert len(verified) == 1


def test_who_is_shut_out_learns_it_with_the_right_password_only(database, ada, enter):
    set_active(database, "ada", is_active=False)
    with pytest.raises(AccountDisabled):
        enter()
    with pytest.raises(WrongLogIn):
        enter(password="wrong")


def test_a_hash_of_bcrypt_is_replaced_once(database, ada, enter):
    with database.writing() as connection:
        acting_for(connection, ada.id)
        connection.execute(sa.update(USERS).values(hashed_password=BcryptHasher(rounds=4).hash(PASSWORD)))
    enter()
    replaced = kept_hash(database, ada.id)
    assert replaced.startswith("$argon2id$")
    enter()
    assert kept_hash(database, ada.id) == replaced


def test_wrong_passwords_are_counted_and_then_even_the_right_one_is_refused(ada, enter):
    for _ in range(PAIR.most):
        with pytest.raises(WrongLogIn):
            enter(password="wrong")
    with pytest.raises(TooManyLogIns):
        enter()
    assert enter(address="192.0.2.2").user_id == ada.id


def test_unknown_names_are_throttled_alike(enter, ada):
    for _ in range(PAIR.most):
        with pytest.raises(WrongLogIn):
            enter("carol")
    with pytest.raises(TooManyLogIns):
        enter("carol")


def test_the_right_password_forgets_mistakes(ada, enter):
    for _ in range(3):
        for _ in range(PAIR.most - 1):
            with pytest.raises(WrongLogIn):
                enter(password="wrong")
        enter()


def test_who_logs_in_while_the_password_changes_has_to_do_it_again(database, ada, enter, throttle, monkeypatch):
    real = passwords.verify

    def changed_meanwhile(password, kept):
        verdict = real(password, kept)
        monkeypatch.setattr(passwords, "verify", real)
        change_password(database, ada.id, current=PASSWORD, new="four other new words", throttle=throttle, at=NOW)
        return verdict

    monkeypatch.setattr(passwords, "verify", changed_meanwhile)
    with pytest.raises(WrongLogIn, match="meanwhile"):
        enter()
    assert enter(password="four other new words").token_version == 2


def test_a_password_is_in_no_text_of_a_log_in():
    assert "hunter2" not in repr(LogIn("ada", "hunter2"))
