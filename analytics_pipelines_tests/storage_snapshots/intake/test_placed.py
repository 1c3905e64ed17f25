"""Paths as producers spell them, against a person who cleans them one by one."""

import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from analytics_pipelines.foundation.duck import Duck, DuckLimits, arrow_of
from analytics_pipelines.storage_snapshots.intake.placed import placed, shown
from analytics_pipelines.storage_snapshots.intake.received import BrokenSnapshot, received
from analytics_pipelines.storage_snapshots.layout import SnapshotFile
from analytics_pipelines_tests.counts import examples
from analytics_pipelines_tests.storage_snapshots.trees import DAY

QUICKLY = settings(
    max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
NAMES = st.text(alphabet="aA.-\x01é ", min_size=1, max_size=3).filter(lambda name: name not in {".", ".."})
SEGMENTS = st.lists(st.one_of(NAMES, st.sampled_from(["", "."])), max_size=4)
SPELT = st.builds(
    lambda start, segments, end: start + "/".join(segments) + end, st.sampled_from(["", "/", "//", "./"]), SEGMENTS,
    st.sampled_from(["", "/"]),
)  # fmt: skip


@pytest.fixture(scope="module")
def duck():
    made = Duck(DuckLimits(2**29, 2, None))
    yield made
    made.close()


def clean(path):
    """`/a/b`, the root of all as the empty text."""
    return "".join("/" + part for part in path.split("/") if part not in {"", "."})


def key(path):
    return path.encode().replace(b"/", b"\0")


def taken(duck, rows):
    """The share's rows as they come into the lake, in pre-order."""
    with tempfile.TemporaryDirectory() as folder, duck.cursor() as cursor:
        file = SnapshotFile.at(Path(folder), "s", DAY)
        file.parquet.parent.mkdir()
        pq.write_table(pa.Table.from_pylist(rows), file.parquet, row_group_size=2)
        found = placed(cursor, received(file, cursor))
        for view, source in found.reads.items():
            source.mount(cursor, view)
        (expected,) = cursor.execute("SELECT " + found.expected().text).fetchone()
        made = arrow_of(cursor, found.rows()).sort_by("pre").to_pylist()
        assert expected == len(made)
        return made


@QUICKLY
@given(st.lists(SPELT, min_size=1, max_size=12), st.randoms())
def test_any_spelling_of_paths_becomes_one_complete_tree_in_pre_order(duck, paths, random):
    cleaned = [clean(path) for path in paths]
    assume(len(set(cleaned)) == len(cleaned))
    random.shuffle(paths)
    rows = taken(duck, [{"path": path} for path in paths])
    ways = ["" if row["path"] == "/" else row["path"] for row in rows]
    assert ways == sorted(ways, key=key)
    assert set(cleaned) <= set(ways)
    for row, way in zip(rows, ways, strict=True):
        below = [number for number, other in enumerate(ways) if other.startswith(way + "/")]
        above = [number for number, other in enumerate(ways) if other == way.rpartition("/")[0] and way]
        assert row["last_pre"] == max(below, default=row["pre"])
        assert row["parent_pre"] == (above[0] if row["pre"] else None)
        assert row["name"] == (way.rpartition("/")[2] or "/")
        assert row["depth"] == way.count("/") - ways[0].count("/")
        assert row["type"] == ("d" if below or not row["pre"] else "f")
        assert row["parent_path"] == ((way.rpartition("/")[0] or "/") if row["pre"] else None)
        # Nothing is made up: a folder that no row names holds one.
        assert way in cleaned or any(named.startswith(way + "/") for named in cleaned)


@QUICKLY
@given(st.lists(SPELT, min_size=2, max_size=8))
def test_two_spellings_of_one_path_are_refused_and_one_is_named(duck, paths):
    cleaned = [clean(path) for path in paths]
    twice = {path or "/" for path in cleaned if cleaned.count(path) > 1}
    assume(twice)
    with pytest.raises(BrokenSnapshot) as caught:
        taken(duck, [{"path": path} for path in paths])
    assert any(shown(path) in caught.value.detail for path in twice)


@pytest.mark.parametrize(
    ("name", "extension"),
    [("a.TXT", "txt"), ("a.tar.gz", "gz"), (".profile", None), ("..x", None), ("a.", None), ("Makefile", None),
     ("a. b", " b"), (".a.b", "b"), ("ß.ÄX", "äx")],
)  # fmt: skip
def test_the_extension_follows_the_last_dot(duck, name, extension):
    rows = taken(duck, [{"path": "/" + name, "type": "f"}, {"path": "/d.d", "type": "d"}])
    assert {row["name"]: row["extension"] for row in rows} == {"/": None, name: extension, "d.d": None}


def test_a_file_that_has_entries_below_it_is_a_folder_all_the_same(duck):
    rows = taken(
        duck, [{"path": "/r", "type": "d"}, {"path": "/r/a.zip", "type": "f"}, {"path": "/r/a.zip/x", "type": "f"}]
    )
    assert [(row["path"], row["type"], row["extension"]) for row in rows][1] == ("/r/a.zip", "d", None)


@pytest.mark.parametrize(
    ("row", "paths"),
    [
        ({"path": "/r", "type": "d"}, ["/r"]),
        ({"path": "/r/x", "type": "f"}, ["/r", "/r/x"]),
        ({"path": "/r/x"}, ["/r", "/r/x"]),
        ({"path": "/", "type": "d"}, ["/"]),
        ({"path": "."}, ["/"]),
        ({"path": "", "type": "d"}, ["/"]),
    ],
)
def test_a_single_entry_has_a_folder_for_its_root(duck, row, paths):
    rows = taken(duck, [row])
    assert [each["path"] for each in rows] == paths
    assert rows[0]["type"] == "d"


def test_thousands_of_folders_that_no_row_names_are_added(duck):
    paths = [f"/r/{number % 70}/{number % 11}/{number}" for number in range(6000)]
    rows = taken(duck, [{"path": path, "size": 1} for path in paths])
    folders = {path.rpartition("/")[0] for path in paths}
    assert len(rows) == 6000 + len(folders) + 70 + 1
    assert sum(row["size_bytes"] or 0 for row in rows) == 6000
    assert {row["size_bytes"] for row in rows if row["type"] == "d"} == {None}


def test_a_long_path_is_shortened_in_an_error(duck):
    with pytest.raises(BrokenSnapshot) as caught:
        taken(duck, [{"path": "/" + "x" * 5000 + "/.."}])
    assert len(caught.value.detail) < 400
