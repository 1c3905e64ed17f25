from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.sql_service.allowance import Rights
from analytics_pipelines.sql_service.broker.result_cache import ENTRY_BYTES, MOST_PARTS, ResultCache, answer_key
from analytics_pipelines.sql_service.messages import Format
from analytics_pipelines_tests.counts import examples

MOST_BYTES = 10 * (ENTRY_BYTES + 1_000)


def key_of(sql: str = "SELECT 1", parameters=None, **other) -> str:
    chosen = {"rights": Rights.ANALYST, "generation": "g1", "fmt": Format.JSON, "limit": 10} | other
    return answer_key(chosen.pop("rights"), sql, parameters, **chosen)


def test_an_answer_is_found_again_byte_by_byte():
    cache = ResultCache(MOST_BYTES)
    assert cache.get("k") is None
    assert cache.put("k", b"\x00answer", "g1")
    assert cache.get("k") == b"\x00answer"
    assert cache.told() == {
        "entries": 1,
        "bytes": 7 + ENTRY_BYTES,
        "most_bytes": MOST_BYTES,
        "hits": 1,
        "misses": 1,
        "hit_rate": 50.0,
    }


def test_what_was_asked_for_longest_ago_makes_room():
    cache = ResultCache(MOST_BYTES)
    for number in range(10):
        cache.put(f"k{number}", b"x" * 1_000, "g1")
    cache.get("k0")
    cache.put("new", b"x" * 1_000, "g1")
    assert cache.get("k0") is not None
    assert cache.get("k1") is None


def test_a_large_answer_does_not_drive_out_all_others():
    cache = ResultCache(MOST_BYTES)
    most = MOST_BYTES // MOST_PARTS - ENTRY_BYTES
    assert cache.put("fits", b"x" * most, "g1")
    assert not cache.put("large", b"x" * (most + 1), "g1")
    assert cache.get("large") is None


def test_another_generation_is_forgotten_and_no_longer_taken():
    cache = ResultCache(MOST_BYTES)
    cache.put("old", b"1", "g1")
    cache.put("new", b"2", "g2")
    cache.forget_but("g2")
    assert not cache.put("late", b"3", "g1")
    assert [cache.get(key) for key in ("old", "new", "late")] == [None, b"2", None]
    assert cache.told()["bytes"] == 1 + ENTRY_BYTES


def test_no_bytes_keep_nothing():
    cache = ResultCache(0)
    assert not cache.put("k", b"", "g1")
    assert cache.told()["hit_rate"] == 0.0


@given(
    puts=st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 2_000), st.sampled_from(["g1", "g2"]))),
    last=st.sampled_from(["g1", "g2"]),
)
@settings(max_examples=examples(100), deadline=None)
def test_it_counts_what_it_holds_and_never_holds_more_than_it_may(puts, last):
    cache = ResultCache(MOST_BYTES)
    for key, size, generation in puts:
        cache.put(key, b"x" * size, generation)
        assert cache.told()["bytes"] <= MOST_BYTES
    cache.forget_but(last)
    held = [content for key in "abcdefgh" if (content := cache.get(key)) is not None]
    assert cache.told()["entries"] == len(held)
    assert cache.told()["bytes"] == sum(map(len, held)) + ENTRY_BYTES * len(held)


def test_keys_are_alike_for_what_has_the_same_answer():
    assert key_of("SELECT  1 -- one") == key_of("SELECT 1;")
    assert key_of(parameters={"a": 1, "b": 2}) == key_of(parameters={"b": 2, "a": 1})
    assert len(key_of()) == 64
    assert set(key_of()) <= set("0123456789abcdef")


DIFFERENT = {
    "as it is": key_of(),
    "rights": key_of(rights=Rights.ADMIN),
    "a number": key_of("SELECT 2"),
    "letters": key_of("select 1"),
    "a quoted space": key_of("SELECT ' 1'"),
    "two quoted spaces": key_of("SELECT '  1'"),
    "generation": key_of(generation="g2"),
    "format": key_of(fmt=Format.CSV),
    "limit": key_of(limit=11),
    "an integer": key_of(parameters=[1]),
    "a float": key_of(parameters=[1.0]),
    "a text": key_of(parameters=["1"]),
    "a truth": key_of(parameters=[True]),
    "nothing": key_of(parameters=[None]),
    "no number": key_of(parameters=[float("nan")]),
    "two": key_of(parameters=[1, 1]),
    "a list": key_of(parameters=[[1, 1]]),
    "by name": key_of(parameters={"a": 1}),
    "by another name": key_of(parameters={"b": 1}),
    "a pair": key_of(parameters=[["a", 1]]),
    "a struct": key_of(parameters=[{"a": 1, "b": 2}]),
    "a struct in another order": key_of(parameters=[{"b": 2, "a": 1}]),
    "strange text": key_of(parameters=["\ud800"]),
}


def test_keys_differ_for_what_may_have_another_answer():
    same = [(one, other) for one, other in combinations(DIFFERENT, 2) if DIFFERENT[one] == DIFFERENT[other]]
    assert same == []


def test_parameters_that_are_not_json_have_no_key():
    with pytest.raises(TypeError):
        key_of(parameters=[object()])
