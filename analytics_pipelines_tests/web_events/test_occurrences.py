"""Occurrences are counted exactly, however many there are."""

import random
from collections import Counter

from analytics_pipelines.web_events.occurrences import FIRST_SLOTS, Occurrences


def test_occurrences_are_counted_as_a_dictionary_would() -> None:
    chosen = random.Random(17)
    digests = [format(chosen.getrandbits(128), "032x") for _ in range(5 * FIRST_SLOTS)]
    plain: Counter[str] = Counter()
    counted = Occurrences()
    for _ in range(12 * FIRST_SLOTS):
        digest = chosen.choice(digests)
        plain[digest] += 1
        assert counted.count(digest) == plain[digest]


def test_a_digest_of_zeros_is_counted_too() -> None:
    counted = Occurrences()
    assert [counted.count("0" * 32), counted.count("0" * 32), counted.count("0" * 15 + "1" * 17)] == [1, 2, 1]


def test_neighbours_in_the_table_are_kept_apart() -> None:
    counted = Occurrences()
    same_slot = [format(number * FIRST_SLOTS, "016x") for number in range(100)]
    assert [counted.count(digest) for digest in same_slot * 2] == [1] * 100 + [2] * 100


def test_a_slot_takes_twelve_bytes() -> None:
    counted = Occurrences()
    for number in range(1_000_000):
        counted.count(format(number * 0x9E3779B97F4A7C15 % 2**64, "016x"))
    slots = len(counted._keys)
    assert slots < 3_000_000
    assert counted._keys.itemsize + counted._counts.itemsize == 12
    assert len(counted._counts) == slots
