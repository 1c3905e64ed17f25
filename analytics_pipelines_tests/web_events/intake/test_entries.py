from datetime import timedelta, timezone

import pytest

from analytics_pipelines.web_events.event import Reason
from analytics_pipelines.web_events.intake.entries import entry_of, item_of
from analytics_pipelines_tests.web_events.intake.items import AT, receipt, refusal


@pytest.mark.parametrize(
    "item",
    [
        pytest.param(receipt("e"), id="a plain event"),
        pytest.param(
            receipt("e\x00\n", sent_at=AT, session_id="s", flags=("a", "b"), payload='{"a": "\\u0000"}'),
            id="an odd one",
        ),
        pytest.param(refusal("f"), id="a refusal"),
        pytest.param(refusal("f", site_id=None, payload=b"", event_id="e", client_address="::1"), id="a bare one"),
    ],
)
def test_an_item_comes_back_as_it_was(item):
    assert item_of(entry_of(item)) == item


def test_an_entry_says_whose_it_is_and_from_which_utc_day():
    there = AT.replace(hour=1).astimezone(timezone(timedelta(hours=-5)))
    entry = entry_of(receipt("e", received_at=there))
    assert (entry.kind, entry.site_id, entry.received_at.isoformat()) == (
        "receipt",
        "s",
        "2026-03-05T01:00:00.123456+00:00",
    )
    assert entry_of(refusal("f", site_id=None)).site_id == ""


def test_what_is_no_unicode_is_kept_as_a_refusal():
    found = item_of(entry_of(receipt("e", title="\ud800")))
    assert (found.reason, found.event_id) == (Reason.TEXT_NOT_STORABLE, "e")
