"""The snapshots that are meant, and the same rows whether hot tables answer or a day's Parquet."""

from datetime import timedelta

import pytest

from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.generation import Lease
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.serving.build import build_generation
from analytics_pipelines.storage_snapshots.ask.chosen import (
    BadShareName,
    BadSnapshotDate,
    Folder,
    NoSnapshots,
    UnknownPath,
    UnknownShare,
    UnknownSnapshot,
    chosen,
    published_snapshots,
)
from analytics_pipelines.storage_snapshots.ask.paths import BadPath, path_key
from analytics_pipelines.storage_snapshots.hot.tables import CHILDREN, FOLDERS, LARGEST, NAMES, TYPES
from analytics_pipelines.storage_snapshots.tables import DIRECTORIES, TABLES
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.storage_snapshots.forests import ODD, random_tree
from analytics_pipelines_tests.storage_snapshots.paper_lake import rows_of_tree, taken_at, write_paper
from analytics_pipelines_tests.storage_snapshots.trees import DAY

NEXT_DAY, LAST_DAY = DAY + timedelta(days=1), DAY + timedelta(days=7)
TREES = {
    DAY: {"home": random_tree(1, "/people", 60), "srv": random_tree(2, "", 60), "old one": random_tree(3, "/old", 20)},
    NEXT_DAY: {"home": random_tree(4, "/people", 60)},
    LAST_DAY: {"home": random_tree(5, "/people", 70), "srv": random_tree(6, "", 50)},
}
NEWEST = {"home": LAST_DAY, "old one": DAY, "srv": LAST_DAY}
HOT_TABLES = {"folders": FOLDERS, "children": CHILDREN, "names": NAMES, "largest": LARGEST, "types": TYPES}
ORDERED = Sql("SELECT {columns} FROM ({rows}) AS chosen_rows ORDER BY ALL")


def lease_of(home, *, hot):
    """A lease on a generation of the trees; `hot` says whether it has hot tables."""
    settings = settings_in(home)
    lake = Lake.at(settings.home, DuckLimits.of(settings))
    for day, shares in TREES.items():
        write_paper(lake, day, shares)
    built = build_generation(settings, lake, TABLES) if hot else build_generation(settings, lake, TABLES, hot=())
    lake.duck.close()
    return Lease.open(built.folder, settings)


@pytest.fixture(scope="module")
def lease(tmp_path_factory):
    opened = lease_of(tmp_path_factory.mktemp("hot"), hot=True)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def plain_lease(tmp_path_factory):
    opened = lease_of(tmp_path_factory.mktemp("plain"), hot=False)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("snapshot", "share", "expected", "is_hot"),
    [
        pytest.param("latest", None, NEWEST, True, id="newest of each share"),
        pytest.param("latest", "old one", {"old one": DAY}, True, id="a share that was not scanned for long"),
        pytest.param(str(DAY), None, dict.fromkeys(("home", "old one", "srv"), DAY), False, id="a day of all shares"),
        pytest.param(str(NEXT_DAY), None, {"home": NEXT_DAY}, False, id="a day of one share"),
        pytest.param(str(LAST_DAY), None, {"home": LAST_DAY, "srv": LAST_DAY}, True, id="a day that is newest"),
        pytest.param(str(DAY), "old one", {"old one": DAY}, True, id="the newest of a share by its day"),
        pytest.param(str(DAY), "srv", {"srv": DAY}, False, id="an older day of a share"),
    ],
)
def test_the_snapshots_of_exactly_that_day_are_chosen(lease, snapshot, share, expected, is_hot):
    these = chosen(lease, snapshot, share)
    assert {each.share: each.day for each in these.snapshots} == expected
    assert {each.taken_at for each in these.snapshots} == {taken_at(day) for day in expected.values()}
    assert these.is_hot == is_hot
    folders = lease.tuples(Sql("SELECT DISTINCT share, snapshot_date FROM ({rows})").fill(rows=these.folders()))
    assert dict(folders) == expected


@pytest.mark.parametrize(
    ("snapshot", "share", "error"),
    [
        pytest.param(str(DAY - timedelta(days=1)), None, UnknownSnapshot, id="a day without snapshot"),
        pytest.param(str(NEXT_DAY), "srv", UnknownShare, id="a share that was not scanned that day"),
        pytest.param("latest", "nobody", UnknownShare, id="no such share"),
        pytest.param("latest", "../etc", BadShareName, id="no name of a share"),
        pytest.param("2026-02-30", None, BadSnapshotDate, id="no day of the calendar"),
        pytest.param("", None, BadSnapshotDate, id="nothing"),
    ],
)
def test_what_is_not_there_is_a_typed_error(lease, snapshot, share, error):
    with pytest.raises(error):
        chosen(lease, snapshot, share)


def test_without_a_snapshot_there_is_nothing_to_choose(settings, lake):
    empty = Lease.open(build_generation(settings, lake, TABLES).folder, settings)
    other = Lease.open(build_generation(settings, lake, [DIRECTORIES]).folder, settings)
    for lease in (empty, other):
        with pytest.raises(NoSnapshots):
            chosen(lease)
        lease.close()


def test_all_published_snapshots_are_told_by_share_and_day(lease):
    found = [(each.share, each.day, each.is_newest) for each in published_snapshots(lease)]
    assert found == [
        ("home", DAY, False),
        ("home", NEXT_DAY, False),
        ("home", LAST_DAY, True),
        ("old one", DAY, True),
        ("srv", DAY, False),
        ("srv", LAST_DAY, True),
    ]


@pytest.mark.parametrize("rows", HOT_TABLES)
@pytest.mark.parametrize("share", [None, "home"])
def test_hot_tables_and_parquet_give_the_same_rows_and_columns(lease, plain_lease, rows, share):
    columns = [column for column in HOT_TABLES[rows].column_names if column not in {"position", "block"}]
    hot, plain = (chosen(each, share=share) for each in (lease, plain_lease))
    assert (hot.is_hot, plain.is_hot) == (True, False)
    queries = [ORDERED.fill(columns=Sql(", ".join(columns)), rows=getattr(these, rows)()) for these in (hot, plain)]
    found = [lease.tuples(queries[0]), plain_lease.tuples(queries[1])]
    assert found[0] == found[1] != []


@pytest.mark.parametrize("rows", HOT_TABLES)
@pytest.mark.parametrize("snapshot", ["latest", str(DAY)])
def test_a_question_may_name_the_columns_that_it_needs(lease, rows, snapshot):
    these = chosen(lease, snapshot, "home")
    wanted = HOT_TABLES[rows].column_names[-1:-4:-1]
    every, few = getattr(these, rows)(), getattr(these, rows)(*wanted)
    with lease.cursor() as cursor:
        described = [column[0] for column in cursor.execute(few.text).description]
    assert tuple(described) == wanted
    counted = Sql("SELECT count(*) FROM ({rows})")
    assert lease.tuples(counted.fill(rows=every)) == lease.tuples(counted.fill(rows=few))


@pytest.mark.parametrize("snapshot", ["latest", str(DAY)])
@pytest.mark.parametrize("share", ["home", "srv"])
def test_every_folder_is_found_by_its_path(lease, snapshot, share):
    day = NEWEST[share] if snapshot == "latest" else DAY
    rows = rows_of_tree(share, day, TREES[day][share])[DIRECTORIES]
    assert {row["name"] for row in rows} >= set(ODD[:5])
    these = chosen(lease, snapshot)
    for row in rows:
        expected = Folder(share, *(row[name] for name in ("path", "pre", "last_pre", "parent_pre", "depth")))
        assert these.folder(row["path"].removeprefix("/") + "/" if row["path"] != "/" else "") == (expected,)


@pytest.mark.parametrize("snapshot", ["latest", str(DAY)])
def test_a_folder_is_found_by_key_and_path_in_old_and_new_alike(lease, snapshot):
    these = chosen(lease, snapshot)
    query = Sql("SELECT path FROM ({folders}) AS f WHERE path_key = $key AND path = $path")
    found = lease.tuples(query.fill(folders=these.folders()), key=path_key("/people/tree"), path="/people/tree")
    assert found == [("/people/tree",)]


@pytest.mark.parametrize("snapshot", ["latest", str(DAY)])
def test_a_path_that_no_folder_has_is_unknown(lease, snapshot):
    these = chosen(lease, snapshot)
    a_file = lease.tuples(Sql("SELECT path FROM ({rows}) WHERE type = 'f' LIMIT 1").fill(rows=these.children()))[0][0]
    for path in ("/nowhere", "/PEOPLE", a_file, "/people/tree' OR 1=1 --"):
        with pytest.raises(UnknownPath):
            these.folder(path)
    with pytest.raises(BadPath):
        these.folder("/people/../srv")


@pytest.mark.parametrize("snapshot", ["latest", str(DAY)])
def test_a_subtree_is_one_range_of_the_children(lease, snapshot):
    these = chosen(lease, snapshot)
    (folder,) = these.folder("/people/tree")
    query = Sql("SELECT path FROM ({rows}) WHERE share = $share AND parent_pre BETWEEN $pre AND $last_pre ORDER BY pre")
    values = {"share": folder.share, "pre": folder.pre, "last_pre": folder.last_pre}
    found = [path for (path,) in lease.tuples(query.fill(rows=these.children()), **values)]
    below = Sql("SELECT path FROM ({rows}) WHERE starts_with(path, '/people/tree/') ORDER BY pre")
    assert found == [path for (path,) in lease.tuples(below.fill(rows=these.children()))]
    assert len(found) == folder.last_pre - folder.pre
