from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.storage_snapshots.ask.chosen import ShareSnapshot
from analytics_pipelines.storage_snapshots.ask.duplicates import Duplicates, are_overlapping, duplicate_groups
from analytics_pipelines_tests.storage_snapshots.ask.shelves import (
    DAY,
    TAKEN_AT,
    asked,
    file_lists,
    once,
    order_of,
    rows_of_files,
    snapshot_row,
)


def name_of(file):
    return file["path"].rpartition("/")[2]


def group_of(level, files, kept, hint):
    least = min(file["allocated_bytes"] for file in files)
    paths = tuple(file["path"] for file in sorted(files, key=order_of))
    return (level, files[0]["size_bytes"], hint, len(files), kept, (len(files) - kept) * least, paths)


def expected_groups(files, min_size):
    """Identical ones by hash, then by name those that no hash tells apart, looked at one after the other."""
    files = [file for file in once(files) if file["size_bytes"] is not None and file["size_bytes"] >= min_size]
    by_hash, by_name, stand_ins = defaultdict(list), defaultdict(list), set()
    for file in sorted(files, key=order_of):
        content = (file["size_bytes"], file["content_hash"])
        if file["content_hash"] is not None:
            by_hash[content].append(file)
            if (content, name_of(file)) in stand_ins:
                continue
            stand_ins.add((content, name_of(file)))
        by_name[file["size_bytes"], name_of(file)].append(file)
    identical = [group_of("identical", same, 1, key[1]) for key, same in by_hash.items() if len(same) > 1]
    potential = []
    for (_, name), same in by_name.items():
        differing = [{file[hash_] for file in same} - {None} for hash_ in ("prefix_hash", "content_hash")]
        kept = max(1, *map(len, differing))
        if len(same) > kept:
            potential.append(group_of("potential", same, kept, name))
    return sorted(identical + potential, key=lambda group: (-group[5], -group[1], group[0], group[2].encode()))


def seen(group):
    hint = group.hash or group.name
    paths = tuple(copy.path for copy in group.copies)
    return (group.level, group.size, hint, group.files, group.contents, group.reclaimable, paths)


@settings(max_examples=15, deadline=None)
@given(file_lists(sizes=(0, 10, 10, 5000, None)), st.sampled_from([0, 1, 11]), st.booleans())
def test_duplicates_are_those_of_a_plain_comparison(files, min_size, is_hot):
    expected = expected_groups(files, min_size)
    with asked(rows_of_files(files), is_hot=is_hot) as these:
        first = duplicate_groups(these, Duplicates(min_size), limit=1, most_copies=99)
        cursor, found = first.next_cursor, list(first.groups)
        while cursor:
            page = duplicate_groups(these, Duplicates(min_size), limit=2, most_copies=99, cursor=cursor)
            found, cursor = found + page.groups, page.next_cursor
        potential = duplicate_groups(these, Duplicates(min_size, "potential"), limit=99, most_copies=99)
    assert [seen(group) for group in found] == expected
    assert [seen(group) for group in potential.groups] == [group for group in expected if group[0] == "potential"]
    for totals in first.totals:
        of_level = [group for group in expected if group[0] == totals.level]
        assert totals.groups == len(of_level)
        assert totals.files == sum(group[3] for group in of_level)
        assert totals.reclaimable == sum(group[5] for group in of_level)


@given(file_lists(sizes=(10,)))
def test_no_byte_is_reclaimed_twice(files):
    """What could go is never more than what is there beyond one file of each content that is known to differ."""
    reclaimed = sum(group[3] - group[4] for group in expected_groups(files, 1))
    contents = {file["content_hash"] for file in files} - {None}
    assert reclaimed <= len(once(files)) - max(1, len(contents))


def a_file(share, path, **more):
    return {
        "share": share,
        "path": path,
        "size_bytes": 600,
        "allocated_bytes": 1024,
        "device": 1,
        "inode": None,
        "link_count": 1,
        "modified_at": TAKEN_AT,
        "changed_at": TAKEN_AT,
        "prefix_hash": None,
        "content_hash": None,
    } | more


def groups_among(files, **more):
    with asked(rows_of_files(files) | more) as these:
        found = duplicate_groups(these, Duplicates(), limit=9, most_copies=2)
    return [(group.level, group.files, group.reclaimable, len(group.copies)) for group in found.groups]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param(
            [a_file("one", "/one/" + folder + "/a", content_hash="c") for folder in "xyz"],
            [("identical", 3, 2048, 2)],
            id="three of one hash, two of them shown",
        ),
        pytest.param(
            [a_file("one", "/one/" + name, inode=7, link_count=2, content_hash="c") for name in "ab"],
            [],
            id="two names of one file",
        ),
        pytest.param(
            [a_file("one", "/one/x/a"), a_file("two", "/two/a")],
            [("potential", 2, 1024, 2)],
            id="nothing hashed: same size and name",
        ),
        pytest.param([a_file("one", "/one/a"), a_file("one", "/one/b")], [], id="nothing hashed: other names"),
        pytest.param(
            [a_file("one", "/one/" + folder + "/a", prefix_hash=folder) for folder in "xy"],
            [],
            id="beginnings differ",
        ),
        pytest.param(
            [
                a_file("one", "/one/x/a", content_hash="c"),
                a_file("one", "/one/y/b", content_hash="c"),
                a_file("two", "/two/b"),
            ],
            [("identical", 2, 1024, 2), ("potential", 2, 1024, 2)],
            id="a copy in a share that was not hashed",
        ),
        pytest.param([a_file("one", "/one/x/a", size_bytes=0), a_file("one", "/one/a", size_bytes=0)], [], id="empty"),
        pytest.param([a_file("one", "/one/x/a", type="l"), a_file("one", "/one/a", type="l")], [], id="links"),
    ],
)
def test_a_group_is_what_the_rule_says(files, expected):
    assert groups_among(files) == expected


def test_a_file_seen_by_two_overlapping_scans_is_no_duplicate_of_itself():
    twice = [a_file("all", "/all/x/a", inode=5), a_file("part", "/part/a", inode=5)]
    roots = {"core_fs__snapshots": [snapshot_row("all", "/srv"), snapshot_row("part", "/srv/x")]}
    assert groups_among(twice, **roots) == []
    copied = [twice[0], a_file("part", "/part/a", inode=6)]
    assert groups_among(copied, **roots) == [("potential", 2, 1024, 2)]


@pytest.mark.parametrize(
    ("roots", "expected"),
    [
        (["/srv", "/srv/x"], True),
        (["/srv/x", "/home", "/srv"], True),
        (["/", "/srv"], True),
        (["/srv", "/srv"], True),
        (["/srv", "/srv2"], False),
        (["/srv"], False),
    ],
)
def test_scans_overlap_where_a_root_lies_in_another(roots, expected):
    snapshots = [ShareSnapshot(str(number), DAY, root, TAKEN_AT, True) for number, root in enumerate(roots)]
    assert are_overlapping(snapshots) is expected
