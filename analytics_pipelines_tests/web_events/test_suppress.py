"""The list of erased visitors: keyed, per site, and without a name in it."""

from datetime import UTC, datetime

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.web_events.suppress import digest_of, is_suppressed, suppress, suppressed_digests

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
KEY = b"k" * 16


def listed(database: Database, site: str = "shop") -> frozenset[str]:
    with database.reading() as connection:
        return suppressed_digests(connection, site)


def suppressed(database: Database, *visitors: str) -> int:
    with database.writing() as connection:
        return suppress(connection, "shop", KEY, visitors, NOW)


def test_a_suppressed_visitor_is_known_again_and_others_are_not(database: Database) -> None:
    assert suppressed(database, "anna", "äöü") == 2
    found = listed(database)
    assert [is_suppressed(found, KEY, "shop", name) for name in ("anna", "äöü", "ben", None)] == [
        True,
        True,
        False,
        False,
    ]


def test_the_list_of_one_site_says_nothing_of_another(database: Database) -> None:
    suppressed(database, "anna")
    assert listed(database, "other") == frozenset()
    assert not is_suppressed(listed(database), KEY, "other", "anna")
    assert not is_suppressed(listed(database), b"another key", "shop", "anna")
    assert not is_suppressed(frozenset(), KEY, "shop", "anna")


def test_suppressing_again_adds_nothing(database: Database) -> None:
    assert suppressed(database, "anna", "anna") == 1
    assert suppressed(database, "anna", "ben") == 1
    assert suppressed(database) == 0
    assert len(listed(database)) == 2


def test_the_list_does_not_hold_the_name(database: Database) -> None:
    suppressed(database, "anna")
    (found,) = listed(database)
    assert found == digest_of(KEY, "shop", "anna")
    assert "anna" not in found
    assert len(found) == 32
