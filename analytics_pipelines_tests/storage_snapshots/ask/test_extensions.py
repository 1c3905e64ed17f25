from collections import Counter

import pytest

from analytics_pipelines.storage_snapshots.ask.chosen import UnknownPath, chosen
from analytics_pipelines.storage_snapshots.ask.extensions import By, OfExtension, extensions, is_at_hand
from analytics_pipelines.storage_snapshots.ask.folders import Order
from analytics_pipelines_tests.storage_snapshots.forests import DAYS, OLDER, folders_in, generation_of
from analytics_pipelines_tests.storage_snapshots.paper_lake import extension
from analytics_pipelines_tests.storage_snapshots.trees import DAY, counted_once


@pytest.fixture(scope="module")
def lease(tmp_path_factory):
    with generation_of(tmp_path_factory.mktemp("forest"), DAYS) as (generations, _), generations.acquire() as lease:
        yield lease


def expected(nodes):
    """Each extension's files, sizes and space, all below and directly in the folders."""
    sums = {"": Counter(), "own": Counter()}
    for node in nodes:
        inside = [child for child in node.children if child.kind != "d"]
        for key, files in (("", counted_once(node.names())), ("own", counted_once(inside))):
            for file in files:
                for measure, value in enumerate((1, file.size, file.blocks * 512)):
                    sums[key][extension(file) or "", measure] += value
    names = {name for name, _ in sums[""]}
    return {
        name: OfExtension(name, *(sums[key][name, each] for key in ("", "own") for each in range(3))) for name in names
    }


@pytest.mark.parametrize(("snapshot", "day"), [("latest", DAY), (OLDER.isoformat(), OLDER)])
def test_each_folder_has_the_extensions_that_counting_gives(lease, snapshot, day):
    for share, root in DAYS[day].items():
        these = chosen(lease, snapshot, share)
        for node in folders_in(root):
            found = extensions(these, node.path, 100)
            assert {each.extension: each for each in found.told} == expected([node])
            assert (found.rest, found.rest_count) == (None, 0)


def test_shares_with_the_same_path_are_added(lease):
    found = extensions(chosen(lease), "/", 100)
    assert {each.extension: each for each in found.told} == expected([DAYS[DAY]["a"], DAYS[DAY]["b"]])
    everything = extensions(chosen(lease), None, 100)
    assert {each.extension: each for each in everything.told} == expected(DAYS[DAY].values())


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize(("by", "column"), [(By.ALLOCATED, "allocated_bytes"), (By.SIZE, "size_bytes"), (By.FILES, "file_count"), (By.EXTENSION, "extension")])  # fmt: skip
def test_what_the_limit_cuts_off_is_summed_up(lease, by, column, order):
    whole = extensions(chosen(lease), "/", 100, by, order).told
    keys = [getattr(each, column) for each in whole]
    assert keys == sorted(keys, reverse=order == Order.DESCENDING)
    cut = extensions(chosen(lease), "/", 2, by, order)
    assert cut.told == whole[:2]
    assert cut.rest_count == len(whole) - 2
    assert cut.rest.size_bytes == sum(each.size_bytes for each in whole[2:])
    assert cut.rest.own_file_count == sum(each.own_file_count for each in whole[2:])


def test_a_path_that_no_folder_has_is_told(lease):
    with pytest.raises(UnknownPath):
        extensions(chosen(lease), "/nowhere", 10)


def test_in_a_generation_of_one_share_the_position_is_enough(tmp_path):
    root = DAYS[DAY]["deep"]
    with generation_of(tmp_path, {DAY: {"deep": root}}) as (generations, _), generations.acquire() as lease:
        for node in folders_in(root)[:20]:
            found = extensions(chosen(lease), node.path, 100)
            assert {each.extension: each for each in found.told} == expected([node])


def test_they_are_at_hand_once_they_were_asked_for(tmp_path):
    with generation_of(tmp_path, DAYS) as (generations, _), generations.acquire() as lease:
        assert not is_at_hand(lease)
        extensions(chosen(lease), None, 100)
        assert is_at_hand(lease)
