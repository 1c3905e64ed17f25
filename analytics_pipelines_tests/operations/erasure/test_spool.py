"""The spool without the visitor: entries, totals, and no byte left in the file or its log."""

import sqlite3

import pytest

from analytics_pipelines.foundation.errors import Unavailable
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.operations.erasure import spool as erasing
from analytics_pipelines.operations.erasure.spool import SpoolBusy, count_in_spool, erase_from_spool, links_in_spool
from analytics_pipelines.operations.erasure.visitor import Visitor
from analytics_pipelines.web_events.intake.batch import Item
from analytics_pipelines.web_events.intake.entries import entry_of, item_of
from analytics_pipelines.web_events.intake.spool import Spool
from analytics_pipelines_tests.operations.visitors import SITE, files_with, receipt, refusal

ANNA = Visitor(SITE, frozenset({"anna-1234"}))


def spooled(settings: Settings, *items: Item) -> Spool:
    spool = Spool.of(settings)
    spool.append([entry_of(item) for item in items])
    return spool


def test_only_the_visitors_entries_go(settings: Settings) -> None:
    spool = spooled(
        settings,
        receipt("1", "anna-1234", payload='{"text": "' + "anna-1234" * 3000 + '"}'),
        receipt("2", "ben"),
        receipt("3", "anna-1234", site_id="other"),
        refusal("f1", b'{"visitorId": "anna-1234"}'),
    )
    assert count_in_spool(settings, ANNA) == 2
    assert erase_from_spool(settings, ANNA) == 2
    assert count_in_spool(settings, ANNA) == 0
    left = [item_of(each.entry) for each in spool.after(0, 10)]
    assert [each.event_id for each in left] == ["2", "3"]
    total = spool.total()
    assert (total.events, total.bytes) == (2, sum(len(entry_of(item).body) for item in left))
    assert erase_from_spool(settings, ANNA) == 0


def test_no_byte_of_the_visitor_is_left_while_others_have_the_file_open(settings: Settings) -> None:
    items = [receipt(str(number), "anna-1234", payload='"' + "anna-1234" * 3000 + '"') for number in range(50)]
    spool = spooled(settings, receipt("0", "ben"), *items, receipt("99", "ben"))
    assert files_with(settings.home.spool, ["anna-1234"])
    erase_from_spool(settings, ANNA)
    assert files_with(settings.home.spool, ["anna-1234"]) == set()
    assert [item_of(each.entry).event_id for each in spool.after(0, 10)] == ["0", "99"]
    spool.append([entry_of(receipt("100", "ben"))])
    assert spool.total().events == 3


def test_without_a_spool_there_is_nothing_to_do_and_none_is_made(settings: Settings) -> None:
    assert (erase_from_spool(settings, ANNA), count_in_spool(settings, ANNA)) == (0, 0)
    assert links_in_spool(settings, SITE) == set()
    assert not settings.home.spool.exists()


def test_links_between_days_are_told(settings: Settings) -> None:
    spooled(
        settings,
        receipt("1", "h2", visitor_id_before="h1"),
        receipt("2", "h3"),
        receipt("3", "x2", visitor_id_before="x1", site_id="other"),
        refusal("f1", b"", visitor_id="r2", visitor_id_before="r1"),
    )
    assert links_in_spool(settings, SITE) == {("h2", "h1"), ("r2", "r1")}


def test_a_reader_that_never_ends_is_told(settings: Settings, monkeypatch) -> None:
    monkeypatch.setattr(erasing, "TRIES", 2)
    monkeypatch.setattr(erasing, "BUSY_S", 0.1)
    spool = spooled(settings, receipt("1", "anna-1234"))
    reader = sqlite3.connect(spool.file, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM entry").fetchall()
    with pytest.raises(SpoolBusy):
        erase_from_spool(settings, ANNA)
    reader.close()
    assert erase_from_spool(settings, ANNA) == 0
    assert files_with(settings.home.spool, ["anna-1234"]) == set()


def test_a_file_that_is_none_is_told(settings: Settings) -> None:
    settings.home.spool.mkdir(parents=True)
    Spool.of(settings).file.write_bytes(b"no database" * 100)
    with pytest.raises(Unavailable, match="spool"):
        erase_from_spool(settings, ANNA)
