"""Sites are registered once, each with a secret of its own."""

from datetime import UTC, datetime

from analytics_pipelines.web_events.sites import is_known, register, visitor_key
from analytics_pipelines.web_events.visitors import SECRET_BYTES

NOON = datetime(2026, 5, 17, 12, tzinfo=UTC)


def test_a_site_is_unknown_until_it_is_registered(database) -> None:
    with database.writing() as connection:
        assert not is_known(connection, "shop")
        register(connection, "shop", NOON)
        assert is_known(connection, "shop")


def test_registering_again_keeps_the_secret(database) -> None:
    with database.writing() as connection:
        register(connection, "shop", NOON)
        first = visitor_key(connection, "shop")
        register(connection, "shop", NOON)
        assert visitor_key(connection, "shop") == first
        assert len(first) == SECRET_BYTES


def test_two_sites_have_different_secrets(database) -> None:
    with database.writing() as connection:
        for site in ("one", "two"):
            register(connection, site, NOON)
        assert visitor_key(connection, "one") != visitor_key(connection, "two")
