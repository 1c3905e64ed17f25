import asyncio
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics_pipelines.web_events.event import Reason
from analytics_pipelines.web_events.intake.poison import refused
from analytics_pipelines.web_events.intake.receipts import Outcome, Receipt
from analytics_pipelines.web_events.intake.store import EventStore
from analytics_pipelines_tests.counts import examples
from analytics_pipelines_tests.web_events.intake.items import AT, counted, held, must_balance, over, receipt, refusal
from analytics_pipelines_tests.web_events.stored import failed_events, stored_events

NUL_IN_PAYLOAD, NUL_IN_TITLE, SURROGATE = '{"a": "\\u0000"}', "\x00", "\ud800"
DAYS = (AT, AT + timedelta(days=1))


def store_all(urls, *batches, store=None, writer="w"):
    """Outcomes of the batches, stored one after the other."""
    chosen = store or EventStore()

    async def work(connection):
        return [await chosen.store(connection, batch, writer) for batch in batches]

    return asyncio.run(over(urls, work))


def words(taken) -> list[str]:
    return [each.outcome.value for each in taken]


def test_every_field_of_an_event_comes_back_as_it_was(database_urls, database):
    full = receipt(
        "é😀\t\\N\n\x02",
        visitor_id_before="before",
        session_id="session",
        event_at=AT - timedelta(microseconds=1),
        sent_at=datetime(1, 1, 1, tzinfo=UTC),
        referrer='"',
        title="",
        source="pixel",
        payload='{"a": [1e400, "\\"\\\\", null], "b": {"c": 0.10}}',
        flags=("clock_skewed", "a,b"),
    )
    assert words(store_all(database_urls, [full])[0]) == ["stored"]
    (row,) = stored_events(database)
    number, payload = row.pop("log_number"), row.pop("payload")
    assert number > 0
    assert payload["b"] == {"c": 0.1}
    assert row == {
        name: list(full.flags) if name == "flags" else getattr(full, name)
        for name in Receipt.__dataclass_fields__
        if name != "payload"
    }


def test_every_field_of_a_refusal_comes_back_as_it_was(database_urls, database):
    full = refusal(
        "f", event_id="e", visitor_id="v", visitor_id_before="b", client_address="a", user_agent="u", source="segment"
    )
    assert words(store_all(database_urls, [full])[0]) == ["rejected"]
    (row,) = failed_events(database)
    names = [name for name in row if hasattr(full, name)]
    assert len(names) == 12
    assert {name: row[name] for name in names} == {name: getattr(full, name) for name in names}


def test_the_next_day_has_its_partition_before_it_begins(database_urls, database):
    store_all(database_urls, [receipt("a")])
    with database.reading() as connection:
        for day in ("20260305", "20260306"):
            assert connection.scalar(sa.select(sa.func.to_regclass("web_events.event_log_" + day)))


def test_a_partition_that_was_dropped_is_made_again(database_urls, database, owner_database):
    store = EventStore()
    store_all(database_urls, [receipt("a")], store=store)
    with owner_database.writing() as connection:
        connection.execute(sa.text("DROP TABLE web_events.event_log_20260305"))
    assert words(store_all(database_urls, [receipt("b")], store=store)[0]) == ["stored"]
    assert [row["event_id"] for row in stored_events(database)] == ["b"]


@pytest.mark.parametrize(
    "poison",
    [
        pytest.param({"payload": NUL_IN_PAYLOAD}, id="NUL in the payload"),
        pytest.param({"payload": "{"}, id="a payload that is no JSON"),
        pytest.param({"payload": '{"a": ' + "9" * 140_000 + "}"}, id="a number of 140,000 digits"),
        pytest.param({"payload": "[" * 20_000 + "]" * 20_000}, id="20,000 levels"),
        pytest.param({"title": NUL_IN_TITLE}, id="NUL in a text"),
        pytest.param({"title": SURROGATE}, id="a lone surrogate"),
        pytest.param({"source": "unheard of"}, id="a source that is none"),
        pytest.param({"event_type": None}, id="nothing where something must be"),
    ],
)
def test_one_poison_event_is_kept_apart_and_the_others_are_stored(database_urls, database, poison):
    batch = [receipt("a"), receipt("bad", **poison), receipt("c"), receipt("d")]
    (taken,) = store_all(database_urls, batch)
    assert words(taken) == ["stored", "rejected", "stored", "stored"]
    assert (taken[1].reason, bool(taken[1].detail)) == (Reason.TEXT_NOT_STORABLE, True)
    (kept,) = failed_events(database)
    assert (kept["event_id"], kept["reason"]) == ("bad", "text_not_storable")
    must_balance(database)


def test_a_poison_refusal_is_kept_with_its_texts_cleaned(database_urls, database):
    (taken,) = store_all(database_urls, [receipt("a"), refusal("f", site_id="s\x00", detail="\ud800")])
    assert words(taken) == ["stored", "rejected"]
    assert [row["site_id"] for row in failed_events(database)] == ["s\ufffd"]
    must_balance(database)


def test_writers_that_commit_the_same_keys_at_once_never_deadlock(database_urls, database):
    ids = [str(number) for number in range(60)]

    async def write(writer: str, order: list[str]) -> list[str]:
        store = EventStore()

        async def work(connection):
            return [
                taken.outcome
                for begin in range(0, 60, 20)
                for taken in await store.store(
                    connection, [receipt(each) for each in order[begin : begin + 20]], writer
                )
            ]

        return await over(database_urls, work)

    async def all_of_them():
        return await asyncio.gather(write("1", ids), write("2", ids[::-1]), write("3", ids[30:] + ids[:30]))

    found = Counter(outcome for outcomes in asyncio.run(all_of_them()) for outcome in outcomes)
    assert found == {Outcome.STORED: 60, Outcome.DUPLICATE: 120}
    must_balance(database)


def test_a_fault_that_is_not_the_events_own_is_raised_and_stores_nothing(database_urls, database, owner_database):
    with owner_database.writing() as connection:
        connection.execute(sa.text("ALTER TABLE web_events.event_log RENAME COLUMN flags TO f"))
    with pytest.raises(psycopg.errors.UndefinedColumn):
        store_all(database_urls, [receipt("a")])
    assert held(database)[1] == set()


@st.composite
def batches(draw):
    """Batches over few keys, on two days, with repeats, refusals and poison."""
    moments = st.sampled_from(DAYS)
    events = st.builds(
        receipt,
        st.sampled_from("abcd"),
        site_id=st.sampled_from("st"),
        received_at=moments,
        source=st.sampled_from(["collect", "pixel"]),
        payload=st.sampled_from(["{}", "{}", NUL_IN_PAYLOAD]),
        title=st.sampled_from([None, None, None, NUL_IN_TITLE, SURROGATE]),
    )
    refusals = st.builds(refusal, st.sampled_from("fg"), site_id=st.sampled_from(["s", None]), received_at=moments)
    return draw(st.lists(st.lists(events | refusals, max_size=9), max_size=4))


class Reference:
    """One item at a time, in plain Python."""

    def __init__(self) -> None:
        self.keys: set[tuple[str, str]] = set()
        self.failed: set[str] = set()
        self.counts: Counter[tuple[date, str, str, str]] = Counter()

    def take(self, item) -> str:
        if not isinstance(item, Receipt):
            self.keep(item)
            return "rejected"
        key = item.site_id, item.event_id
        is_poison = item.title is not None or (item.payload == NUL_IN_PAYLOAD and key not in self.keys)
        if is_poison:
            self.keep(refused(item))
            return "rejected"
        outcome = "duplicate" if key in self.keys else "stored"
        self.keys.add(key)
        self.count(item, outcome)
        return outcome

    def keep(self, refusal) -> None:
        self.count(refusal, "duplicate" if refusal.failed_id in self.failed else "rejected")
        self.failed.add(refusal.failed_id)

    def count(self, item, outcome: str) -> None:
        self.counts[item.received_at.date(), item.site_id or "", item.source, outcome] += 1

    def counters(self):
        keys = {key[:3] for key in self.counts}
        each = {key: [self.counts[*key, word] for word in ("stored", "duplicate", "rejected")] for key in keys}
        return {key: (sum(found), *found) for key, found in each.items()}


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=batches(), writers=st.integers(1, 2))
def test_any_batching_gives_what_storing_one_by_one_gives(database_urls, database, owner_database, sent, writers):
    with owner_database.writing() as connection:
        tables = "web_events.event_log, web_events.event_key, web_events.failed_event, web_events.intake_count"
        connection.execute(sa.text("TRUNCATE " + tables))
    reference = Reference()
    expected = [[reference.take(item) for item in batch] for batch in sent]
    found = [store_all(database_urls, batch, writer=str(n % writers))[0] for n, batch in enumerate(sent)]
    assert [words(taken) for taken in found] == expected
    log, keys, failed = held(database)
    assert (set(log), keys, set(failed)) == (reference.keys, reference.keys, reference.failed)
    assert counted(database) == reference.counters()
    must_balance(database)
