from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_pipelines.storage_snapshots.ask import kept_names
from analytics_pipelines.storage_snapshots.ask.kept_names import KeptNames
from analytics_pipelines.storage_snapshots.ask.name_index import NameIndex, candidates, grams
from analytics_pipelines_tests.storage_snapshots.ask.woods import published

TEXTS = ("report", "re", "e", ".", "port-1", "kelvin", "é", "tx", "txt")


@pytest.fixture(scope="module")
def lease(tmp_path_factory):
    with published(tmp_path_factory.mktemp("wood"), 300) as lease:
        yield lease


@pytest.fixture(scope="module")
def kept(lease):
    return KeptNames.of(lease)


@pytest.fixture(scope="module")
def told(lease):
    with lease.cursor() as cursor:
        return cursor.execute("SELECT position, folded_name FROM hot_fs__names ORDER BY position").fetchall()


def every_block(lease):
    return range(NameIndex.of(lease).block_count)


@given(texts=st.lists(st.sampled_from(TEXTS), min_size=1, max_size=3), data=st.data())
def test_every_name_that_holds_the_texts_is_found_in_order(lease, kept, told, texts, data):
    least = data.draw(st.integers(0, len(told)))
    finding = kept.finding(texts, every_block(lease), least=least, most_tried=10**9)
    assert list(finding) == [
        position for position, name in told if position >= least and all(each in name for each in texts)
    ]
    assert finding.stopped_at is None


@given(name=st.data())
def test_a_text_over_the_end_of_a_name_is_not_found(lease, kept, told, name):
    at = name.draw(st.integers(0, len(told) - 2))
    text = told[at][1][-3:] + told[at + 1][1][:3]
    found = kept.finding([text], every_block(lease), least=0, most_tried=10**9) if text else ()
    assert list(found) == [position for position, folded in told if text and text in folded]


@given(most_tried=st.integers(0, 40))
def test_where_it_gives_up_all_before_are_found(lease, kept, told, most_tried):
    finding = kept.finding(["e"], every_block(lease), least=0, most_tried=most_tried)
    found = list(finding)
    end = len(told) if finding.stopped_at is None else finding.stopped_at
    assert found == [position for position, name in told if "e" in name and position < end]


def test_a_sieve_lets_only_those_pass_that_match_it(lease, kept, told):
    finding = kept.finding(["report"], every_block(lease), least=0, most_tried=10**9, sieve="REPORT[^a-z]*1")
    passing = set(finding)
    assert passing < {position for position, name in told if "report" in name}
    assert passing >= {position for position, name in told if "report1" in name or "report-1" in name}


@given(st.lists(st.sampled_from(TEXTS), max_size=3))
def test_pieces_lead_to_the_blocks_that_the_table_names(lease, kept, texts):
    count = NameIndex.of(lease).block_count
    with lease.cursor() as cursor:
        told = set(candidates(cursor, grams(texts), count))
    assert set(kept.grams.candidates(grams(texts), count)) == told
    assert kept.grams.candidates([1], count) == []


def test_blocks_that_follow_each_other_are_looked_through_at_once_but_not_too_many():
    spans = list(kept_names._spans([1, 2, 3, 7, *range(10, 10 + 2 * kept_names.BLOCKS_AT_ONCE)]))
    assert [(first // 2048, end // 2048) for first, end in spans] == [(1, 4), (7, 8), (10, 42), (42, 74)]


def test_names_are_read_once_and_nobody_waits_for_them(lease):
    making = kept_names._Making()
    making.lock.acquire()
    found = []
    thread = Thread(target=lambda: found.append(making.names(lease)))
    thread.start()
    thread.join(10)
    assert found == [None]
    making.lock.release()
    assert making.names(lease) is making.names(lease) is not None


def test_too_many_names_are_not_kept(lease, monkeypatch):
    monkeypatch.setattr(kept_names, "MOST_NAMES", 10)
    assert kept_names._Making().names(lease) is None
