"""The lake without the visitor: found in every table that names them, raw days rewritten, older readers outlived."""

import threading
from datetime import date, timedelta

import pytest

from analytics_pipelines.foundation.errors import Conflict
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.lake.workspace import workspace
from analytics_pipelines.foundation.select import Select
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.operations.erasure.lake import (
    NAMING,
    WritersAtWork,
    checksum_of,
    erase_raw,
    held_in,
    links_in,
    outlive_writers,
    sources_of,
)
from analytics_pipelines.operations.erasure.visitor import Visitor
from analytics_pipelines.web_events.tables import CORE_EVENTS, RAW_EVENTS, SESSIONS, VISITORS
from analytics_pipelines_tests.operations.visitors import NOON, SITE, files_with
from analytics_pipelines_tests.waiting import wait_until
from analytics_pipelines_tests.web_events.receipts import rows_of

DAY = NOON.date()
NEXT = DAY + timedelta(days=1)
ANNA = Visitor(SITE, frozenset({"anna-1234", "h1"}))


def raw(
    event_id: str, visitor_id: str, *, before: str | None = None, site: str = SITE, source: str = "collect"
) -> dict:
    named = {"site_id": site, "event_id": event_id, "visitor_id": visitor_id, "visitor_id_before": before}
    plain = {"event_type": "pageview", "payload": "{}", "flags": "", "source": source}
    return {"received_date": DAY, "received_at": NOON, "event_at": NOON} | named | plain


def put(lake: Lake, day: date, *rows: dict) -> None:
    lake.replace(RAW_EVENTS, day, Select(Sql("SELECT * FROM given"), {"given": rows_of(RAW_EVENTS, rows)}))


def test_the_tables_that_name_visitors_are_known() -> None:
    assert set(NAMING) == {RAW_EVENTS, CORE_EVENTS, SESSIONS, VISITORS}


def test_partitions_with_the_visitor_are_found_and_only_they_are(lake: Lake) -> None:
    put(lake, DAY, raw("1", "anna-1234"), raw("2", "ben"), raw("3", "x", before="h1"), raw("4", "h1", site="other"))
    put(lake, NEXT, raw("5", "ben"))
    assert [(each.table, each.day, each.rows) for each in held_in(lake, ANNA)] == [(RAW_EVENTS, DAY, 2)]
    assert sources_of(lake, ANNA, DAY) == {"1": "collect", "3": "collect"}


def test_a_raw_day_is_written_without_the_visitor_and_keeps_all_others(lake: Lake) -> None:
    others = [raw("2", "ben"), raw("4", "anna-1234", site="other")]
    put(lake, DAY, raw("1", "anna-1234"), raw("3", "x", before="h1"), *others)
    erase_raw(lake, ANNA, DAY)
    assert lake.lazy(RAW_EVENTS, [DAY]).select("site_id", "event_id").collect().rows() == [("other", "4"), (SITE, "2")]
    assert held_in(lake, ANNA) == []
    before = lake.file(RAW_EVENTS, DAY).stat().st_ino
    erase_raw(lake, ANNA, DAY)
    assert lake.file(RAW_EVENTS, DAY).stat().st_ino == before


def test_a_day_of_the_visitor_alone_becomes_an_empty_one(lake: Lake) -> None:
    put(lake, DAY, raw("1", "anna-1234"))
    erase_raw(lake, ANNA, DAY)
    manifest = lake.manifest(RAW_EVENTS, DAY)
    assert manifest is not None
    assert manifest.rows == 0
    assert files_with(lake.root, ["anna-1234"]) == set()


def test_the_checksum_is_that_of_the_rows_removed(lake: Lake) -> None:
    put(lake, DAY, raw("1", "anna-1234"), raw("2", "ben"), raw("3", "h1"))
    whole = checksum_of(lake, SITE, DAY, ["1", "2", "3"])
    theirs = checksum_of(lake, SITE, DAY, ["1", "3"])
    erase_raw(lake, ANNA, DAY)
    assert checksum_of(lake, SITE, DAY, ["1", "2", "3"]) == whole - theirs
    assert theirs > 0
    assert checksum_of(lake, SITE, NEXT, ["1"]) == 0


def test_links_between_days_are_told_by_site(lake: Lake) -> None:
    put(lake, DAY, raw("1", "h2", before="h1"), raw("2", "x2", before="x1", site="other"), raw("3", "ben"))
    assert links_in(lake, SITE) == {("h2", "h1")}


def test_a_day_that_another_writer_keeps_replacing_is_told(lake: Lake, monkeypatch) -> None:
    put(lake, DAY, raw("1", "anna-1234"))
    tries = []

    def replaced(*_: object) -> None:
        tries.append(1)
        raise Conflict("replaced")

    monkeypatch.setattr(lake, "replace", replaced)
    with pytest.raises(Conflict):
        erase_raw(lake, ANNA, DAY)
    assert len(tries) == 5


def test_writers_that_were_at_work_are_outlived_and_what_killed_ones_left_is_removed(lake: Lake, settings) -> None:
    staging = settings.home.staging
    (staging / "dead.writing").mkdir(parents=True)
    begun, may_end, is_over = threading.Event(), threading.Event(), threading.Event()

    def write() -> None:
        with workspace(staging):
            begun.set()
            may_end.wait(10)

    def wait() -> None:
        outlive_writers(lake, staging)
        is_over.set()

    writer, waiter = threading.Thread(target=write), threading.Thread(target=wait)
    writer.start()
    assert begun.wait(10)
    with pytest.raises(WritersAtWork):
        outlive_writers(lake, staging, wait_s=0.1)
    assert [each.name for each in staging.iterdir() if each.name.startswith("dead")] == []
    waiter.start()
    assert not is_over.wait(0.5)
    may_end.set()
    wait_until(is_over.is_set)
    writer.join()
    waiter.join()
