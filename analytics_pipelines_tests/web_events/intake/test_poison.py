import asyncio

import psycopg
import pytest
from psycopg.errors import CheckViolation

from analytics_pipelines.web_events.event import MOST_EVENT_BYTES, Reason
from analytics_pipelines.web_events.intake.poison import lacks_partition, refused
from analytics_pipelines_tests.web_events.intake.items import AT, over, receipt, refusal


def test_a_receipt_becomes_a_refusal_that_says_whose_it_was():
    found = refused(receipt("e", title="\ud800", visitor_id_before="b"))
    assert (found.reason, found.site_id, found.event_id) == (Reason.TEXT_NOT_STORABLE, "s", "e")
    assert (found.visitor_id, found.visitor_id_before) == ("v", "b")
    assert (found.client_address, found.user_agent) == ("192.0.2.0/24", "Firefox/144.0")
    assert (found.received_at, found.source) == (AT, "collect")
    assert found.payload == receipt("e").payload.encode()


def test_the_same_receipt_gives_the_same_refusal_and_another_one_another():
    assert refused(receipt("e")) == refused(receipt("e"))
    others = [receipt("f"), receipt("e", site_id="t"), receipt("e", payload="{}")]
    assert len({refused(each).failed_id for each in [receipt("e"), *others]}) == 4


def test_texts_of_a_refusal_are_made_storable_and_large_payloads_are_cut():
    found = refused(receipt("a\x00b\ud800", payload="\ud800" * MOST_EVENT_BYTES))
    assert found.event_id == "a\ufffdb?"
    assert len(found.payload) == MOST_EVENT_BYTES


def test_a_refusal_stays_what_it_is_but_for_its_texts():
    assert refused(refusal("f")) == refusal("f")
    assert refused(refusal("f", detail="a\x00")) == refusal("f", detail="a\ufffd")
    assert refused(refusal("f", source="unheard of")).source == "collect"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param(("2019-01-01", "collect"), True, id="a day that has none"),
        pytest.param(("2026-03-05", "unheard of"), False, id="a value that breaks a check"),
    ],
)
def test_a_missing_partition_is_told_from_a_broken_check(database_urls, values, expected):
    async def insert(connection: psycopg.AsyncConnection) -> None:
        await connection.execute("SELECT web_events.create_partition('2026-03-05')")
        await connection.execute(
            "INSERT INTO web_events.event_log (site_id, event_id, event_type, visitor_id, event_at, received_at, source,"
            " payload, flags) VALUES ('s', 'e', 't', 'v', now(), %s, %s, '{}', '{}')",
            values,
        )

    with pytest.raises(CheckViolation) as error:
        asyncio.run(over(database_urls, insert))
    assert lacks_partition(error.value) == expected
