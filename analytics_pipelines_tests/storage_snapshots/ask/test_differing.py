"""Hot rows, kept rows and rows made anew are the same rows."""

import random
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.generation import Generations
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.serving.build import build_generation
from analytics_pipelines.storage_snapshots.ask import differing
from analytics_pipelines.storage_snapshots.ask.between import between
from analytics_pipelines.storage_snapshots.ask.comparison import (
    Asked,
    ChangeKind,
    ComparedLevel,
    ComparedOrder,
    compare,
)
from analytics_pipelines.storage_snapshots.hot.made import HOT
from analytics_pipelines.storage_snapshots.hot.tables import COMPARED, DIFFERENCES
from analytics_pipelines.storage_snapshots.tables import TABLES
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.counts import examples
from analytics_pipelines_tests.storage_snapshots.histories import arrive, asked, file, folder, random_tree
from analytics_pipelines_tests.storage_snapshots.trees import DAY

DAYS = [DAY + timedelta(days=number) for number in range(3)]
SHARES = ("a", "b", "c 1")
PLACES = "storage_snapshots.compared"


def history():
    """Shares that change at random, one that does not, one not scanned on the newest day, one that is new then."""
    dice = random.Random(4)
    days = {day: {share: random_tree(dice) for share in SHARES} for day in DAYS}
    for day in DAYS:
        days[day]["still"] = folder("/r", file("/r/x"))
    for day in DAYS[:2]:
        days[day]["late"] = random_tree(dice)
    days[DAYS[2]]["new"] = random_tree(dice)
    return days


@pytest.fixture(scope="module")
def lease(tmp_path_factory):
    with asked(tmp_path_factory.mktemp("differing"), history()) as found:
        yield found


def pages_of(these, question):
    """All rows, page by page, and what is told beside them."""
    rows, cursor = [], None
    while True:
        page = compare(these, Asked(**question, cursor=cursor))
        rows, cursor = rows + page.rows, page.next_cursor
        if cursor is None:
            return rows, page.summary, page.totals


def ways(lease, these, question):
    """The answers of the hot tables where they have it, of kept rows (twice: made and found), of rows made each time."""
    lease._remembered.clear()
    yield pages_of(these, question)
    lease._remembered.clear()
    lease._remembered[PLACES] = {}
    yield pages_of(these, question)
    yield pages_of(these, question)
    lease._remembered.clear()
    lease._remembered[PLACES] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(differing, "MOST_KEPT_ROWS", -1)
        yield pages_of(these, question)


questions = st.fixed_dictionaries(
    {
        "path": st.sampled_from([None, None, None, "/r/a", "/r/b"]),
        "kinds": st.lists(st.sampled_from(list(ChangeKind)), max_size=2).map(tuple),
        "level": st.sampled_from(list(ComparedLevel)),
        "min_size": st.sampled_from([0, 0, 1, 5000]),
        "depth": st.sampled_from([None, None, 1, 2]),
        "shows_new_dirs": st.booleans(),
        "order": st.sampled_from(list(ComparedOrder)),
        "limit": st.sampled_from([12, 1000]),
    }
)
ends = st.sampled_from([(1, 2), (1, 2), (0, 1), (0, 2), (None, 2)])
shares = st.sampled_from([None, None, "a", "c 1", "still"])


@settings(max_examples=examples(60), deadline=None)
@given(questions, ends, shares)
def test_all_ways_give_the_same_rows_in_the_same_order(lease, question, ends, share):
    first, last = (None if end is None else DAYS[end].isoformat() for end in ends)
    these = between(lease, first, last, share)
    hot, *others = ways(lease, these, question)
    assert all(other == hot for other in others)


@pytest.mark.parametrize(
    ("first", "last", "share", "expected"),
    [
        pytest.param(1, 2, None, True, id="the newest step of all shares that have one"),
        pytest.param(1, 2, "still", True, id="nothing differs"),
        pytest.param(0, 1, "late", True, id="the newest of a share that is not scanned any more"),
        pytest.param(0, 1, "a", False, id="an older step"),
        pytest.param(0, 2, "a", False, id="two steps"),
    ],
)
def test_hot_is_the_newest_step_of_each_share(lease, first, last, share, expected):
    lease._remembered.clear()
    assert differing.is_hot(between(lease, str(DAYS[first]), str(DAYS[last]), share)) is expected


def test_rows_over_several_row_groups_come_in_order(tmp_path):
    dice = random.Random(7)
    files = [file(f"/r/{number}", dice.randrange(500), inode=number + 2) for number in range(18_000)]
    with asked(tmp_path, {DAYS[0]: {"s": folder("/r")}, DAYS[1]: {"s": folder("/r", *files)}}) as lease:
        these = between(lease, None)
        assert differing.is_hot(these)
        for least in (0, 480):
            found = compare(these, Asked(min_size=least, limit=20_000)).rows
            kept = [node for node in files if node.size >= least]
            expected = [node.path for node in sorted(kept, key=lambda node: (-node.size, node.path))]
            assert [row["path"] for row in found] == expected


def test_a_generation_without_the_hot_tables_answers_too(tmp_path):
    its = settings_in(tmp_path)
    lake = Lake.at(its.home, DuckLimits.of(its))
    for day, name in zip(DAYS, "xy", strict=False):
        arrive(lake, day, {"s": folder("/r", file("/r/" + name, inode=ord(name)))})
    build_generation(its, lake, TABLES, hot=[each for each in HOT if each.table not in {COMPARED, DIFFERENCES}])
    lake.duck.close()
    with Generations(its) as generations, generations.acquire() as lease:
        these = between(lease, None)
        assert not differing.is_hot(these)
        assert {row["path"]: row["kind"] for row in compare(these, Asked()).rows} == {
            "/r/x": "removed",
            "/r/y": "added",
        }
