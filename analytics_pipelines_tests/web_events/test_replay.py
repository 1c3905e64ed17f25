"""Rejects are tried again in order, stored once, and the counters go on balancing."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.web_events import replay as module
from analytics_pipelines.web_events.event import MOST_EVENT_BYTES, Reason
from analytics_pipelines.web_events.intake.poison import DETAIL
from analytics_pipelines.web_events.intake.receipts import Receipt, Refusal
from analytics_pipelines.web_events.log_tables import INTAKE_COUNT
from analytics_pipelines.web_events.reconcile import Span, reconcile
from analytics_pipelines.web_events.replay import Choice, DayDropped, Judge, Rejected, Replayed, replay
from analytics_pipelines_tests.web_events.logged import (
    DAY,
    NOON,
    counted,
    event,
    failed,
    write_counts,
    write_events,
    write_failed,
)
from analytics_pipelines_tests.web_events.stored import failed_events, stored_events

AT = NOON + timedelta(days=2)


def receipt_of(row: Rejected, **given: Any) -> Receipt:
    """An event as a judge would make it; its id is the reject's own."""
    values: dict[str, Any] = {
        "site_id": row.site_id or "shop",
        "event_id": row.event_id or row.failed_id,
        "event_type": "pageview",
        "visitor_id": "v",
        "visitor_id_before": None,
        "session_id": None,
        "event_at": row.received_at,
        "received_at": row.received_at,
        "sent_at": None,
        "url": None,
        "path": None,
        "referrer": None,
        "title": None,
        "client_address": row.client_address,
        "user_agent": row.user_agent,
        "source": row.source,
        "payload": "{}",
    }
    return Receipt(**values | given)


def accepting(_: sa.Connection, row: Rejected) -> Receipt:
    return receipt_of(row)


def refusing(reason: Reason):
    def judge(_: sa.Connection, row: Rejected) -> Refusal:
        return Refusal(
            failed_id=row.failed_id,
            reason=reason,
            detail="Still not.",
            payload=row.payload,
            received_at=row.received_at,
            source=row.source,
        )

    return judge


def each(judge: Callable[[sa.Connection, Rejected], Receipt | Refusal]) -> Judge:
    """The judge of one reject as the judge of many."""
    return lambda connection, rows: [judge(connection, row) for row in rows]


def rejected_and_counted(database: Database, *rows: dict[str, Any]) -> None:
    """Rejects as the intake leaves them: each counted as received and rejected."""
    write_failed(database, rows)
    with database.writing() as connection:
        for number, row in enumerate(rows):
            day = row["received_at"].astimezone(UTC).date()
            given = {"site_id": row["site_id"] or "", "source": row["source"], "received": 1, "rejected": 1}
            connection.execute(sa.insert(INTAKE_COUNT).values(counted(day, writer=str(number), **given)))


def replayed(database: Database, judge=accepting, **choice: Any) -> Replayed:
    return replay(database, each(judge), Choice(**choice), at=AT)


def balance(database: Database) -> dict[tuple[date, str], tuple[int, int, int, int]]:
    """Received, stored, known, rejected of every day and site; all of it balanced and as the tables say."""
    days = reconcile(database, None, {}, Span(DAY - timedelta(days=3), DAY + timedelta(days=3)), failed_since=date.min)
    assert [day for day in days if not day.is_balanced or day.differences] == []
    return {
        (day.received_date, day.site_id): (day.received, day.stored, day.duplicate, day.rejected)
        for day in days
        if (day.received, day.stored, day.duplicate, day.rejected) != (0, 0, 0, 0)
    }


def test_a_reject_that_is_possible_now_is_stored_and_balances(database: Database) -> None:
    rejected_and_counted(database, failed("f1"), failed("f2", event_id="e2"))
    assert replayed(database) == Replayed(tried=2, stored=2)
    assert [each["event_id"] for each in stored_events(database)] == ["e2", "f1"]
    assert {each["received_at"] for each in stored_events(database)} == {NOON}
    assert [(each["outcome"], each["replayed_at"]) for each in failed_events(database)] == [("stored", AT)] * 2
    assert balance(database) == {(DAY, "shop"): (2, 2, 0, 0)}


def test_a_second_replay_finds_nothing_to_do(database: Database) -> None:
    rejected_and_counted(database, failed("f1"))
    replayed(database)
    assert replayed(database) == Replayed()
    assert balance(database) == {(DAY, "shop"): (1, 1, 0, 0)}


def test_an_event_that_is_there_already_is_a_duplicate(database: Database) -> None:
    write_counts(database, [counted(received=1, stored=1)])
    write_events(database, [event("e1")])
    rejected_and_counted(
        database, failed("f1", event_id="e1"), failed("f2", event_id="e2"), failed("f3", event_id="e2")
    )
    assert replayed(database) == Replayed(tried=3, stored=1, duplicates=2)
    assert [each["outcome"] for each in failed_events(database)] == ["duplicate", "stored", "duplicate"]
    assert balance(database) == {(DAY, "shop"): (4, 2, 2, 0)}


def test_what_fails_again_stays_with_its_new_reason_and_its_payload(database: Database) -> None:
    rejected_and_counted(database, failed("f1", payload=b"kept"))
    assert replayed(database, refusing(Reason.WRONG_TYPE)) == Replayed(tried=1, reasons={"wrong_type": 1})
    (row,) = failed_events(database)
    assert (row["reason"], row["detail"], row["outcome"]) == ("wrong_type", "Still not.", "rejected")
    assert (row["replayed_at"], row["payload"]) == (AT, b"kept")
    assert balance(database) == {(DAY, "shop"): (1, 0, 0, 1)}
    assert replayed(database).stored == 1
    assert balance(database) == {(DAY, "shop"): (1, 1, 0, 0)}


@pytest.mark.parametrize("reason", [Reason.SUPPRESSED, Reason.OPTED_OUT])
def test_of_a_person_who_is_not_to_be_counted_nothing_is_kept(database: Database, reason: Reason) -> None:
    rejected_and_counted(database, failed("f1", payload=b"personal", visitor_id="v", event_id="e"))
    replayed(database, refusing(reason))
    (row,) = failed_events(database)
    assert (row["reason"], row["payload"]) == (reason.value, b"")
    assert {row[name] for name in ("visitor_id", "client_address", "user_agent", "event_id")} == {None}
    assert balance(database) == {(DAY, "shop"): (1, 0, 0, 1)}


def test_an_event_that_belongs_to_another_day_and_site_is_counted_there(database: Database) -> None:
    rejected_and_counted(database, failed("f1", site_id=None, source="log"))
    before = NOON - timedelta(days=1)

    def judge(_: sa.Connection, row: Rejected) -> Receipt:
        return receipt_of(row, site_id="other", received_at=before, event_at=before)

    assert replayed(database, judge).stored == 1
    assert balance(database) == {(before.date(), "other"): (1, 1, 0, 0)}


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        pytest.param({}, ["a", "b", "c", "d"], id="all, the oldest first"),
        pytest.param({"reason": Reason.WRONG_TYPE}, ["b"], id="a reason"),
        pytest.param({"site": "other"}, ["c"], id="a site"),
        pytest.param({"first": DAY}, ["b", "c", "d"], id="from a day"),
        pytest.param({"last": DAY}, ["a", "b", "c"], id="up to a day"),
        pytest.param({"limit": 3}, ["a", "b", "c"], id="some"),
        pytest.param({"reason": Reason.WRONG_KEY}, ["key"], id="a foreign key, on demand"),
        pytest.param({"reason": Reason.OPTED_OUT}, [], id="not who does not want to be counted"),
        pytest.param({"reason": Reason.TOO_LARGE}, [], id="not what was cut"),
    ],
)
def test_rejects_are_chosen_and_tried_in_order(
    database: Database, monkeypatch: pytest.MonkeyPatch, choice: dict[str, Any], expected: list[str]
) -> None:
    monkeypatch.setattr(module, "BATCH_EVENTS", 2)
    write_failed(
        database,
        [
            failed("d", received_at=NOON + timedelta(days=1)),
            failed("c", site_id="other"),
            failed("b", reason="wrong_type"),
            failed("a", received_at=NOON - timedelta(days=1)),
            failed("key", reason="wrong_key"),
            failed("origin", reason="origin_not_allowed"),
            failed("opted out", reason="opted_out", payload=b""),
            failed("erased", reason="suppressed", payload=b""),
            failed("cut", reason="too_large", payload=b"x" * MOST_EVENT_BYTES),
            failed("cut line", reason="malformed_line", source="log", payload=b"x" * MOST_EVENT_BYTES),
            failed("empty", reason="broken_json", payload=b""),
            failed("batch", reason="many_events", payload=b"[]"),
            failed("rewritten", reason="text_not_storable", detail=DETAIL),
            failed("done", outcome="stored"),
        ],
    )
    tried: list[str] = []

    def judge(connection: sa.Connection, row: Rejected) -> Receipt:
        tried.append(row.failed_id)
        return accepting(connection, row)

    told: list[int] = []
    done = replay(database, each(judge), Choice(**choice), at=AT, progress=told.append)
    assert tried == expected
    assert (done.tried, done.stored, sum(told)) == (len(expected), len(expected), len(expected))


def test_rejects_that_stay_do_not_hold_up_those_behind_them(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH_EVENTS", 2)
    rejected_and_counted(database, *(failed(str(number)) for number in range(7)))
    no = refusing(Reason.UNKNOWN_SITE)

    def judge(connection: sa.Connection, row: Rejected) -> Receipt | Refusal:
        return no(connection, row) if row.failed_id < "5" else accepting(connection, row)

    assert replayed(database, judge) == Replayed(tried=7, stored=2, reasons={"unknown_site": 5})
    assert balance(database) == {(DAY, "shop"): (7, 2, 0, 5)}


def test_one_that_postgresql_can_not_hold_does_not_spoil_the_others(database: Database) -> None:
    rejected_and_counted(database, failed("a"), failed("b"), failed("c"))

    def judge(_: sa.Connection, row: Rejected) -> Receipt:
        return receipt_of(row, payload='{"a": "\\u0000"}' if row.failed_id == "b" else "{}")

    assert replayed(database, judge) == Replayed(tried=3, stored=2, reasons={"text_not_storable": 1})
    assert [each["event_id"] for each in stored_events(database)] == ["a", "c"]
    assert balance(database) == {(DAY, "shop"): (3, 2, 0, 1)}
    assert replayed(database) == Replayed()


def test_a_dry_replay_foresees_and_leaves_no_trace(database: Database) -> None:
    write_counts(database, [counted(received=1, stored=1)])
    write_events(database, [event("e1")])
    rejected_and_counted(database, failed("f1", event_id="e1"), failed("f2"), failed("f3"), failed("f4", event_id="f3"))
    before = failed_events(database), stored_events(database), balance(database)
    no = refusing(Reason.UNKNOWN_SITE)

    def judge(connection: sa.Connection, row: Rejected) -> Receipt | Refusal:
        return no(connection, row) if row.failed_id == "f2" else accepting(connection, row)

    foreseen = replay(database, each(judge), Choice(), at=AT, is_dry=True)
    assert foreseen == Replayed(tried=4, stored=1, duplicates=2, reasons={"unknown_site": 1})
    assert (failed_events(database), stored_events(database), balance(database)) == before
    assert replayed(database, judge) == foreseen


def test_a_batch_that_fails_leaves_no_trace(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    rejected_and_counted(database, failed("f1"))
    before = failed_events(database), balance(database)

    def fail(*_: object) -> None:
        raise RuntimeError("the power went out")

    monkeypatch.setattr(module, "_take_back", fail)
    with pytest.raises(RuntimeError):
        replayed(database)
    assert (failed_events(database), balance(database), stored_events(database)) == (*before, [])
    monkeypatch.undo()
    assert replayed(database).stored == 1


def test_two_replays_at_once_store_each_event_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH_EVENTS", 5)
    rejected_and_counted(database, *(failed(format(number, "03d")) for number in range(60)))
    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(lambda _: replayed(database), range(2))
    rest = replayed(database)
    assert one.stored + two.stored + rest.stored == 60
    assert one.duplicates + two.duplicates + rest.duplicates == 0
    assert balance(database) == {(DAY, "shop"): (60, 60, 0, 0)}


def test_a_reject_keeps_its_moment_to_the_microsecond(database: Database) -> None:
    at = datetime(2026, 5, 17, 23, 59, 59, 999_999, tzinfo=UTC)
    rejected_and_counted(database, failed("f1", received_at=at))
    replayed(database, lambda connection, row: replace(accepting(connection, row), event_at=at))
    assert stored_events(database)[0]["received_at"] == at
    assert balance(database) == {(DAY, "shop"): (1, 1, 0, 0)}


def test_a_day_that_is_dropped_in_that_moment_is_told(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    rejected_and_counted(database, failed("f1"))
    monkeypatch.setattr(module, "create_partitions", lambda *_: None)
    with pytest.raises(DayDropped):
        replayed(database)
    monkeypatch.undo()
    assert replayed(database).stored == 1
