import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.storage_snapshots.ask.chosen import UnknownPath
from analytics_pipelines.storage_snapshots.ask.distribution import (
    ORDERED,
    Label,
    distribution,
    label_of,
    percent,
    total,
)
from analytics_pipelines_tests.storage_snapshots.ask.reckoned import grouped, sums, tables_of
from analytics_pipelines_tests.storage_snapshots.ask.shelves import asked, below, file_lists, once

DIMENSIONS = ["size_bin", "extension", "owner", "group", "modified_age", "accessed_age", "type"]


def told(spread):
    return {part.value: (part.files, part.size, part.size_du) for part in spread.values if part.files}


def expected(files, dimension, folder):
    """What each value holds; below a folder bins know apparent sizes only and ages space taken only."""
    found = {}
    for value, same in grouped(files, dimension).items():
        held = sums(same)
        size, allocated = held["size_bytes"], held["allocated_bytes"]
        size = None if folder and dimension.endswith("_age") else size
        found[value] = (len(same), size, None if folder and dimension == "size_bin" else allocated)
    return found


@settings(max_examples=15, deadline=None)
@given(file_lists(sizes=(0, 31, 32, 40, 2**20, None)), st.sampled_from(DIMENSIONS), st.booleans(), st.data())
def test_distributions_are_those_of_plain_counting(files, dimension, is_hot, data):
    folder = data.draw(st.none() | st.sampled_from(sorted({file["path"].rpartition("/")[0] for file in files})))
    kept = once(below(files, folder))
    with asked(tables_of(files), is_hot=is_hot) as these:
        whole, shares = distribution(these, dimension, folder, 99)
    assert told(whole) == expected(kept, dimension, folder)
    assert whole.files == len(kept)
    for spread in shares:
        of_share = [file for file in kept if file["share"] == spread.share]
        assert told(spread) == expected(of_share, dimension, folder)
    if dimension in ORDERED:
        assert [part.value for part in whole.values] == list(ORDERED[dimension])
    for part in whole.values:
        assert part.files_pct == (100 * part.files / whole.files if whole.files else None)
        assert part.size_pct == percent(part.size, whole.size)


def test_what_a_limit_leaves_out_is_counted():
    files = [
        {"share": "one", "path": "/one/a." + end, "size_bytes": 9, "allocated_bytes": taken, "link_count": 1}
        for end, taken in (("x", 512), ("y", 2048), ("z", 1024))
    ]
    files = [file | {"inode": None, "device": 1} for file in files]
    with asked(tables_of(files)) as these:
        whole, (share,) = distribution(these, "extension", None, 2)
        with pytest.raises(UnknownPath):
            distribution(these, "size_bin", "/nowhere", 2)
    assert [part.value for part in whole.values] == ["y", "z"]
    assert (whole.other_values, whole.files, whole.size_du, share.other_values) == (1, 3, 3584, 1)


@pytest.mark.parametrize(
    ("dimension", "value", "expected_label"),
    [
        ("size_bin", "0", Label("0 B to under 32 B", 0, 32)),
        ("size_bin", "1", Label("32 B to under 1 KiB", 32, 1024)),
        ("size_bin", "4", Label("1 MiB to under 32 MiB", 2**20, 2**25)),
        ("size_bin", "9", Label("32 TiB and more", 2**45)),
        ("modified_age", "under_30_days", Label("under 30 days", to_days=30)),
        ("accessed_age", "under_365_days", Label("180 to under 365 days", from_days=180, to_days=365)),
        ("accessed_age", "older", Label("730 days and more", from_days=730)),
        ("accessed_age", "unknown", Label("unknown")),
        ("type", "l", Label("symbolic link")),
        ("extension", "", Label("none")),
        ("owner", "", Label("unknown")),
        ("owner", "ada", Label("ada")),
    ],
)
def test_values_have_labels_for_people(dimension, value, expected_label):
    assert label_of(dimension, value) == expected_label


def test_a_sum_with_an_unknown_part_is_unknown():
    assert (total([]).files, total([]).size) == (0, 0)
    assert percent(1, 0) is None
    assert percent(None, 5) is None
