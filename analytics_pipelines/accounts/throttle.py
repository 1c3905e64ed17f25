"""How often a password may be tried: by account, by address, and by both together."""

import hashlib
import unicodedata
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Protocol

from analytics_pipelines.foundation.errors import TooManyRequests

WINDOW_S = 15 * 60
HOUR_S = 60 * 60
HOUSEHOLD_BITS = 64


class TooManyLogIns(TooManyRequests):
    """Passwords were tried too often, for this account or from this address."""


class TooManyRegistrations(TooManyRequests):
    """Too many accounts were registered from this address."""


class Throttle(Protocol):
    """Counts attempts in a sliding window, for all workers where they share a cache; doors hand in theirs."""

    def attempt(self, name: str, key: str, most: int, per_s: int) -> None:
        """Count one more; raises `TooManyRequests` past `most` within `per_s` seconds."""
        ...

    def forget(self, name: str, key: str, most: int, per_s: int) -> None:
        """Count from nothing again."""
        ...


@dataclass(frozen=True, slots=True)
class Bound:
    """How often one thing may be tried."""

    name: str
    most: int
    per_s: int = WINDOW_S


PAIR = Bound("log-in", 10)
ACCOUNT = Bound("log-in-account", 50)
"""Above that of a pair, or a stranger could shut out whoever he names; below what finds a password."""
ADDRESS = Bound("log-in-address", 100)
"""An office logs in from one address; successes count too, or an attacker would log in himself between guesses."""
REGISTRATION = Bound("registration", 20, HOUR_S)


def password_tried(throttle: Throttle, account: str, address: str | None) -> None:
    """Count the attempt before its outcome is known; raises `TooManyLogIns`."""
    try:
        for bound, key in _keys(account, address):
            throttle.attempt(bound.name, key, bound.most, bound.per_s)
    except TooManyRequests as error:
        raise TooManyLogIns(
            "Passwords were tried too often.", retry_after_s=error.retry_after_s, remedy="Wait, then try again."
        ) from None


def password_right(throttle: Throttle, account: str, address: str | None) -> None:
    """The right password was given: earlier mistakes for the account are forgotten."""
    for bound, key in _keys(account, address):
        if bound is not ADDRESS:
            throttle.forget(bound.name, key, bound.most, bound.per_s)


def registered(throttle: Throttle, address: str | None) -> None:
    """Count a registration; raises `TooManyRegistrations`."""
    try:
        throttle.attempt(REGISTRATION.name, _key(_household(address)), REGISTRATION.most, REGISTRATION.per_s)
    except TooManyRequests as error:
        raise TooManyRegistrations(
            "Too many accounts were registered from here.",
            retry_after_s=error.retry_after_s,
            limit=str(REGISTRATION.most) + " an hour",
            remedy="Try again later.",
        ) from None


def _keys(account: str, address: str | None) -> tuple[tuple[Bound, str], ...]:
    name, household = unicodedata.normalize("NFC", account.strip().lower()), _household(address)
    return (PAIR, _key(name, household)), (ACCOUNT, _key(name)), (ADDRESS, _key(household))


def _key(*parts: str) -> str:
    """A hash: what people type for a username may be their password, which no cache should hold."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "backslashreplace")).hexdigest()


def _household(address: str | None) -> str:
    """Who has an IPv6 address has 2^64 of them."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return address or ""
    if isinstance(found, IPv6Address) and found.ipv4_mapped is None:
        return str(ip_network((found, HOUSEHOLD_BITS), strict=False))
    return str(found)
