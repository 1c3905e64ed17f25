"""Folders of uploads: private, named by ids alone, published whole, and never among what others read."""

import os
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from analytics_pipelines.datasets.folders import Folders, Place, UploadsMisplaced, is_id, new_id
from analytics_pipelines.foundation.errors import DiskFull
from analytics_pipelines_tests.conftest import settings_in

ID_OF_OURS = "3897dbaf-cd7f-40c7-aa07-51df3c26da84"
HOSTILE = [
    "",
    "..",
    "../..",
    "/etc",
    "a/b",
    "a\x00b",
    "CON",
    "\ud800",
    "*",
    "{}",
    ID_OF_OURS.upper(),
    ID_OF_OURS + "\n",
]


@pytest.fixture
def folders(settings) -> Folders:
    return Folders.of(settings)


def published(folders: Folders, place: Place | None = None, *, original: bytes | None = None) -> Place:
    place = place or Place(new_id(), new_id())
    with folders.staging() as folder:
        (folder / "rows").write_bytes(b"PAR1")
        if original is not None:
            (folder / "sent").write_bytes(original)
        folders.publish(place, data=folder / "rows", original=folder / "sent" if original is not None else None)
    return place


def aged(path: Path, hours: float) -> None:
    moment = (datetime.now(UTC) - timedelta(hours=hours)).timestamp()
    os.utime(path, (moment, moment))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_ids_are_random_uuids_and_nothing_else_passes_for_one():
    assert len({new_id() for _ in range(1000)}) == 1000
    assert is_id(new_id())
    assert [each for each in HOSTILE if is_id(each)] == []


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_a_users_becomes_part_of_a_path(folders, text):
    for user_id, dataset_id in ((text, new_id()), (new_id(), text)):
        with pytest.raises(ValueError, match="ids of ours"):
            Place(user_id, dataset_id)


def test_a_dataset_is_published_for_our_eyes_only_and_staging_is_left_empty(folders):
    old = os.umask(0)
    try:
        place = published(folders, original=b"a,b\n")
    finally:
        os.umask(old)
    data = folders.data(place)
    assert (data.read_bytes(), folders.original(place).read_bytes()) == (b"PAR1", b"a,b\n")
    assert data == folders.root / place.path
    assert {mode(each) for each in (data, folders.original(place))} == {0o600}
    assert {mode(each) for each in (data.parent, data.parent.parent, folders.root)} == {0o700}
    assert list((folders.root / ".staging").iterdir()) == []


def test_what_is_staged_and_not_published_goes_whatever_happens(folders):
    def fail() -> None:
        with folders.staging() as folder:
            (folder / "half").write_bytes(b"rows")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert list((folders.root / ".staging").iterdir()) == []


def test_a_full_disk_is_said_and_nothing_is_published(folders, monkeypatch):
    place = Place(new_id(), new_id())

    def full(descriptor: int) -> None:
        raise OSError(28, "no space left")

    with folders.staging() as folder:
        (folder / "rows").write_bytes(b"PAR1")
        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(DiskFull):
            folders.publish(place, data=folder / "rows")
    assert folders.places() == []


def test_removing_takes_one_dataset_and_no_other(folders):
    anna, berta = new_id(), new_id()
    first, second, others = (published(folders, Place(user, new_id())) for user in (anna, anna, berta))
    assert folders.places() == sorted([first, second, others])
    assert [folders.remove(first), folders.remove(first)] == [True, False]
    assert folders.places() == sorted([second, others])


def test_before_the_first_upload_there_is_nothing_and_no_folder_is_made(folders):
    assert (folders.places(), folders.sweep_staging(datetime.now(UTC))) == ([], 0)
    assert folders.changed_at(Place(new_id(), new_id())) is None
    assert not folders.root.exists()


def test_what_is_not_ours_is_neither_listed_nor_swept(folders, tmp_path):
    place = published(folders)
    outside = tmp_path / "outside"
    (outside / new_id()).mkdir(parents=True)
    for other in ("letters", ".staging/letters", place.user_id + "/letters"):
        (folders.root / other).mkdir()
        aged(folders.root / other, 9)
    (folders.root / new_id()).symlink_to(outside)
    (folders.root / ".staging" / new_id()).symlink_to(outside)
    assert folders.places() == [place]
    assert folders.sweep_staging(datetime.now(UTC) - timedelta(hours=1)) == 0
    assert len(list(outside.iterdir())) == 1
    assert (folders.root / ".staging" / "letters").is_dir()


def test_the_sweep_of_staging_takes_what_is_old_and_empty_folders_of_users(folders):
    old, new = (folders.root / ".staging" / new_id() for _ in range(2))
    empty, fresh = (folders.root / new_id() for _ in range(2))
    for folder in (old, new, empty, fresh):
        folder.mkdir(parents=True)
    (old / "half").write_bytes(b"rows")
    kept = published(folders)
    for folder in (old, empty, folders.root / kept.user_id):
        aged(folder, 2)
    assert folders.sweep_staging(datetime.now(UTC) - timedelta(hours=1)) == 1
    assert [each.exists() for each in (old, new, empty, fresh)] == [False, True, False, True]
    assert folders.places() == [kept]


def test_a_sweep_that_takes_the_users_empty_folder_meanwhile_stops_no_upload(folders, monkeypatch):
    place, rename, swept = Place(new_id(), new_id()), Path.rename, []

    def rename_after_sweep(self: Path, target: Path) -> Path:
        if target == folders.data(place).parent and not swept:
            aged(target.parent, 2)
            swept.append(folders.sweep_staging(datetime.now(UTC) - timedelta(hours=1)))
            assert not target.parent.exists()
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", rename_after_sweep)
    published(folders, place)
    assert (folders.places(), swept) == ([place], [0])


@pytest.mark.parametrize(
    "place",
    [
        pytest.param("lake/uploads", id="in the lake"),
        pytest.param("generations", id="where generations are"),
        pytest.param("", id="the home itself"),
        pytest.param("..", id="around the home"),
        pytest.param("link", id="in the lake by a link"),
        pytest.param("elsewhere/parquet/u", id="among exported files"),
    ],
)
def test_uploads_never_lie_among_what_others_read(tmp_path, place):
    home = tmp_path / "home"
    (home / "lake").mkdir(parents=True)
    (home / "link").symlink_to(home / "lake")
    exported = home / "elsewhere" / "parquet"
    with pytest.raises(UploadsMisplaced, match="UPLOAD_DIR"):
        Folders.of(settings_in(home, upload_dir=home / place, parquet_data_path=exported))


def test_uploads_may_lie_elsewhere(tmp_path):
    chosen = tmp_path / "private"
    assert Folders.of(settings_in(tmp_path / "home", upload_dir=chosen)).root == chosen


@pytest.mark.fault
def test_killed_at_any_step_a_dataset_is_there_whole_or_not_at_all(tmp_path):
    program = [sys.executable, "-m", "analytics_pipelines_tests.datasets.publish_points", str(tmp_path)]
    done = subprocess.run(program, capture_output=True, text=True, timeout=60, check=True)
    points = int(done.stdout)
    assert points > 10
    seen = set()
    for point in range(points):
        folders = Folders(tmp_path / str(point))
        for place in folders.places():
            assert sorted(each.name for each in folders.data(place).parent.iterdir()) == ["data.parquet", "original"]
        seen.add(len(folders.places()))
        folders.sweep_staging(datetime.now(UTC) + timedelta(hours=1))
        staging = folders.root / ".staging"
        assert not staging.exists() or list(staging.iterdir()) == []
    assert seen == {0, 1}
