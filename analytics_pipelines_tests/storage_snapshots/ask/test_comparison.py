import random
from datetime import timedelta

import pytest

from analytics_pipelines.storage_snapshots.ask.between import between
from analytics_pipelines.storage_snapshots.ask.comparison import (
    Asked,
    ChangeKind,
    ComparedLevel,
    ComparedOrder,
    compare,
)
from analytics_pipelines_tests.storage_snapshots.histories import arrive, asked, file, folder, published, random_tree
from analytics_pipelines_tests.storage_snapshots.trees import DAY

DAYS = [DAY + timedelta(days=number) for number in range(5)]
PLAIN = Asked(shows_new_dirs=False)


def kinds_before():
    before = folder("/r", file("/r/a", 1, inode=1), file("/r/b", 9, inode=2), file("/r/c", 5, inode=3))
    before.children += [file("/r/d", inode=4, second=1), file("/r/e", inode=5)]
    return before


def kinds_after():
    after = folder("/r", file("/r/a", 9, inode=1), file("/r/b", 1, inode=2), file("/r/f", 7, inode=6))
    after.children += [file("/r/d", inode=4, second=2), file("/r/e2", inode=5)]
    return after


def named(name):
    inside = [file(f"/r/{name}/{number}", number, inode=number) for number in range(1, 5)]
    return folder("/r", folder(f"/r/{name}", *inside, inode=50, second=3))


def new_folder():
    deep = folder("/r/n/deep", file("/r/n/deep/x", 5, inode=1))
    return folder("/r", folder("/r/n", deep, file("/r/n/y", 6, inode=2)))


def moved_out(where):
    inner = {"in": folder("/r/in"), "out": folder("/r/out")}
    inner[where].children.append(file(f"/r/{where}/x", inode=7))
    return folder("/r", *inner.values())


def two_folders(size):
    return folder("/r", folder("/r/a", file("/r/a/x", size)), folder("/r/b", file("/r/b/y", inode=3)))


def of_sizes():
    files = file("/r/big", 100, inode=1), file("/r/small", 2, inode=2)
    return folder("/r", *files, folder("/r/f", file("/r/f/z", 50, inode=3)))


def linked(*names):
    return folder("/r", *[file("/r/" + name, 40, inode=1, links=2) for name in names])


CASES = {
    "kinds": [kinds_before(), kinds_after()],
    "new": [folder("/r"), new_folder()],
    "renamed": [named("old"), named("new")],
    "out": [moved_out("in"), moved_out("out")],
    "two": [two_folders(5), two_folders(8)],
    "sizes": [folder("/r"), of_sizes()],
    "many": [folder("/r"), folder("/r", *[file(f"/r/{number}", number % 3, inode=number) for number in range(1, 12)])],
    "linked": [linked("a"), linked("a", "b")],
    "unreadable": [named("old"), folder("/r", folder("/r/old", inode=50, second=3, error="EACCES"))],
    "missing": [folder("/r", file("/r/x"))],
}


@pytest.fixture(scope="module")
def lease(tmp_path_factory):
    days = {day: {} for day in DAYS[:2]}
    for share, trees in CASES.items():
        for day, tree in zip(DAYS, trees, strict=False):
            days[day][share] = tree
    with asked(tmp_path_factory.mktemp("compared"), days) as found:
        yield found


def compared(lease, share, **told):
    return compare(between(lease, str(DAYS[0]), str(DAYS[1]), share), Asked(**told))


def kinds(found):
    return {row["path"]: row["kind"] for row in found.rows}


def test_each_kind_of_difference_is_told_by_its_name(lease):
    found = compared(lease, "kinds")
    assert kinds(found) == {
        "/r/a": "grown",
        "/r/b": "shrunk",
        "/r/c": "removed",
        "/r/d": "changed",
        "/r/e2": "moved",
        "/r/f": "added",
    }
    assert next(row["moved_from"] for row in found.rows if row["kind"] == "moved") == "/r/e"
    assert [row["path"] for row in found.rows] == ["/r/e2", "/r/a", "/r/b", "/r/f", "/r/c", "/r/d"]


def test_a_new_folder_is_one_row_with_its_total_unless_asked_otherwise(lease):
    rows = compared(lease, "new").rows
    assert [(row["path"], row["size"], row["files"], row["dirs"]) for row in rows] == [("/r/n", 11, 2, 1)]
    assert kinds(compared(lease, "new", shows_new_dirs=False)) == {"/r/n/deep/x": "added", "/r/n/y": "added"}


def test_a_moved_folder_is_one_row_and_its_contents_moved_along(lease):
    found = compared(lease, "renamed")
    (row,) = found.rows
    assert (row["path"], row["kind"], row["moved_from"], row["files"]) == ("/r/new", "moved", "/r/old", 4)
    moved = next(each for each in found.summary if each["kind"] == "moved")
    assert (moved["files"], moved["dirs"]) == (4, 1)


def test_inside_a_folder_what_moved_out_of_it_is_removed(lease):
    found = compared(lease, "out", path="/r/in")
    assert kinds(found) == {"/r/in/x": "removed"}
    assert found.totals["change"] == {"files": -1, "dirs": 0, "size": -10, "size_du": -4096}
    assert found.totals["unexplained"] == {"size": 0, "size_du": 0}


def test_folders_are_compared_with_all_below_them(lease):
    found = compared(lease, "two", level=ComparedLevel.DIRECTORIES, depth=1)
    assert {(row["path"], row["kind"], row["size_before"], row["size"]) for row in found.rows} == {
        ("/r", "grown", 15, 18),
        ("/r/a", "grown", 5, 8),
    }


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"min_size": 50}, {"/r/big", "/r/f/z"}),
        ({"depth": 1}, {"/r/big", "/r/small"}),
        ({"kinds": (ChangeKind.REMOVED,)}, set()),
        ({"kinds": (ChangeKind.REMOVED, ChangeKind.ADDED), "path": "/r/f", "depth": 1}, {"/r/f/z"}),
    ],
)
def test_kinds_least_sizes_and_depths_choose_the_rows(lease, told, expected):
    assert kinds(compared(lease, "sizes", shows_new_dirs=False, **told)) == dict.fromkeys(expected, "added")


@pytest.mark.parametrize("order", list(ComparedOrder))
def test_pages_hold_each_row_once_in_one_order(lease, order):
    whole = [row["path"] for row in compared(lease, "many", order=order).rows]
    paths, cursor, is_first = [], None, True
    while cursor or is_first:
        page = compared(lease, "many", order=order, limit=4, cursor=cursor)
        paths, cursor, is_first = paths + [row["path"] for row in page.rows], page.next_cursor, False
    assert paths == whole
    assert len(set(paths)) == 11


def test_what_names_do_not_explain_of_the_sums_is_told(lease):
    assert compared(lease, "linked").totals["unexplained"] == {"size": -40, "size_du": -4096}
    hidden = compared(lease, "unreadable")
    assert kinds(hidden) == {}
    assert (
        hidden.totals["unexplained"]
        == {"size": -10, "size_du": -4 * 4096}
        == {key: hidden.totals["change"][key] for key in ("size", "size_du")}
    )


def test_a_share_without_a_snapshot_of_a_day_is_told_and_not_called_gone(lease):
    these = between(lease, str(DAYS[0]), str(DAYS[1]))
    assert [(each.share, each.dates) for each in these.missing] == [("missing", [DAYS[1]])]
    assert {row["share"] for row in compare(these, PLAIN).rows} == CASES.keys() - {"missing", "unreadable"}


def by_hand(before, after):
    """What differs between two trees by plain comparison: paths that came, went, stayed and changed."""
    old, new = ({node.path: node for node in tree.names()} for tree in (before, after))
    key = lambda node: (node.kind, node.size, node.blocks, node.second, node.inode)  # noqa: E731 - read in one place
    changed = {path for path in old.keys() & new.keys() if key(old[path]) != key(new[path])}
    return new.keys() - old.keys(), old.keys() - new.keys(), changed


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 6))])
def test_any_two_days_differ_as_by_hand_and_as_their_roots_sums(settings, lake, seed):
    dice = random.Random(seed)
    trees = [random_tree(dice, unreadable=False, links=False) for _ in DAYS]
    for day, tree in zip(DAYS, trees, strict=True):
        arrive(lake, day, {"s": tree})
    with published(settings, lake) as lease:
        for first, last in [(0, 1), (0, 2), (1, 4), (0, 4)]:
            these = between(lease, DAYS[first].isoformat(), DAYS[last].isoformat())
            found = compare(these, PLAIN)
            came, went, changed = by_hand(trees[first], trees[last])
            folders = {node.path for tree in trees for node in tree.names() if node.kind == "d"}
            rows = {kind: {row["path"] for row in found.rows if row["kind"] == kind} for kind in ChangeKind}
            origins = {row["moved_from"] for row in found.rows if row["kind"] == "moved"}
            assert (rows["added"] | rows["moved"]) - folders == came - folders
            assert (rows["removed"] | origins) - folders == went - folders
            assert (rows["grown"] | rows["shrunk"] | rows["changed"]) - folders == changed - folders
            assert found.totals["unexplained"] == {"size": 0, "size_du": 0}
            assert found.totals["change"]["size"] == sum(n.size for n in trees[last].names()) - sum(
                n.size for n in trees[first].names()
            )
