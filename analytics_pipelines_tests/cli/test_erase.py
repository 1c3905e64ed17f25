"""Erasing a visitor from the shell: asked first, told what was where, one line when something is left."""

import io
import re
from datetime import timedelta

import psycopg
import pytest

from analytics_pipelines.cli import erase
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.postgres.urls import DatabaseUrls
from analytics_pipelines.sql_service.errors import QueryCancelled
from analytics_pipelines.sql_service.exports import Exports
from analytics_pipelines.sql_service.messages import Format
from analytics_pipelines.sql_service.places import Places
from analytics_pipelines.web_events.intake.entries import entry_of
from analytics_pipelines.web_events.intake.spool import Spool
from analytics_pipelines_tests.cli.conftest import Analytics
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.operations.visitors import NOON, SITE, files_with, receipt, store
from analytics_pipelines_tests.web_events.stored import stored_events

pytestmark = pytest.mark.timeout(300)
ANNA = "anna-0123456789"


@pytest.fixture
def shell(analytics: Analytics, database_urls: DatabaseUrls, monkeypatch) -> Analytics:
    """The command line with the test's database, of which no API runs."""
    monkeypatch.setenv("DATABASE_URL", database_urls.app)
    monkeypatch.setenv("DATABASE_OWNER_URL", database_urls.owner)
    monkeypatch.setattr(erase, "STALE_S", 0.0)
    return analytics


@pytest.mark.long
def test_a_visitor_is_removed_and_the_places_are_told(shell: Analytics, home, database: Database) -> None:
    store(database, [receipt("1", ANNA), receipt("2", "ben"), receipt("3", ANNA, NOON + timedelta(hours=1))])
    day = NOON.date().isoformat()
    assert shell("materialize", "web_events", "--from", day, "--to", day).status == 0
    Spool.of(settings_in(home)).append([entry_of(receipt("4", ANNA))])
    outcome = shell("erase-visitor", SITE, ANNA, "--yes")
    assert outcome.status == 0, outcome.err
    for place, removed in {"spool": 1, "event_log": 2, "raw_web__events": 2, "core_web__events": 2}.items():
        assert re.search(place + rf" +{removed} +0\b", outcome.out), outcome.out
    assert "write-ahead log" in outcome.out
    assert [row["event_id"] for row in stored_events(database)] == ["2"]
    assert files_with(home, [ANNA]) == set()


def test_nothing_is_removed_before_somebody_has_said_yes(shell: Analytics, database: Database, monkeypatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    store(database, [receipt("1", ANNA)])
    assert shell("erase-visitor", SITE, ANNA).status == 1
    assert len(stored_events(database)) == 1


def test_a_site_that_is_none_is_one_line(shell: Analytics, database: Database) -> None:
    outcome = shell("erase-visitor", "nowhere", ANNA, "--yes")
    assert (outcome.status, outcome.err.count("\n")) == (1, 1)
    assert "no site 'nowhere'" in outcome.err


def test_without_the_owner_what_is_left_is_told(shell: Analytics, home, database, database_urls, monkeypatch) -> None:
    monkeypatch.setenv("DATABASE_OWNER_URL", database_urls.app)
    store(database, [receipt("1", ANNA)])
    outcome = shell("erase-visitor", SITE, ANNA, "--yes")
    assert (outcome.status, outcome.err.count("\n")) == (1, 1)
    assert "event_log_20261120" in outcome.err
    assert "DATABASE_OWNER_URL" in outcome.err
    assert stored_events(database) == []
    monkeypatch.setenv("DATABASE_OWNER_URL", database_urls.owner)
    exports = Exports(Places.of(settings_in(home).home).exports, settings_in(home))
    exports.failed(exports.create("ada", "SELECT 1", Format.CSV).export_id, QueryCancelled("Stopped."))
    again = shell("erase-visitor", SITE, ANNA, "--yes")
    assert again.status == 0
    assert re.search(r"sql_exports +1 +0\b", again.out), again.out


def test_a_table_that_stays_in_use_is_one_line(shell: Analytics, database, database_urls, monkeypatch) -> None:
    monkeypatch.setattr("analytics_pipelines.operations.erasure.rewrite.TRIES", 1)
    monkeypatch.setattr("analytics_pipelines.operations.erasure.rewrite.LOCK_WAIT_S", 0.1)
    store(database, [receipt("1", ANNA)])
    with psycopg.connect(database_urls.app.replace("+psycopg", "")) as reader:
        reader.execute("SELECT * FROM web_events.event_key")
        outcome = shell("erase-visitor", SITE, ANNA, "--yes")
    assert (outcome.status, outcome.err.count("\n")) == (1, 1)
    assert "event_key is in use" in outcome.err
