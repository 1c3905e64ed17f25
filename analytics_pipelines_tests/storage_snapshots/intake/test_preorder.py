from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analytics_pipelines.storage_snapshots.intake.preorder import common_folder, implied_folders, spans

NAMES = st.text(alphabet="ab.-\x01é", min_size=1, max_size=2)
PATHS = st.lists(st.lists(NAMES, max_size=5).map(lambda names: "".join("/" + name for name in names)), min_size=1)


def key(path):
    return path.encode().replace(b"/", b"\0")


def ancestors(path):
    parts = path.split("/")
    return {"/".join(parts[:end]) for end in range(1, len(parts))}


@given(PATHS)
def test_spans_are_what_prefixes_of_paths_say(paths):
    tree = sorted(set(paths).union(*map(ancestors, paths), {""}), key=key)
    found = spans(np.array([path.count("/") for path in tree], np.int32))
    for pre, path in enumerate(tree):
        below = [other for other, each in enumerate(tree) if each.startswith(path + "/")]
        assert found.last_pre[pre] == max(below, default=pre)
        assert found.parent_pre[pre] == (tree.index(path.rpartition("/")[0]) if path else -1)


@given(st.integers(2, 3000))
def test_a_chain_of_folders_may_be_as_deep_as_it_likes(count):
    found = spans(np.arange(count, dtype=np.int32))
    assert set(found.last_pre.tolist()) == {count - 1}
    assert found.parent_pre.tolist() == list(range(-1, count - 1))


def test_folders_deeper_than_sixteen_bits_are_told_apart():
    found = spans(np.arange(40_000, dtype=np.int32))
    assert found.parent_pre[-1] == 39_998


def test_no_entries_have_no_spans():
    assert len(spans(np.array([], np.int32)).last_pre) == 0


@given(PATHS)
def test_the_first_and_last_in_pre_order_tell_the_common_folder_of_all(paths):
    ordered = sorted(set(paths), key=key)
    found = common_folder(ordered[0], ordered[-1])
    assert all(path == found or path.startswith(found + "/") for path in ordered)
    deeper = {path[: len(found) + 1 + len(path[len(found) + 1 :].split("/")[0])] for path in ordered}
    assert len(deeper) > 1 or ordered == [found] or found in ordered


@given(PATHS)
def test_implied_folders_are_those_between_the_root_and_an_entry_that_no_row_names(paths):
    ordered = sorted(set(paths), key=key)
    root = common_folder(ordered[0], ordered[-1])
    orphans, before = [ordered[0]], [root]
    for previous, path in pairwise(ordered):
        if not (previous + "/").startswith(path.rpartition("/")[0] + "/"):
            orphans.append(path)
            before.append(previous)
    wanted = {folder for path in ordered for folder in ancestors(path) if len(folder) > len(root)}
    assert implied_folders(orphans, before, root) == wanted - set(ordered)
