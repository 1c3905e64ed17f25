from datetime import date

import pytest

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.web_events.event import Sender
from analytics_pipelines.web_events.visitors import network_of, salt_of, visitor_of


@pytest.mark.parametrize(
    ("address", "network"),
    [
        pytest.param("192.0.2.77", "192.0.2.0/24", id="IPv4"),
        pytest.param("::ffff:192.0.2.77", "192.0.2.0/24", id="IPv4 inside IPv6"),
        pytest.param("2001:db8:1:2::3", "2001:db8:1::/48", id="IPv6"),
        pytest.param("fe80::1%eth0", "fe80::/48", id="IPv6 with a zone"),
        pytest.param("host.example", None, id="a name"),
        pytest.param("", None, id="empty"),
        pytest.param(None, None, id="unknown"),
    ],
)
def test_an_address_loses_what_names_one_machine(address: str | None, network: str | None) -> None:
    assert network_of(address) == network


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


def test_each_day_has_one_salt_of_its_own(database: Database) -> None:
    today, tomorrow = date(2026, 3, 5), date(2026, 3, 6)
    with database.writing() as connection:
        first = salt_of(connection, today)
    with database.writing() as connection:
        assert salt_of(connection, today) == first
        assert salt_of(connection, tomorrow) != first
