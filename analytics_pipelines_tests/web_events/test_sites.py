"""Sites are registered once, each with secrets of its own; every change is a version and touches the site's days."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.web_events import sites
from analytics_pipelines.web_events.log_tables import SITE, SITE_DAY, TOUCHED_DAY
from analytics_pipelines.web_events.site_settings import BadSetting
from analytics_pipelines.web_events.sites import (
    BadSiteId,
    SiteExists,
    UnknownSite,
    is_known,
    register,
    versions,
    visitor_key,
)
from analytics_pipelines.web_events.visitors import SECRET_BYTES
from analytics_pipelines_tests.waiting import wait_until

NOON = datetime(2026, 5, 17, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)


def created(database: Database, site_id: str = "shop", **settings: object) -> sites.Site:
    return sites.create(database, site_id, settings, by="ann", at=NOON)


def changed(database: Database, site_id: str = "shop", **settings: object) -> sites.Site:
    return sites.change(database, site_id, settings, by="bob", at=LATER)


def with_days(database: Database, **days_of: list[date]) -> None:
    rows = [{"site_id": site, "event_date": day} for site, days in days_of.items() for day in days]
    with database.writing() as connection:
        connection.execute(sa.insert(SITE_DAY), rows)


def touched(database: Database) -> list[dict[str, Any]]:
    with database.reading() as connection:
        query = sa.select(TOUCHED_DAY).order_by(TOUCHED_DAY.c.touched_date)
        return [dict(row) for row in connection.execute(query).mappings()]


def test_a_site_is_unknown_until_it_is_registered(database: Database) -> None:
    with database.writing() as connection:
        assert not is_known(connection, "shop")
        assert register(connection, "shop", NOON)
        assert is_known(connection, "shop")
    found = sites.get(database, "shop")
    assert (found.name, found.timezone, found.gap_limit_s, found.allowed_origins) == ("shop", "UTC", 1800, ("*",))
    assert (found.retention_days, found.address_mode, found.honours_opt_out) == (None, "truncated", False)
    assert found.write_key is None
    assert [(each.version, each.changed_by) for each in versions(database, "shop")] == [(1, "its first event")]


def test_registering_again_keeps_the_site_and_its_secrets(database: Database) -> None:
    created(database, timezone="Europe/Berlin")
    with database.writing() as connection:
        first = visitor_key(connection, "shop")
        assert not register(connection, "shop", LATER)
        assert visitor_key(connection, "shop") == first
    assert len(first) == SECRET_BYTES
    assert sites.get(database, "shop").timezone == "Europe/Berlin"
    assert len(versions(database, "shop")) == 1


def test_two_sites_have_different_secrets(database: Database) -> None:
    one, two = created(database, "one"), created(database, "two")
    assert one.write_key
    assert one.write_key != two.write_key
    with database.writing() as connection:
        assert visitor_key(connection, "one") != visitor_key(connection, "two")


def test_a_site_is_created_once(database: Database) -> None:
    made = created(database, name="My shop", conversion_events=["signup"], retention_days=30)
    assert made == sites.get(database, "shop")
    assert (made.version, made.created_at, made.updated_at) == (1, NOON, NOON)
    with pytest.raises(SiteExists):
        created(database)


def test_sites_are_listed_by_id(database: Database) -> None:
    for site_id in ("b", "B", "a"):
        created(database, site_id)
    assert [each.site_id for each in sites.list_sites(database)] == ["B", "a", "b"]


@pytest.mark.parametrize("site_id", ["", "..", "a/b", "x" * 101, "a\x00"])
def test_an_id_that_no_site_can_have_is_refused(database: Database, site_id: str) -> None:
    with pytest.raises(BadSiteId):
        created(database, site_id)
    with pytest.raises(BadSiteId), database.writing() as connection:
        register(connection, site_id, NOON)


def test_a_change_is_a_new_version_that_says_who_and_when_and_no_secret(database: Database) -> None:
    made = created(database, name="My shop")
    after = changed(database, gap_limit_s=600, retention_days=90)
    assert (after.version, after.gap_limit_s, after.retention_days) == (2, 600, 90)
    assert (after.name, after.updated_at, after.created_at) == ("My shop", LATER, NOON)
    assert changed(database, retention_days=None).retention_days is None
    newest, second, first = versions(database, "shop")
    assert (newest.version, newest.settings["retention_days"]) == (3, None)
    assert (second.changed_by, second.changed_at, second.settings["gap_limit_s"]) == ("bob", LATER, 600)
    assert (first.changed_by, first.settings["gap_limit_s"]) == ("ann", 1800)
    assert made.write_key not in str(first.settings)


def test_a_change_that_changes_nothing_is_no_version(database: Database) -> None:
    made = created(database, allowed_origins=["https://a.example"])
    with_days(database, shop=[date(2026, 5, 1)])
    assert changed(database, timezone="UTC", allowed_origins=["HTTPS://A.example:443"]) == made
    assert changed(database) == made
    assert touched(database) == []


def test_what_can_not_be_changed_is_told_and_leaves_the_site_alone(database: Database) -> None:
    made = created(database)
    with pytest.raises(BadSetting):
        changed(database, name="New", timezone="Mars/Olympus")
    with pytest.raises(UnknownSite):
        changed(database, "other", name="New")
    with pytest.raises(UnknownSite):
        versions(database, "other")
    assert sites.get(database, "shop") == made


def test_a_key_is_renewed_on_demand_and_is_in_no_version(database: Database) -> None:
    made = created(database)
    after = sites.change(database, "shop", {}, by="bob", at=LATER, renews_write_key=True)
    assert after.write_key not in {None, made.write_key}
    assert after.version == 2
    assert "write_key" not in versions(database, "shop")[0].settings


@pytest.mark.parametrize(
    "wanted",
    [
        {"name": "New"},
        {"timezone": "Asia/Tokyo"},
        {"gap_limit_s": 60},
        {"conversion_events": ["signup"]},
        {"timezone": "Asia/Tokyo", "retention_days": 7},
    ],
)
def test_a_change_that_metrics_show_touches_exactly_the_days_of_the_site(
    database: Database, wanted: dict[str, object]
) -> None:
    created(database)
    with_days(database, shop=[date(2026, 5, 3), date(2026, 5, 1)], other=[date(2026, 5, 2)])
    changed(database, **wanted)
    assert [(row["touched_date"], row["kind"], row["touched_at"]) for row in touched(database)] == [
        (date(2026, 5, 1), "event", LATER),
        (date(2026, 5, 3), "event", LATER),
    ]


def test_other_changes_touch_no_day(database: Database) -> None:
    created(database)
    with_days(database, shop=[date(2026, 5, 1)])
    changed(database, retention_days=7, allowed_origins=[], address_mode="none", honours_opt_out=True)
    assert touched(database) == []


def test_a_day_that_is_touched_again_gets_a_higher_number(database: Database) -> None:
    created(database)
    with_days(database, shop=[date(2026, 5, 1)])
    changed(database, gap_limit_s=60)
    (before,) = touched(database)
    changed(database, gap_limit_s=61)
    (after,) = touched(database)
    assert after["touch_number"] > before["touch_number"]


def test_a_change_that_fails_touches_no_day(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    created(database)
    with_days(database, shop=[date(2026, 5, 1)])
    touch = sites._touch_days

    def fail(*arguments: Any) -> None:
        touch(*arguments)
        raise RuntimeError("the power went out")

    monkeypatch.setattr(sites, "_touch_days", fail)
    with pytest.raises(RuntimeError):
        changed(database, gap_limit_s=60)
    assert touched(database) == []
    assert sites.get(database, "shop").version == 1
    assert len(versions(database, "shop")) == 1


def test_a_day_that_is_being_noted_meanwhile_is_touched_too(database: Database) -> None:
    created(database)
    with ThreadPoolExecutor(1) as pool:
        with database.writing() as connection:
            connection.execute(sa.insert(SITE_DAY).values(site_id="shop", event_date=date(2026, 5, 1)))
            change = pool.submit(changed, database, gap_limit_s=60)
            wait_until(lambda: is_waiting_for_a_lock(database))
        change.result()
    assert [row["touched_date"] for row in touched(database)] == [date(2026, 5, 1)]


def is_waiting_for_a_lock(database: Database) -> bool:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    with database.reading() as connection:
        return bool(connection.exec_driver_sql(waiting).scalar())


def test_changes_at_once_follow_each_other(database: Database) -> None:
    created(database)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda gap_s: changed(database, gap_limit_s=gap_s), range(100, 108)))
    assert sites.get(database, "shop").version == 9
    assert [each.version for each in versions(database, "shop")] == list(range(9, 0, -1))
    assert {each.settings["gap_limit_s"] for each in versions(database, "shop")} == {1800, *range(100, 108)}


def test_a_site_that_two_register_at_once_is_registered_once(database: Database) -> None:
    together = threading.Barrier(4)

    def registered(_: int) -> bool:
        with database.writing() as connection:
            together.wait()
            return register(connection, "shop", NOON)

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(registered, range(4))) == [False, False, False, True]
    with database.reading() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(SITE)) == 1
    assert len(versions(database, "shop")) == 1
