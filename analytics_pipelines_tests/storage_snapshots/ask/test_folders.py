from collections import defaultdict
from datetime import datetime

import pytest

from analytics_pipelines.storage_snapshots.ask import folders as folders_module
from analytics_pipelines.storage_snapshots.ask.chosen import UnknownPath, chosen
from analytics_pipelines.storage_snapshots.ask.folders import (
    BANDS,
    LISTED,
    TIMES,
    WITHOUT_BANDS,
    Order,
    Page,
    Sort,
    folders_of,
    listing,
)
from analytics_pipelines.storage_snapshots.tables import AGE_BANDS, SIZE_BINS
from analytics_pipelines_tests.storage_snapshots.forests import DAYS, OLDER, folders_in, generation_of
from analytics_pipelines_tests.storage_snapshots.trees import DAY, summed


@pytest.fixture(scope="module")
def lease(tmp_path_factory):
    with generation_of(tmp_path_factory.mktemp("forest"), DAYS) as (generations, _), generations.acquire() as lease:
        yield lease


@pytest.fixture(params=[("latest", DAY), (OLDER.isoformat(), OLDER)], ids=["hot tables", "an older day's Parquet"])
def asked(lease, request):
    snapshot, day = request.param
    return chosen(lease, snapshot), DAYS[day]


def same_paths(shares):
    found = defaultdict(list)
    for share, root in sorted(shares.items()):
        for node in folders_in(root):
            found[node.path].append((share, node))
    return found


def test_each_folder_has_the_sums_that_counting_gives_in_every_share_that_has_it(asked):
    these, shares = asked
    assert these.is_hot == (DAY in {each.day for each in these.snapshots})
    for path, nodes in same_paths(shares).items():
        found = folders_of(these, path, WITHOUT_BANDS + BANDS)
        assert [row["share"] for row in found.rows] == [share for share, _ in nodes]
        assert [each.share for each in found.snapshots] == [share for share, _ in nodes]
        for row, (_, node) in zip(found.rows, nodes, strict=True):
            assert {key: row[key] for key in row if key in summed(node)}.items() <= summed(node).items()
            assert sum(row[f"size_bin_{number}_file_count"] for number in SIZE_BINS) == row["file_count"]
            assert sum(row[f"modified_{band}_file_count"] for band, _ in AGE_BANDS) == row["file_count"]


def test_the_sums_of_several_shares_are_added_and_their_times_are_the_outermost(asked):
    these, shares = asked
    nodes = [node for share, node in same_paths(shares)["/"]]
    total, each = folders_of(these, "/").total, [summed(node) for node in nodes]
    assert total["allocated_bytes"] == sum(one["allocated_bytes"] for one in each)
    assert total["own_file_count"] == sum(one["own_file_count"] for one in each)
    assert total["earliest_modified_at"] == min(one["earliest_modified_at"] for one in each)
    assert total["latest_modified_at"] == max(one["latest_modified_at"] for one in each)
    assert set(total) == set(WITHOUT_BANDS) > set(TIMES)


def test_without_a_path_the_roots_of_the_shares_are_meant(asked):
    these, shares = asked
    found = folders_of(these, None)
    assert [(row["share"], row["path"]) for row in found.rows] == [(s, root.path) for s, root in sorted(shares.items())]
    rows = listing(these, found, Page(limit=10, sort=Sort.NAME, order=Order.ASCENDING))
    assert sorted((row[0], row[1]) for row in rows) == [(s, root.path) for s, root in sorted(shares.items())]
    assert sum(row[LISTED.index("parent_pct")] for row in rows) == pytest.approx(100, abs=0.05)


def expected_listing(nodes):
    """Share, path, apparent size, space, files and folders below, share of the folder in percent."""
    rows = []
    for share, folder in nodes:
        whole = summed(folder)["allocated_bytes"]
        for child in folder.children:
            sums = summed(child) if child.kind == "d" else None
            space = sums["allocated_bytes"] if sums else child.blocks * 512
            size = sums["size_bytes"] if sums else child.size
            below = (sums["file_count"], sums["dir_count"]) if sums else (None, None)
            rows.append((share, child.path, size, space, *below, round(100 * space / whole, 2) if whole else None))
    return rows


def test_a_listing_has_what_lies_in_the_folder_with_its_sums_largest_first(asked):
    these, shares = asked
    told = [LISTED.index(each) for each in ("share", "path", "size_bytes", "allocated_bytes", "file_count", "dir_count", "parent_pct")]  # fmt: skip
    for path, nodes in same_paths(shares).items():
        rows = listing(these, folders_of(these, path), Page(limit=1000))
        found = [tuple(row[place] for place in told) for row in rows]
        expected = expected_listing(nodes)
        assert [each[:6] for each in sorted(found)] == [each[:6] for each in sorted(expected)]
        assert [each[6] for each in sorted(found)] == pytest.approx([each[6] for each in sorted(expected)], abs=0.011)
        assert [each[3] for each in found] == sorted((each[3] for each in found), reverse=True)


@pytest.mark.parametrize("most", [0, 2_000], ids=["sorted by DuckDB", "sorted here"])
@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("sort", Sort)
def test_pages_of_any_order_make_up_the_whole_listing_once(lease, monkeypatch, sort, order, most):
    these = chosen(lease)
    there = listing(these, folders_of(these, "/"), Page(limit=1000, sort=sort, order=order))
    monkeypatch.setattr(folders_module, "SORTED_HERE", most)
    found = folders_of(these, "/")
    whole = listing(these, found, Page(limit=1000, sort=sort, order=order))
    pages = [listing(these, found, Page(limit=3, sort=sort, order=order, offset=offset)) for offset in range(0, 60, 3)]
    assert [row for page in pages for row in page] == whole
    assert [naive(row) for row in whole] == [naive(row) for row in there]
    assert len({row[:2] for row in whole}) == len(whole) == len(expected_listing(same_paths(DAYS[DAY])["/"]))


@pytest.mark.parametrize("path", ["/nowhere", "/srv/deep/nothing", "/TREE", "/tree/", "tree", ""])
def test_a_path_that_no_folder_has_is_told_with_where_shares_begin(lease, path):
    with pytest.raises(UnknownPath, match="begin at /, /srv/deep"):
        folders_of(chosen(lease), path)


def test_a_file_is_no_folder(lease):
    file = next(node for node in DAYS[DAY]["a"].names() if node.kind == "f")
    with pytest.raises(UnknownPath):
        folders_of(chosen(lease, share="a"), file.path)


def test_a_forest_of_one_share_is_listed_by_position_alone(tmp_path):
    root = DAYS[DAY]["deep"]
    with generation_of(tmp_path, {DAY: {"deep": root}}) as (generations, _), generations.acquire() as lease:
        these = chosen(lease)
        for node in folders_in(root):
            rows = listing(these, folders_of(these, node.path), Page(limit=1000))
            assert sorted(row[:6] for row in rows) == sorted(row[:6] for row in expected_six([("deep", node)]))


def naive(row):
    return tuple(each.replace(tzinfo=None) if isinstance(each, datetime) else each for each in row)


def expected_six(nodes):
    kinds = {(share, child.path): child for share, node in nodes for child in node.children}
    return [
        (share, path, path.rpartition("/")[2], kinds[share, path].kind, size, space)
        for share, path, size, space, *_ in expected_listing(nodes)
    ]
