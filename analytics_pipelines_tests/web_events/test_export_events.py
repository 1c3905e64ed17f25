import json
from datetime import UTC, date, datetime, timedelta

from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.postgres.urls import conninfo
from analytics_pipelines.web_events.collect import store
from analytics_pipelines.web_events.event import Sender
from analytics_pipelines.web_events.export_events import raw_events
from analytics_pipelines.web_events.parse_event import parse_event
from analytics_pipelines.web_events.tables import RAW_EVENTS
from analytics_pipelines_tests.web_events.stored import stored_events

MIDNIGHT = datetime(2026, 3, 5, tzinfo=UTC)
BODIES = [
    (b'{"eventId": "a", "timestamp": "x", "properties": {"n": 1e300, "t": "\\u00e4"}}', MIDNIGHT),
    (b'{"eventId": "b", "timestamp": "0001-01-01T00:00:00Z", "sentAt": "9999-12-31T23:59:59Z"}', MIDNIGHT),
    (b'{"eventId": "c"}', MIDNIGHT - timedelta(microseconds=1)),
    (b'{"eventId": "d", "visitorId": "v"}', MIDNIGHT + timedelta(hours=24, microseconds=-1)),
    (b'{"eventId": "e"}', MIDNIGHT + timedelta(hours=24)),
]


def test_a_day_of_receipt_is_exported_exactly_as_it_is_stored(database: Database, lake: Lake) -> None:
    for body, received_at in BODIES:
        store(database, parse_event(body, Sender("192.0.2.7", "Firefox"), received_at), registers_sites=True)
    days = [date(2026, 3, day) for day in (4, 5, 6)]
    found = [lake.replace(RAW_EVENTS, day, raw_events(conninfo(database.url), day)).rows for day in days]
    assert found == [1, 3, 1]
    rows = lake.lazy(RAW_EVENTS, days).collect().to_dicts()
    for row in rows:
        assert row.pop("received_date") == row["received_at"].date()
        row["payload"] = json.loads(row["payload"])
        row["flags"] = row["flags"].split(",") if row["flags"] else []
    assert sorted(rows, key=lambda row: row["event_id"]) == stored_events(database)


def test_exporting_again_gives_the_same_bytes(database: Database, lake: Lake) -> None:
    for body, _ in BODIES:
        store(database, parse_event(body, Sender(None, None), MIDNIGHT), registers_sites=True)
    first = lake.replace(RAW_EVENTS, MIDNIGHT.date(), raw_events(conninfo(database.url), MIDNIGHT.date()))
    assert lake.replace(RAW_EVENTS, MIDNIGHT.date(), raw_events(conninfo(database.url), MIDNIGHT.date())) == first
