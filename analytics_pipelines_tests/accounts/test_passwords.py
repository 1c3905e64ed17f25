"""Which passwords are taken, how they are kept, and what a wrong one costs."""

import threading
import time

import bcrypt
import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from pwdlib.hashers.bcrypt import BcryptHasher

from analytics_pipelines.accounts import passwords
from analytics_pipelines.accounts.passwords import BadPassword, TooManyPasswords, drawn, hash_of, is_common, verify

GOOD = "correct horse battery"


def by_bcrypt(password: str) -> str:
    return BcryptHasher(rounds=4).hash(password)


@pytest.mark.parametrize(
    ("password", "told"),
    [
        pytest.param("x7!fQ2z", "too short", id="seven characters"),
        pytest.param("äöü7!fQ", "too short", id="seven characters of ten bytes"),
        pytest.param("x7" * 513, "too long", id="over 1,024 characters"),
        pytest.param("Ada.Lovelace@Example.com", "e-mail", id="the e-mail address"),
        pytest.param("ada.lovelace", "e-mail", id="what stands before the @"),
        pytest.param("ADA-LOVELACE", "username", id="the username in another case"),
        pytest.param("password", "common", id="a common word"),
        pytest.param("Password123!", "common", id="a common word with the usual end"),
        pytest.param("p@$$w0rd1", "common", id="a common word in disguise"),
        pytest.param("dragon2026", "common", id="a shorter common word with an end"),
        pytest.param("12345678", "common", id="digits in a row"),
        pytest.param("87654321", "common", id="backwards"),
        pytest.param("asdfghjkl", "common", id="keys in a row"),
        pytest.param("aaaaaaaaaaaa", "common", id="one letter"),
        pytest.param("abababababab", "common", id="two letters"),
        pytest.param("half \ud800 a pair", "surrogate", id="no text"),
    ],
)
def test_a_password_that_would_be_guessed_is_refused(password, told):
    with pytest.raises(BadPassword, match=told):
        passwords.check(password, email="ada.lovelace@example.com", username="ada-lovelace")


@pytest.mark.parametrize(
    "password",
    [
        pytest.param("x7!fQ2zk", id="eight characters"),
        pytest.param("x7!f" * 256, id="1,024 characters"),
        pytest.param("пароль-и-слово", id="of another alphabet"),
        pytest.param("a space in it", id="with spaces"),
        pytest.param("password of three words", id="a common word among others"),
        pytest.param("dragon8374-2983", id="a common word with an end that is no usual one"),
    ],
)
def test_other_passwords_are_taken(password):
    passwords.check(password, email="ada@example.com", username="ada")


def test_a_drawn_password_is_taken_and_never_the_same():
    found = {drawn() for _ in range(20)}
    assert len(found) == 20
    assert not any(is_common(each) or len(each) != 24 for each in found)


def test_new_passwords_are_kept_as_argon2id_with_the_usual_costs(monkeypatch):
    monkeypatch.setattr(passwords, "HASHES", PasswordHash((Argon2Hasher(), BcryptHasher())))
    kept = hash_of(GOOD)
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert verify(GOOD, kept) == passwords.Verdict(is_right=True)


@pytest.mark.parametrize("wrong", ["", "Correct horse battery", GOOD + " ", GOOD * 100, "half \ud800 a pair", "\0"])
def test_another_password_is_wrong(wrong):
    assert not verify(wrong, hash_of(GOOD)).is_right


@pytest.mark.parametrize("kept", [None, "", "no hash", "$2b$12$tooshort", "$argon2id$v=19$m=8,t=1,p=1$broken"])
def test_nothing_opens_where_no_hash_is_kept(kept):
    assert not verify(GOOD, kept).is_right


def test_composed_and_decomposed_letters_are_the_same():
    assert verify("cafe\u0301 au lait", hash_of("caf\u00e9 au lait")).is_right


@effort(max_examples=40, deadline=None)
@given(st.text(min_size=0, max_size=80), st.text(max_size=80))
def test_a_text_opens_its_own_hash_and_no_other(password, other):
    kept = hash_of(password)
    assert verify(password, kept).is_right
    same = passwords._bytes(password) == passwords._bytes(other)
    assert verify(other, kept).is_right == same


def test_a_bcrypt_hash_opens_once_more_and_is_replaced():
    verdict = verify(GOOD, by_bcrypt(GOOD))
    assert verdict.is_right
    assert verdict.better_hash is not None
    assert verdict.better_hash.startswith("$argon2id$")
    assert verify(GOOD, verdict.better_hash) == passwords.Verdict(is_right=True)
    assert verify("wrong " + GOOD, by_bcrypt(GOOD)) == passwords.Verdict(is_right=False)


def test_weaker_argon2_hashes_are_replaced_too():
    weaker = Argon2Hasher(time_cost=1, memory_cost=16, parallelism=1).hash(GOOD)
    assert verify(GOOD, weaker).better_hash is not None


@pytest.mark.parametrize(
    ("given_bytes", "is_right"),
    [
        pytest.param(b"x" * 72, True, id="72 bytes are all read"),
        pytest.param(b"x" * 73, False, id="73 are not cut to 72"),
        pytest.param("é".encode() * 37, False, id="37 letters of two bytes are too long too"),
    ],
)
def test_bcrypt_reads_72_bytes_and_never_a_part_of_more(given_bytes, is_right):
    kept = bcrypt.hashpw(given_bytes[:72], bcrypt.gensalt(4)).decode()
    assert verify(given_bytes.decode(), kept).is_right is is_right


class Watched(PasswordHash):
    """Counts how often it works, and how many times at once."""

    def __init__(self) -> None:
        super().__init__((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1), BcryptHasher(rounds=4)))
        self.guard, self.now, self.most, self.verified = threading.Lock(), 0, 0, 0

    def verify(self, *given):
        self.verified += 1
        return super().verify(*given)

    def hash(self, password, *, salt=None):
        with self.guard:
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(0.02)
        with self.guard:
            self.now -= 1
        return super().hash(password, salt=salt)


def test_no_more_passwords_are_hashed_at_once_than_memory_allows(monkeypatch):
    watched = Watched()
    monkeypatch.setattr(passwords, "HASHES", watched)
    threads = [threading.Thread(target=hash_of, args=(GOOD,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert watched.most == passwords.AT_ONCE


def test_who_waits_too_long_for_a_turn_is_told_to_come_back(monkeypatch):
    monkeypatch.setattr(passwords, "LONGEST_WAIT_S", 0.02)
    monkeypatch.setattr(passwords, "TURNS", threading.BoundedSemaphore(1))
    with passwords._turn(), pytest.raises(TooManyPasswords):
        verify(GOOD, None)
    assert not verify(GOOD, None).is_right


def test_nobody_costs_a_verification_like_somebody(monkeypatch):
    watched = Watched()
    monkeypatch.setattr(passwords, "HASHES", watched)
    verify("wrong", None)
    verify("too long" * 1000, watched.hash(GOOD))
    assert watched.verified == 2


def test_every_listed_word_is_lower_case_and_stands_once():
    words = passwords.resources.files("analytics_pipelines.accounts").joinpath("common_passwords.txt").read_text()
    assert sorted({word.casefold() for word in words.split()}) == words.split()
