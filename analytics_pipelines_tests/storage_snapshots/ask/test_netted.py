"""The rows by themselves; `test_comparison.py` holds them against comparison by hand."""

from datetime import timedelta

import pytest

from analytics_pipelines.storage_snapshots.ask.between import between
from analytics_pipelines.storage_snapshots.ask.netted import kinds
from analytics_pipelines.storage_snapshots.hot.differences import FILES, FOLDERS
from analytics_pipelines_tests.storage_snapshots.histories import asked, file, folder
from analytics_pipelines_tests.storage_snapshots.trees import DAY

DAYS = [DAY + timedelta(days=number) for number in range(4)]


def tree(**inodes):
    return folder("/r", *[file("/r/" + name, inode=inode, second=1) for name, inode in inodes.items()])


STEPS = {
    "a chain is one move": ([{"a": 1}, {"b": 1}, {"c": 1}], {"/r/c": ("moved", "/r/a")}),
    "what came and went": ([{"a": 1}, {"a": 1, "t": 2}, {"a": 1}], {}),
    "new then moved": ([{}, {"a": 1}, {"b": 1}], {"/r/b": ("added", None)}),
    "moved then gone": ([{"a": 1}, {"b": 1}, {}], {"/r/a": ("removed", None)}),
    "gone and back as it was": ([{"a": 1}, {}, {"a": 1}], {}),
    "replaced": (
        [{"a": 1}, {"b": 1}, {"a": 2, "b": 1}],
        {"/r/a": ("changed", None), "/r/b": ("added", None)},
    ),
    "exchanged": (
        [{"a": 1, "b": 2}, {"t": 1, "b": 2}, {"t": 1, "a": 2}, {"b": 1, "a": 2}],
        {"/r/a": ("changed", None), "/r/b": ("changed", None)},
    ),
}
"""A share a case: the inodes of its names on each day, and what is told of the first and the last day."""
GROWN = folder("/r", folder("/r/d", file("/r/d/x", 5)))
FOLDERS_OF = [folder("/r"), GROWN, folder("/r", folder("/r/d")), GROWN]


@pytest.fixture(scope="module")
def lease(tmp_path_factory):
    days = {day: {} for day in DAYS}
    for share, (names, _) in STEPS.items():
        for day, inodes in zip(DAYS, [*names, *names[-1:]], strict=False):
            days[day][share] = tree(**inodes)
    for day, root in zip(DAYS, FOLDERS_OF, strict=True):
        days[day]["folders"] = root
    with asked(tmp_path_factory.mktemp("netted"), days) as found:
        yield found


def told(lease, share, level):
    """Kind and origin of each path between the first day and the last, through all between."""
    query = kinds(between(lease, str(DAYS[0]), "latest", share), level)
    with lease.cursor() as cursor:
        rows = cursor.execute(query.text).to_arrow_table().to_pylist()
    return {row["path"]: (row["kind"], row["moved_from"]) for row in rows}


@pytest.mark.parametrize("share", STEPS)
def test_steps_are_netted_to_the_first_state_and_the_last(lease, share):
    assert told(lease, share, FILES) == STEPS[share][1]


def test_folders_are_netted_by_their_sums(lease):
    assert told(lease, "folders", FOLDERS) == {"/r": ("grown", None), "/r/d": ("added", None)}
