import errno
import os

import pytest

from analytics_pipelines.foundation.errors import DiskFull, Unavailable
from analytics_pipelines.foundation.files import sha256_of
from analytics_pipelines_tests.foundation.lake.example import DAY, READINGS, generated, lake_at


def failing_from(call: int, number: int, real=os.fsync):
    """An `os.fsync` that works `call` times and then fails for good."""
    seen = []

    def fsync(descriptor):
        seen.append(descriptor)
        if len(seen) > call:
            raise OSError(number, os.strerror(number))
        real(descriptor)

    return fsync


def is_at_rest(lake, manifest) -> bool:
    """Whether data and manifest name each other."""
    return lake.manifest(READINGS, DAY) == manifest and sha256_of(lake.file(READINGS, DAY)) == manifest.sha256


@pytest.mark.parametrize(
    ("number", "error"),
    [pytest.param(errno.EIO, Unavailable, id="EIO"), pytest.param(errno.ENOSPC, DiskFull, id="ENOSPC")],
)
@pytest.mark.parametrize("call", [pytest.param(0, id="of the data"), pytest.param(1, id="of the manifest")])
def test_what_could_not_be_synced_is_not_published(lake, monkeypatch, call, number, error):
    old = lake.replace(READINGS, DAY, generated(1))
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", failing_from(call, number))
        with pytest.raises(error):
            lake.replace(READINGS, DAY, generated(2))
    assert is_at_rest(lake, old)
    assert list(lake._staging.iterdir()) == []


@pytest.mark.parametrize("call", [pytest.param(2, id="after the data"), pytest.param(3, id="after the manifest")])
def test_a_folder_that_can_not_be_synced_still_names_one_whole_partition(lake, monkeypatch, call):
    lake.replace(READINGS, DAY, generated(1))
    expected = lake_at(lake.root.parent / "undisturbed").replace(READINGS, DAY, generated(2))
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", failing_from(call, errno.EIO))
        with pytest.raises(Unavailable, match="The disk reported an error"):
            lake.replace(READINGS, DAY, generated(2))
    assert is_at_rest(lake, expected)


def test_a_swap_cut_between_data_and_manifest_is_finished_by_the_sweep(lake):
    lake.replace(READINGS, DAY, generated(1))
    with lake.stage(READINGS, DAY, generated(2)) as work:
        dead = lake._staging / "dead.writing"
        dead.mkdir()
        os.link(work.partition.manifest_file, dead / work.partition.manifest_file.name)
        os.replace(work.file, lake.file(READINGS, DAY))
        manifest = work.manifest
    assert not is_at_rest(lake, manifest)
    lake.sweep_staging()
    assert is_at_rest(lake, manifest)
    assert list(lake._staging.iterdir()) == []


def test_a_swap_that_had_not_begun_is_forgotten_by_the_sweep(lake):
    old = lake.replace(READINGS, DAY, generated(1))
    with lake.stage(READINGS, DAY, generated(2)) as work:
        dead = lake._staging / "dead.writing"
        dead.mkdir()
        for file in work.partition.folder.iterdir():
            os.link(file, dead / file.name)
    lake.sweep_staging()
    assert is_at_rest(lake, old)
    assert list(lake._staging.iterdir()) == []


def test_the_first_write_of_a_lake_sweeps(lake):
    dead = lake._staging / "dead.writing"
    dead.mkdir(parents=True)
    lake.replace(READINGS, DAY, generated(1))
    assert not dead.exists()
