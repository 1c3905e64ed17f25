import json
from datetime import UTC, date, datetime

import pyarrow.parquet as pq
import pytest

from analytics_pipelines.storage_snapshots.producers.ncdu_import import import_ncdu
from analytics_pipelines.storage_snapshots.producers.ncdu_text import NotAnExport

HEAD = {"progname": "ncdu", "progver": "1.18", "timestamp": 1772348400}
"""2026-03-01T07:00:00Z."""
FOLDER = [
    {"name": "/srv/data", "asize": 4096, "dsize": 4096, "dev": 40, "ino": 2},
    {"name": "a.txt", "asize": 10, "dsize": 4096, "ino": 5, "hlnkc": True, "nlink": 3},
    {"name": "soft", "notreg": True, "asize": 4},
    {"name": "skipped", "excluded": "pattern"},
    [{"name": "sub", "read_error": True}, {"name": "deep", "asize": 2**62, "dev": 41}],
    [{"name": "mount", "excluded": "otherfs", "dev": 99}],
    {"name": "kern", "excluded": "kernfs"},
]
EXTENDED = [
    {"name": "/", "mtime": 1772000000, "mode": 0o40755, "uid": 0, "gid": 0},
    {"name": "l", "notreg": True, "mtime": 1772000000.5, "mode": 0o120777, "uid": 1000, "gid": 100},
    {"name": "f", "mtime": -1, "mode": 0o104755},
    {"name": "odd", "mtime": 1e300, "mode": "x", "uid": -1, "asize": -5, "ino": 2**64},
]


def brought_in(tmp_path, folder, head=HEAD, **options):
    file = tmp_path / "export.json"
    file.write_text(json.dumps([1, 2, head, folder]))
    made = import_ncdu(file, "s", tmp_path / "snapshots", **options)
    return made, {row["path"]: row for row in pq.read_table(made.file).to_pylist()}


def test_an_export_becomes_the_snapshot_of_the_day_on_which_it_was_written(tmp_path):
    made, rows = brought_in(tmp_path, FOLDER)
    assert (made.day, made.taken_at) == (date(2026, 3, 1), datetime(2026, 3, 1, 7, tzinfo=UTC))
    assert list(rows) == [*("/srv/data", "/srv/data/a.txt", "/srv/data/soft", "/srv/data/sub", "/srv/data/sub/deep")]
    numbers = {"size": 10, "size_du": 4096, "dev": 40, "ino": 5, "nlink": 3}
    assert rows["/srv/data/a.txt"] == numbers | {
        "path": "/srv/data/a.txt",
        "path_raw": None,
        "type": "f",
        "error": None,
    }
    assert [(row["type"], row["dev"], row["nlink"]) for row in rows.values()] == [
        *[("d", 40, None), ("f", 40, 3), ("U", 40, 1), ("d", 40, None), ("f", 41, 1)]
    ]
    assert rows["/srv/data/sub"]["error"] == "EIO: ncdu could not read it"
    told = json.loads(made.file.with_suffix(".json").read_bytes())
    assert (told["other_filesystems"], told["excluded"], told["root"], told["errors"]) == (1, 2, "/srv/data", 1)


def test_an_extended_export_gives_times_owners_and_modes(tmp_path):
    made, rows = brought_in(tmp_path, EXTENDED, day=date(2020, 1, 1))
    assert made.day == date(2020, 1, 1)
    link, file, odd = rows["/l"], rows["/f"], rows["/odd"]
    assert (link["type"], link["mode"], link["uid"], link["gid"]) == ("l", 0o777, 1000, 100)
    assert link["mtime"] == datetime(2026, 2, 25, 6, 13, 20, 500_000, tzinfo=UTC)
    assert (file["mode"], file["mtime"]) == (0o4755, datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC))
    assert {odd[column] for column in ("mtime", "mode", "uid", "size", "ino")} == {None}


def test_without_a_time_of_its_own_an_export_is_as_old_as_its_day_is_over(tmp_path):
    made, _ = brought_in(tmp_path, EXTENDED, head={}, day=date(2020, 1, 1))
    assert made.taken_at == datetime(2020, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize("name", ["a/b", "a\0b"])
def test_a_name_that_no_file_can_have_is_refused_and_nothing_is_written(tmp_path, name):
    with pytest.raises(NotAnExport, match="slash or a NUL"):
        brought_in(tmp_path, [{"name": "/"}, {"name": name}])
    assert not list((tmp_path / "snapshots").glob("2*"))


def test_a_lone_surrogate_is_refused(tmp_path):
    with pytest.raises(NotAnExport, match="no text"):
        brought_in(tmp_path, [{"name": "/"}, {"name": "\ud800"}])


def test_a_broken_export_leaves_no_snapshot(tmp_path):
    (tmp_path / "x").write_bytes(b'[1,0,{},[{"name":"/"},{"name":"x"}')
    with pytest.raises(NotAnExport):
        import_ncdu(tmp_path / "x", "s", tmp_path / "snapshots", day=date(2026, 1, 1))
    assert not list((tmp_path / "snapshots").glob("2*"))


def test_progress_is_told(tmp_path):
    told = []
    brought_in(tmp_path, FOLDER, progress=told.append)
    assert told == [5]
