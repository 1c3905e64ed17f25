import gzip
import os

import pytest

from analytics_pipelines.datasets.uploads.errors import BrokenArchive, TooLargeUnpacked
from analytics_pipelines.datasets.uploads.limits import UploadLimits
from analytics_pipelines.datasets.uploads.unpack import is_gzip, unpacked

LIMITS = UploadLimits(unpacked_bytes=3_000_000)
NOISE = os.urandom(100_000)


def test_gzip_is_known_by_its_first_bytes() -> None:
    assert is_gzip(gzip.compress(b""))
    assert not is_gzip(b"\x1f,\x8b")


def test_members_and_padding_are_unpacked_as_one() -> None:
    assert unpacked(gzip.compress(b"a,b\n") + gzip.compress(b"1,2\n") + bytes(10), LIMITS) == b"a,b\n1,2\n"


def test_what_may_just_be_unpacked_is() -> None:
    content = NOISE * 30
    assert unpacked(gzip.compress(content, 1), LIMITS) == content
    with pytest.raises(TooLargeUnpacked, match="3,000,000 unpacked bytes"):
        unpacked(gzip.compress(content + b"1", 1), LIMITS)


def test_small_tables_may_be_as_repetitive_as_they_are() -> None:
    assert len(unpacked(gzip.compress(b"0" * 2**20), LIMITS)) == 2**20
    with pytest.raises(TooLargeUnpacked, match="200 times"):
        unpacked(gzip.compress(b"0" * (2**20 + 1)), LIMITS)


@pytest.mark.parametrize("cut", [3, 11, 500, 100_000])
def test_an_archive_that_is_cut_is_named(cut: int) -> None:
    with pytest.raises(BrokenArchive, match="broken"):
        unpacked(gzip.compress(NOISE)[:cut], LIMITS)
