"""Passwords: which ones are taken, how they are kept, and whether one is right.

New ones are kept as Argon2id. Hashes of bcrypt, which came with accounts from elsewhere, are verified too and replaced
at the next log-in. Bcrypt reads 72 bytes only: a longer password is wrong there, never cut.
"""

import secrets
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import resources

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher
from pwdlib.hashers.bcrypt import BcryptHasher

from analytics_pipelines.foundation.errors import BadInput, Unavailable

LEAST_CHARACTERS = 8
MOST_CHARACTERS = 1_024
BCRYPT_BYTES = 72
AT_ONCE = 2
"""Argon2 takes 64 MB and four threads for a password, so more at once gain nothing."""
LONGEST_WAIT_S = 5.0
MOST_ADDED_CHARACTERS = 4
DRAWN_BYTES = 18
DISGUISES = str.maketrans("@4310$57!", "aaeiossti")
ROWS = ("01234567890123456789", "qwertyuiopasdfghjklzxcvbnm", "abcdefghijklmnopqrstuvwxyz", "1qaz2wsx3edc4rfv5tgb")

HASHES = PasswordHash((Argon2Hasher(), BcryptHasher()))
TURNS = threading.BoundedSemaphore(AT_ONCE)


class BadPassword(BadInput):
    """A password that is too short or too long, or that would be among the first to be guessed."""


class TooManyPasswords(Unavailable):
    """More passwords than can be checked at once are waiting."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a password is right, and the hash that should be kept from now on, where it is another one."""

    is_right: bool
    better_hash: str | None = None


def check(password: str, *, email: str, username: str) -> None:
    """Raise `BadPassword` unless an account of that e-mail and username may have the password."""
    if not LEAST_CHARACTERS <= len(password) <= MOST_CHARACTERS:
        limit = str(LEAST_CHARACTERS) + " to " + str(MOST_CHARACTERS) + " characters"
        raise BadPassword("The password is too short or too long.", limit=limit)
    if _bytes(password) is None:
        raise BadPassword("The password holds half of a surrogate pair.", remedy="Leave such characters out.")
    plain = password.casefold()
    if plain in {email.casefold(), email.casefold().partition("@")[0], username.casefold()}:
        raise BadPassword("The password is the e-mail address or the username.", remedy="Choose another one.")
    if is_common(plain):
        raise BadPassword("The password is one of the most common.", remedy="Choose three or four unrelated words.")


def is_common(password: str) -> bool:
    """Whether it is among the passwords that are tried first: a common word, even in disguise, or a row of keys."""
    plain = password.casefold()
    if len(set(plain)) <= 2 or any(plain in row or plain in row[::-1] for row in ROWS):  # noqa: PLR2004 - `abababab`
        return True
    bare = plain.rstrip("0123456789!?.#*-_$")
    ends = {plain, bare} if len(plain) - len(bare) <= MOST_ADDED_CHARACTERS else {plain}
    return not _common().isdisjoint(ends | {each.translate(DISGUISES) for each in ends})


def hash_of(password: str) -> str:
    """The password as it is kept, about 0.2 s and 64 MB later; raises `TooManyPasswords`."""
    with _turn():
        return HASHES.hash(_bytes(password) or b"")


def verify(password: str, kept: str | None) -> Verdict:
    """Whether the password belongs to what is kept; without anything kept it takes as long and is wrong.

    Raises `TooManyPasswords`.
    """
    given = _bytes(password) if len(password) <= MOST_CHARACTERS else None
    with _turn():
        if kept is None or given is None:
            HASHES.verify(b"", _nobodys(HASHES))
            return Verdict(is_right=False)
        if BcryptHasher.identify(kept):
            return _verified_by_bcrypt(password, kept)
        try:
            return Verdict(*HASHES.verify_and_update(given, kept))
        except UnknownHashError:
            return Verdict(is_right=False)


def drawn() -> str:
    """A random password, 24 characters."""
    return secrets.token_urlsafe(DRAWN_BYTES)


def _verified_by_bcrypt(password: str, kept: str) -> Verdict:
    """As it was typed: who made the hash did not know of composed characters."""
    given = password.encode()
    if len(given) > BCRYPT_BYTES or not HASHES.verify(given, kept):
        return Verdict(is_right=False)
    return Verdict(is_right=True, better_hash=HASHES.hash(_bytes(password) or b""))


def _bytes(password: str) -> bytes | None:
    """Composed, since keyboards differ in how they write `é` (RFC 8265, section 4.2); None for half characters."""
    try:
        return unicodedata.normalize("NFC", password).encode()
    except UnicodeEncodeError:
        return None


@contextmanager
def _turn() -> Iterator[None]:
    if not TURNS.acquire(timeout=LONGEST_WAIT_S):
        raise TooManyPasswords("Too many people are logging in.", remedy="Try again in a moment.")
    try:
        yield
    finally:
        TURNS.release()


@cache
def _nobodys(hashes: PasswordHash) -> str:
    """What unknown users are compared with."""
    return hashes.hash(secrets.token_bytes(DRAWN_BYTES))


@cache
def _common() -> frozenset[str]:
    listed = resources.files(__package__).joinpath("common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(listed.split())
