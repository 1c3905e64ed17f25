"""How often a password may be tried, and what of it is kept."""

import pytest

from analytics_pipelines.accounts import throttle as throttling
from analytics_pipelines.accounts.throttle import (
    ACCOUNT,
    ADDRESS,
    PAIR,
    REGISTRATION,
    TooManyLogIns,
    TooManyRegistrations,
    password_right,
    password_tried,
    registered,
)
from analytics_pipelines.http_kit.rate_limits import Limiter


def tried(throttle, times: int, account: str = "ada", address: str | None = "192.0.2.1") -> None:
    """So many tries; `{}` stands for the number of the try."""
    for number in range(times):
        password_tried(throttle, account.replace("{}", str(number)), address and address.replace("{}", str(number)))


@pytest.mark.parametrize(
    ("account", "address", "most"),
    [
        pytest.param("ada", "192.0.2.1", PAIR.most, id="one account from one address"),
        pytest.param("ada", "192.0.2.{}", ACCOUNT.most, id="one account from many addresses"),
        pytest.param("user{}", "192.0.2.1", ADDRESS.most, id="many accounts from one address"),
        pytest.param("user{}", "2001:db8::{}", ADDRESS.most, id="many accounts from one household"),
        pytest.param("user{}", None, ADDRESS.most, id="many accounts from nowhere"),
    ],
)
def test_exactly_so_many_tries_are_let_through(throttle, account, address, most):
    tried(throttle, most, account, address)
    with pytest.raises(TooManyLogIns) as refused:
        tried(throttle, 1, account, address)
    assert 0 < refused.value.retry_after_s <= throttling.WINDOW_S


def test_another_account_and_another_address_are_not_meant(throttle):
    tried(throttle, PAIR.most)
    tried(throttle, 1, account="bob")
    tried(throttle, 1, address="192.0.2.2")


@pytest.mark.parametrize(("known", "spelt"), [("ada", " ADA "), ("zo\u00eb@example.com", "zoe\u0308@example.com")])
def test_names_count_in_every_spelling(throttle, known, spelt):
    tried(throttle, PAIR.most, account=known)
    with pytest.raises(TooManyLogIns):
        tried(throttle, 1, account=spelt)


def test_the_right_password_makes_up_for_mistakes_but_not_for_the_address(throttle):
    for _ in range(ADDRESS.most // PAIR.most):
        tried(throttle, PAIR.most)
        password_right(throttle, "ada", "192.0.2.1")
    with pytest.raises(TooManyLogIns):
        tried(throttle, 1)


def test_registrations_are_counted_by_address(throttle):
    for _ in range(REGISTRATION.most):
        registered(throttle, "192.0.2.1")
    registered(throttle, "192.0.2.2")
    with pytest.raises(TooManyRegistrations) as refused:
        registered(throttle, "192.0.2.1")
    assert throttling.WINDOW_S < refused.value.retry_after_s <= throttling.HOUR_S


class Seen(Limiter):
    """Remembers for what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.keys = []

    def attempt(self, name, key, most, per_s):
        self.keys.append(key)
        super().attempt(name, key, most, per_s)


def test_what_was_typed_for_a_name_is_not_kept():
    seen = Seen()
    tried(seen, 1, account="my password by mistake \ud800")
    assert len(seen.keys) == 3
    assert all(len(key) == 64 and key.isalnum() for key in seen.keys)


@pytest.mark.parametrize(
    "address", ["192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1", "no address", "fe80::1%eth0", None]
)
def test_every_address_has_a_household(address):
    assert isinstance(throttling._household(address), str)
    assert throttling._household("2001:db8::1") == throttling._household("2001:db8::2")
    assert throttling._household("2001:db8::1") != throttling._household("2001:db8:0:1::1")
