from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.web_events import collect
from analytics_pipelines.web_events.collect import Stored, store
from analytics_pipelines.web_events.event import Event, Reason, Rejected, Sender
from analytics_pipelines.web_events.parse_event import parse_event
from analytics_pipelines_tests.web_events.stored import stored_events, stored_keys

NOW = datetime(2026, 3, 5, 23, 59, 59, tzinfo=UTC)
EVENT = parse_event(b'{"eventId": "e", "siteId": "s"}', Sender("192.0.2.7", "Firefox"), NOW)


def test_an_id_is_one_event_however_many_days_apart(database: Database) -> None:
    later = replace(EVENT, received_at=NOW + timedelta(days=400))
    assert store(database, EVENT, registers_sites=True) == Stored("e", is_duplicate=False)
    assert store(database, later, registers_sites=True) == Stored("e", is_duplicate=True)
    assert [event["received_at"] for event in stored_events(database)] == [NOW]


def test_a_visitor_without_an_id_is_the_same_for_a_day(database: Database) -> None:
    times = [NOW, NOW - timedelta(hours=1), NOW + timedelta(hours=1)]
    for number, time in enumerate(times):
        store(database, replace(EVENT, event_id=str(number), received_at=time), registers_sites=True)
    first, second, next_day = (event["visitor_id"] for event in stored_events(database))
    assert first == second != next_day


def test_a_value_that_postgresql_refuses_is_a_reject_and_leaves_no_key(database: Database) -> None:
    with pytest.raises(Rejected) as caught:
        store(database, replace(EVENT, title="a\x00b"), registers_sites=True)
    assert caught.value.reason is Reason.TEXT_NOT_STORABLE
    assert stored_keys(database) == []


def test_another_broken_rule_of_the_database_is_not_hidden(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def without_a_type(connection: sa.Connection, event: Event) -> dict[str, object]:
        return row(connection, event) | {"event_type": None}

    row = collect._row
    store(database, EVENT, registers_sites=True)
    monkeypatch.setattr(collect, "_row", without_a_type)
    with pytest.raises(IntegrityError):
        store(database, replace(EVENT, event_id="f"), registers_sites=True)
    assert [key["event_id"] for key in stored_keys(database)] == ["e"]
