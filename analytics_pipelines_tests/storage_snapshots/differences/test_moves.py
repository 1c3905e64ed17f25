from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from analytics_pipelines.foundation.select import ArrowRows
from analytics_pipelines.storage_snapshots.differences.moves import moves

AT = datetime(2026, 1, 1, tzinfo=UTC)
WAS = ("type", "size_bytes", "modified_at", "born_at", "device", "inode", "content_hash")
TYPES = {
    "modified_at": pa.timestamp("us", "UTC"),
    "born_at": pa.timestamp("us", "UTC"),
    "type": pa.string(),
    "content_hash": pa.string(),
}
SCHEMA = pa.schema(
    [("share", pa.string()), ("path", pa.string()), ("name", pa.string()), ("parent_path", pa.string())]
    + [("is_there", pa.bool_()), ("was_there", pa.bool_())]
    + [(prefix + column, TYPES.get(column, pa.int64())) for prefix in ("", "before_") for column in WAS]
)


def side(path, *, is_there, share="s", **known):
    parent, _, name = path.rpartition("/")
    prefix = "" if is_there else "before_"
    told = {"type": "f"} | known
    place = {"share": share, "path": path, "name": name, "parent_path": parent}
    return (
        place | {"is_there": is_there, "was_there": not is_there} | {prefix + key: value for key, value in told.items()}
    )


def gone(path, **known):
    return side(path, is_there=False, **known)


def come(path, **known):
    return side(path, is_there=True, **known)


@pytest.fixture
def paired(lake):
    def found(*rows):
        with lake.duck.cursor() as cursor:
            ArrowRows(pa.Table.from_pylist(list(rows), SCHEMA)).mount(cursor, "found")
            for view, step in moves().items():
                step.mount(cursor, view)
            pairs = cursor.execute("SELECT moved_from, moved_to FROM moves").fetchall()
        assert len(dict(pairs)) == len({to for _, to in pairs}) == len(pairs), "each path is used once"
        return dict(pairs)

    return found


STAYED = {"inode": 7, "device": 1, "size_bytes": 5, "modified_at": AT}


@pytest.mark.parametrize(
    ("before", "after", "is_move"),
    [
        pytest.param(STAYED, STAYED, True, id="inode, size and time"),
        pytest.param(STAYED, STAYED | {"device": 2}, False, id="the inode of another file system"),
        pytest.param(STAYED, STAYED | {"size_bytes": 6}, False, id="a reused inode of another size"),
        pytest.param(STAYED, STAYED | {"type": "l"}, False, id="another kind of file"),
        pytest.param(STAYED, STAYED | {"share": "t"}, False, id="another share"),
        pytest.param(STAYED | {"born_at": AT}, STAYED | {"born_at": AT, "size_bytes": 9}, True, id="grown since"),
        pytest.param(
            STAYED | {"born_at": AT}, STAYED | {"born_at": AT + timedelta(1)}, False, id="a reused inode, born later"
        ),
        pytest.param(
            {"content_hash": "x", "size_bytes": 5}, {"content_hash": "x", "size_bytes": 5}, True, id="content"
        ),
        pytest.param(
            {"content_hash": "x", "size_bytes": 5}, {"content_hash": "y", "size_bytes": 5}, False, id="others"
        ),
        pytest.param(
            {"size_bytes": 5, "modified_at": AT}, {"size_bytes": 5, "modified_at": AT}, False, id="other name"
        ),
        pytest.param({}, {}, False, id="nothing known"),
    ],
)
def test_a_pair_is_a_move_by_what_is_known_of_both(paired, before, after, is_move):
    assert paired(gone("/r/a", **before), come("/r/b", **after)) == ({"/r/a": "/r/b"} if is_move else {})


def test_without_inode_and_hash_name_size_and_time_tell(paired):
    looks = {"size_bytes": 5, "modified_at": AT}
    assert paired(gone("/r/x/a", **looks), come("/r/y/a", **looks)) == {"/r/x/a": "/r/y/a"}
    contents = paired(gone("/r/x/a", content_hash="1", **looks), come("/r/y/a", content_hash="2", **looks))
    assert contents == {}


def test_of_several_that_fit_equal_names_come_first_and_then_the_order_of_paths(paired):
    same = {"content_hash": "x", "size_bytes": 5}
    rows = [gone("/r/1/a", **same), gone("/r/2/b", **same), gone("/r/3/c", **same)]
    rows += [come("/r/4/b", **same), come("/r/5/z", **same)]
    assert paired(*rows) == paired(*reversed(rows)) == {"/r/2/b": "/r/4/b", "/r/1/a": "/r/5/z"}


def test_the_inode_decides_before_the_content(paired):
    same = {"content_hash": "x"} | STAYED
    other = same | {"inode": 8}
    assert paired(gone("/r/a", **same), come("/r/b/a", **other), come("/r/z", **same)) == {"/r/a": "/r/z"}


def test_a_folder_goes_where_most_of_its_files_went(paired):
    files = [{"content_hash": str(number), "size_bytes": 1} for number in range(3)]
    rows = [
        gone("/r/old", type="d"),
        gone("/r/old/in", type="d"),
        come("/r/new", type="d"),
        come("/r/new/in", type="d"),
    ]
    rows += [gone(f"/r/old/in/{number}", **known) for number, known in enumerate(files)]
    rows += [come(f"/r/new/in/{number}", **known) for number, known in enumerate(files[:2])]
    rows += [come("/r/elsewhere", **files[2])]
    found = paired(*rows)
    assert (found["/r/old"], found["/r/old/in"], found["/r/old/in/2"]) == ("/r/new", "/r/new/in", "/r/elsewhere")


def test_a_folder_of_which_one_file_of_many_moved_did_not_move(paired):
    rows = [gone("/r/old", type="d"), come("/r/new", type="d"), come("/r/new/kept", content_hash="0", size_bytes=1)]
    rows += [gone(f"/r/old/{number}", content_hash=str(number), size_bytes=1) for number in range(5)]
    assert paired(*rows) == {"/r/old/0": "/r/new/kept"}


def test_what_is_left_in_a_moved_folder_goes_along(paired):
    folder = {"type": "d", "inode": 3, "device": 1, "size_bytes": 4096, "modified_at": AT}
    rows = [gone("/r/old", **folder), come("/r/new", **folder)]
    rows += [gone("/r/old/plain", size_bytes=3), come("/r/new/plain", size_bytes=3)]
    rows += [gone("/r/old/empty", type="d"), come("/r/new/empty", type="d"), gone("/r/old/else", size_bytes=1)]
    assert paired(*rows) == {"/r/old": "/r/new", "/r/old/plain": "/r/new/plain", "/r/old/empty": "/r/new/empty"}
