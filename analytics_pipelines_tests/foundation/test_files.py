import errno
import os
import stat
import threading
import time

import pytest

from analytics_pipelines.foundation.errors import Conflict, DiskFull, Unavailable
from analytics_pipelines.foundation.files import disk_errors, locked, make_folders, sha256_of, write_synced, write_whole


def test_a_file_is_replaced_whole_and_staging_is_left_empty(tmp_path):
    target, staging = tmp_path / "new" / "folder" / "file", tmp_path / "staging"
    for content in (b"old", b"new and longer"):
        write_whole(target, content, staging=staging, mode=0o600)
        assert target.read_bytes() == content
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert list(staging.iterdir()) == []


def test_a_replacement_is_a_new_file_so_that_links_keep_the_old_one(tmp_path):
    target, link = tmp_path / "file", tmp_path / "link"
    write_whole(target, b"old", staging=tmp_path / "staging")
    os.link(target, link)
    write_whole(target, b"new", staging=tmp_path / "staging")
    assert (link.read_bytes(), target.read_bytes()) == (b"old", b"new")


def test_a_failed_sync_leaves_the_old_file(tmp_path, monkeypatch):
    target, staging = tmp_path / "file", tmp_path / "staging"
    write_whole(target, b"old", staging=staging)

    def fsync(descriptor):
        raise OSError(errno.EIO, "no")

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError, match="no"):
        write_whole(target, b"new", staging=staging)
    assert target.read_bytes() == b"old"
    assert list(staging.iterdir()) == []


def test_the_mode_holds_whatever_the_umask(tmp_path):
    before = os.umask(0o077)
    try:
        write_synced(tmp_path / "file", b"x", mode=0o444)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o444


def test_a_synced_file_is_never_written_over(tmp_path):
    (tmp_path / "file").write_bytes(b"old")
    with pytest.raises(FileExistsError):
        write_synced(tmp_path / "file", b"new", mode=0o644)


def test_folders_are_made_with_their_parents_and_twice_is_fine(tmp_path):
    for _ in range(2):
        make_folders(tmp_path / "a" / "b" / "c")
    assert (tmp_path / "a" / "b" / "c").is_dir()


def test_the_digest_is_that_of_the_bytes(tmp_path):
    (tmp_path / "file").write_bytes(b"abc")
    assert sha256_of(tmp_path / "file") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize(
    ("first", "second", "can_both"),
    [
        pytest.param(True, True, True, id="two readers"),
        pytest.param(True, False, False, id="a writer waits for a reader"),
        pytest.param(False, True, False, id="a reader waits for a writer"),
        pytest.param(False, False, False, id="two writers"),
    ],
)
def test_a_lock_is_shared_or_exclusive(tmp_path, first, second, can_both):
    path = tmp_path / "locks" / "visits.lock"
    with locked(path, wait_s=1, shared=first):
        if can_both:
            with locked(path, wait_s=0, shared=second):
                pass
        else:
            with (
                pytest.raises(Conflict, match="Another process holds visits"),
                locked(path, wait_s=0.05, shared=second),
            ):
                pass
    with locked(path, wait_s=0, shared=second):
        pass


def test_who_waits_long_enough_gets_the_lock(tmp_path):
    path = tmp_path / "a.lock"
    entered = threading.Event()

    def hold():
        with locked(path, wait_s=1):
            entered.set()
            time.sleep(0.2)

    holder = threading.Thread(target=hold)
    holder.start()
    entered.wait()
    with locked(path, wait_s=10):
        assert not holder.is_alive() or path.exists()
    holder.join()


@pytest.mark.parametrize(
    ("number", "seen"),
    [
        pytest.param(errno.ENOSPC, DiskFull, id="full"),
        pytest.param(errno.EDQUOT, DiskFull, id="quota"),
        pytest.param(errno.EIO, Unavailable, id="failing"),
        pytest.param(errno.EACCES, PermissionError, id="not a matter of the disk"),
    ],
)
def test_errors_of_the_disk_have_a_type_of_their_own(number, seen):
    with pytest.raises(seen), disk_errors():
        raise OSError(number, os.strerror(number))
