"""Visitors without an id are one person of one site for a day; addresses lose what the site does not keep."""

from datetime import date

import pytest

from analytics_pipelines.web_events.event import Sender
from analytics_pipelines.web_events.visitors import Salts, network_of, plain_address, stored_address, visitor_of

TODAY = date(2026, 3, 5)


@pytest.mark.parametrize(
    ("address", "network", "full"),
    [
        pytest.param("192.0.2.77", "192.0.2.0/24", "192.0.2.77", id="IPv4"),
        pytest.param("::ffff:192.0.2.77", "192.0.2.0/24", "192.0.2.77", id="IPv4 inside IPv6"),
        pytest.param("2001:DB8:1:2::3", "2001:db8:1::/48", "2001:db8:1:2::3", id="IPv6"),
        pytest.param("fe80::1%eth0", "fe80::/48", "fe80::1%eth0", id="IPv6 with a zone"),
        pytest.param("host.example", None, None, id="a name"),
        pytest.param("", None, None, id="empty"),
        pytest.param(None, None, None, id="unknown"),
    ],
)
def test_an_address_loses_what_the_site_does_not_keep(
    address: str | None, network: str | None, full: str | None
) -> None:
    assert network_of(address) == stored_address("truncated", address) == network
    assert plain_address(address) == stored_address("full", address) == full
    assert stored_address("none", address) is None


def test_a_visitor_is_one_address_and_agent_of_one_site() -> None:
    sender = Sender("192.0.2.7", "Firefox")
    visitor = visitor_of(b"key", "a", sender)
    assert visitor == visitor_of(b"key", "a", Sender("192.0.2.7", "Firefox"))
    others = [
        visitor_of(b"other", "a", sender),
        visitor_of(b"key", "b", sender),
        visitor_of(b"key", "a", Sender("192.0.2.8", "Firefox")),
        visitor_of(b"key", "a", Sender("192.0.2.7", None)),
    ]
    assert len({visitor, *others}) == 5


def test_a_day_has_its_salt_and_the_one_of_the_day_before() -> None:
    salts = Salts({date(2026, 3, 4): b"before", TODAY: b"today"})
    assert (salts.of(TODAY), salts.before(TODAY)) == (b"today", b"before")
    assert salts.before(date(2026, 3, 4)) is None


def test_a_day_without_a_salt_follows_from_the_latest_known_in_every_process_alike() -> None:
    known = {date(2026, 3, 1): b"x" * 16, date(2026, 3, 2): b"y" * 16}
    made = Salts(known).of(TODAY)
    assert len(made) == 16
    assert made == Salts({date(2026, 3, 2): b"y" * 16}).of(TODAY)
    assert made not in {Salts(known).of(date(2026, 3, 6)), Salts({date(2026, 3, 2): b"z" * 16}).of(TODAY), b"y" * 16}


def test_a_process_that_knows_no_salt_still_has_one_a_day() -> None:
    assert Salts({}).of(TODAY) == Salts({}).of(TODAY) != Salts({}).of(date(2026, 3, 6))
