"""One batch of a log: stored, known, suppressed or malformed, and counted either way."""

from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.web_events.log_batch import Kept, NumberedRefusal, keep
from analytics_pipelines.web_events.log_lines import parse_line
from analytics_pipelines.web_events.log_receipts import LogSite, malformed, receipt_of
from analytics_pipelines.web_events.log_tables import INTAKE_COUNT
from analytics_pipelines.web_events.suppress import suppress
from analytics_pipelines_tests.web_events.stored import failed_events, stored_events, stored_keys

SITE = LogSite("shop", b"k" * 16, "truncated")
NOW = datetime(2026, 3, 5, tzinfo=UTC)
LINE = '192.0.2.{host} - - [{day}/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 5 "-" "Firefox"'
FIRST, SECOND = date(2015, 5, 17), date(2015, 5, 18)


def line(number: int, host: int = 7, day: int = 17):
    hit = parse_line(LINE.format(host=host, day=day).encode(), NOW)
    return number, receipt_of(SITE, "event " + str(number), hit)


def broken(number: int) -> NumberedRefusal:
    return NumberedRefusal(malformed("shop", "event " + str(number), b"broken", "no log", NOW), number)


def counters(database: Database) -> dict[date, tuple[int, int, int, int]]:
    with database.reading() as connection:
        rows = connection.execute(sa.select(INTAKE_COUNT).order_by(INTAKE_COUNT.c.received_date)).all()
    assert {(row.site_id, row.source) for row in rows} <= {("shop", "log")}
    return {row.received_date: (row.received, row.stored, row.duplicate, row.rejected) for row in rows}


def test_new_events_and_rejects_are_stored_and_counted(database: Database) -> None:
    kept = keep(database, SITE, [line(1), line(2), line(4, day=18)], [broken(3)])
    assert kept == Kept(3, 0, {FIRST: 2, SECOND: 1})
    assert len(stored_events(database)) == len(stored_keys(database)) == 3
    assert [failed["line_number"] for failed in failed_events(database)] == [3]
    assert counters(database) == {FIRST: (2, 2, 0, 0), SECOND: (1, 1, 0, 0), NOW.date(): (1, 0, 0, 1)}


def test_known_ones_are_counted_as_duplicates(database: Database) -> None:
    keep(database, SITE, [line(1)], [broken(2)])
    assert keep(database, SITE, [line(1), line(3)], [broken(2), broken(4)]) == Kept(1, 0, {FIRST: 2})
    assert counters(database) == {FIRST: (3, 2, 1, 0), NOW.date(): (3, 0, 1, 2)}


@pytest.mark.parametrize("lines", [[], [line(1)]])
def test_a_batch_may_lack_either_kind(database: Database, lines: list) -> None:
    kept = keep(database, SITE, lines, [] if lines else [broken(1)])
    assert kept.stored == len(lines)
    assert len(failed_events(database)) == 1 - len(lines)


def test_an_erased_visitor_does_not_come_back(database: Database) -> None:
    _, receipt = line(1)
    with database.writing() as connection:
        suppress(connection, "shop", SITE.visitor_key, [receipt.visitor_id], NOW)
    assert keep(database, SITE, [line(1), line(2, host=8)], []) == Kept(1, 1, {FIRST: 1})
    (stored,) = stored_events(database)
    assert stored["visitor_id"] != receipt.visitor_id
    (failed,) = failed_events(database)
    assert (failed["reason"], failed["payload"], failed["line_number"]) == ("suppressed", b"", 1)
    assert (failed["visitor_id"], failed["client_address"], failed["user_agent"]) == (None, None, None)
    assert counters(database) == {FIRST: (2, 1, 0, 1)}
    assert keep(database, SITE, [line(1)], []).suppressed == 1
    assert counters(database) == {FIRST: (3, 1, 1, 1)}
    assert len(failed_events(database)) == 1
