"""Sites and salts as PostgreSQL holds them."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.postgres.urls import DatabaseUrls
from analytics_pipelines.web_events import sites
from analytics_pipelines.web_events.intake.rules_in_postgres import all_rules, kept_salts, register_sites, site_rules
from analytics_pipelines.web_events.log_tables import VISITOR_SALT
from analytics_pipelines.web_events.suppress import digest_of, suppress
from analytics_pipelines.web_events.visitors import DAY, Salts
from analytics_pipelines_tests.web_events.intake.items import over

AT = datetime(2026, 3, 5, 23, 59, tzinfo=UTC)
TODAY = AT.date()


def test_rules_are_those_of_the_sites_asked_for(database: Database, database_urls: DatabaseUrls) -> None:
    own = {"allowed_origins": ["https://own.example"], "address_mode": "none", "honours_opt_out": True}
    key = sites.create(database, "own", own, by="test", at=AT).write_key
    sites.create(database, "other", {}, by="test", at=AT)
    with database.writing() as connection:
        secret = sites.visitor_key(connection, "own")
        suppress(connection, "own", secret, ["v"], AT)
    by_id, by_key, none = (
        asyncio.run(over(database_urls, lambda connection, names=names: site_rules(connection, names)))
        for names in (["own"], [str(key), "nobody"], ["nobody"])
    )
    (found,) = by_id
    assert by_key == by_id
    assert none == []
    assert (found.allowed_origins, found.address_mode, found.honours_opt_out) == ({"https://own.example"}, "none", True)
    assert (found.write_key, found.visitor_key, found.suppressed) == (key, secret, {digest_of(secret, "own", "v")})


def test_a_site_that_the_intake_registers_is_as_an_import_makes_it(
    database: Database, database_urls: DatabaseUrls
) -> None:
    with database.writing() as connection:
        sites.register(connection, "known", AT)
    names = ["new", "known", "a/b", "..", "", "x" * 101]
    for _ in range(2):
        asyncio.run(over(database_urls, lambda connection: register_sites(connection, names, AT)))
    assert [site.site_id for site in sites.list_sites(database)] == ["known", "new"]
    new, known = (sites.get(database, site_id) for site_id in ("new", "known"))
    assert new.write_key is known.write_key is None
    (first,), (expected,) = sites.versions(database, "new"), sites.versions(database, "known")
    assert first.settings == expected.settings | {"name": "new"}
    assert (first.version, first.changed_by, first.changed_at) == (1, expected.changed_by, AT)


def salts_at(urls: DatabaseUrls, at: datetime, known: dict[date, bytes] | None = None) -> Salts:
    return asyncio.run(over(urls, lambda connection: kept_salts(connection, at, known or {})))


def days_kept(database: Database) -> list[date]:
    with database.reading() as connection:
        return list(connection.scalars(sa.select(VISITOR_SALT.c.salt_date).order_by(VISITOR_SALT.c.salt_date)))


def test_tomorrows_salt_is_made_a_day_ahead_and_yesterdays_lives_48_hours(
    database: Database, database_urls: DatabaseUrls
) -> None:
    first = salts_at(database_urls, AT)
    assert days_kept(database) == [TODAY, TODAY + DAY]
    assert first.before(TODAY) is None
    assert salts_at(database_urls, AT) == first
    midnight = AT + timedelta(minutes=1)
    second = salts_at(database_urls, midnight)
    assert second.of(TODAY + DAY) == first.of(TODAY + DAY)
    assert second.before(TODAY + DAY) == first.of(TODAY)
    last = midnight + 2 * DAY
    assert TODAY in salts_at(database_urls, last - timedelta(seconds=1)).known
    assert TODAY not in salts_at(database_urls, last).known
    assert days_kept(database) == [TODAY + DAY * number for number in (1, 2, 3, 4)]


def test_salts_that_were_used_while_postgresql_was_away_are_kept_unless_others_were_made(
    database: Database, database_urls: DatabaseUrls
) -> None:
    used = {TODAY: b"u" * 16, TODAY + DAY: b"v" * 16}
    assert salts_at(database_urls, AT, used).known == used
    assert salts_at(database_urls, AT, {TODAY: b"w" * 16}).known == used


def test_everything_at_once_is_complete(database: Database, database_urls: DatabaseUrls) -> None:
    sites.create(database, "own", {}, by="test", at=AT)
    book = asyncio.run(over(database_urls, lambda connection: all_rules(connection, AT, {})))
    assert (set(book.sites), set(book.salts.known), book.is_complete) == ({"own"}, {TODAY, TODAY + DAY}, True)
