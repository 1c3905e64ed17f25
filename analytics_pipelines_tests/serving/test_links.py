"""A link is exactly what the manifest names, or an error that says why not."""

import errno
import os

import pytest

from analytics_pipelines.foundation.errors import SetupError
from analytics_pipelines.serving.links import DamagedPartition, PartitionMoved, link_partition
from analytics_pipelines_tests.generations import DAY, SALES, write


@pytest.fixture
def manifest(lake):
    write(lake, SALES, DAY, 1)
    return lake.manifest(SALES, DAY)


def test_a_link_shares_the_file(lake, manifest, tmp_path):
    link_partition(lake, SALES, manifest, tmp_path / "deep" / "linked.parquet")
    assert (tmp_path / "deep" / "linked.parquet").samefile(lake.file(SALES, DAY))


def test_a_replaced_partition_is_noticed(lake, manifest, tmp_path):
    write(lake, SALES, DAY, 2)
    with pytest.raises(PartitionMoved):
        link_partition(lake, SALES, manifest, tmp_path / "linked.parquet")


def test_a_flipped_bit_is_noticed(lake, manifest, tmp_path):
    file = lake.file(SALES, DAY)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.chmod(0o644)
    file.write_bytes(content)
    with pytest.raises(DamagedPartition):
        link_partition(lake, SALES, manifest, tmp_path / "linked.parquet")


def test_a_truncated_file_is_noticed(lake, manifest, tmp_path):
    file = lake.file(SALES, DAY)
    file.chmod(0o644)
    os.truncate(file, manifest.size_bytes - 1)
    with pytest.raises(DamagedPartition):
        link_partition(lake, SALES, manifest, tmp_path / "linked.parquet")


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        pytest.param(errno.EXDEV, SetupError, id="two file systems are a mistake of the set-up"),
        pytest.param(errno.EACCES, PermissionError, id="other errors stay what they are"),
    ],
)
def test_a_link_that_is_refused_says_why(lake, manifest, monkeypatch, number, kind):
    def refuse(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "link", refuse)
    with pytest.raises(kind):
        link_partition(lake, SALES, manifest, lake.root.parent / "linked.parquet")
