import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.storage_snapshots.ask.chosen import UnknownPath
from analytics_pipelines.storage_snapshots.ask.costs import NoPrice, cost_of, price_or_refusal, tops_of, usage_by
from analytics_pipelines_tests.storage_snapshots.ask.reckoned import FOLDER_BYTES, grouped, sums, tables_of
from analytics_pipelines_tests.storage_snapshots.ask.shelves import above_of, asked, below, file_lists, once


def held(found):
    return {(each.share, each.name): (each.files, each.size_du) for each in found}


@settings(max_examples=15, deadline=None)
@given(file_lists(), st.booleans(), st.booleans())
def test_owners_share_all_that_is_there(files, is_hot, is_below):
    folder = "/" + files[0]["share"] if is_below else None
    kept = once(below(files, folder))
    with asked(tables_of(files), is_hot=is_hot) as these:
        bill = usage_by(these, "owner", path=folder, price=2.5, limit=99)
        short = usage_by(these, "owner", path=folder, price=None, limit=1)
    expected = {
        (None, owner): (len(same), sums(same)["allocated_bytes"]) for owner, same in grouped(kept, "owner").items()
    }
    assert held(bill.usages) == expected
    assert (bill.files, bill.size_du) == (len(kept), sums(kept)["allocated_bytes"])
    assert [-each.size_du for each in bill.usages] == sorted(-each.size_du for each in bill.usages)
    assert all(each.cost == round(each.size_du * 2.5 / 10**9, 4) for each in bill.usages)
    assert (len(short.usages), short.other_usages) == (1, len(expected) - 1)
    assert (short.usages[0].name, short.usages[0].cost) == (bill.usages[0].name, None)


@settings(max_examples=15, deadline=None)
@given(file_lists(), st.booleans())
def test_folders_in_the_root_and_shares_cost_what_is_below_them(files, is_hot):
    with asked(tables_of(files), is_hot=is_hot) as these:
        folders = usage_by(these, "folder", path=None, price=1, limit=99)
        shares = usage_by(these, "share", path=None, price=1, limit=99)
    paths = {above_of(file["path"])[1] for file in files if len(above_of(file["path"])) > 1}
    for each in folders.usages:
        inside = once(below(files, each.name))
        deeper = {
            above for file in below(files, each.name) for above in above_of(file["path"]) if above.startswith(each.name)
        }
        assert each.files == len(inside)
        assert each.size_du == sums(inside)["allocated_bytes"] + FOLDER_BYTES * len(
            {*deeper, each.name} - _beside(deeper, each.name)
        )
    assert {each.name for each in folders.usages} == paths
    assert {each.name: each.files for each in shares.usages} == {
        share: len(once([file for file in files if file["share"] == share]))
        for share in {file["share"] for file in files}
    }
    assert folders.size_du == shares.size_du == sum(each.size_du for each in shares.usages)


def _beside(folders, top):
    return {each for each in folders if each != top and not each.startswith(top + "/")}


def test_a_price_is_asked_for_or_set_and_nothing_else():
    assert price_or_refusal(0, 5.0) == 0
    assert price_or_refusal(None, 5.0) == 5
    with pytest.raises(NoPrice, match="STORAGE_COST_PER_GB"):
        price_or_refusal(None, None)
    assert cost_of(1_500_000_000, 0.02) == 0.03
    assert cost_of(1, None) is None


def test_a_folder_that_is_not_there_has_no_bill():
    files = [{"share": "one", "path": "/one/x/a", "size_bytes": 1, "allocated_bytes": 512, "link_count": 1}]
    with asked(tables_of([files[0] | {"inode": None, "device": 1}])) as these:
        assert [(top.share, top.path) for top in tops_of(these, "one/x/")] == [("one", "/one/x")]
        for by in ("owner", "group", "folder", "share"):
            with pytest.raises(UnknownPath):
                usage_by(these, by, path="/none", price=1, limit=9)
