import pytest

from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.errors import DiskFull
from analytics_pipelines.foundation.home import Home
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines_tests.faults.small_disks import PAGE_BYTES, filled
from analytics_pipelines_tests.faults.small_disks import small_disk as mounted
from analytics_pipelines_tests.foundation.lake.example import DAY, DAYS, READINGS, generated

pytestmark = pytest.mark.fault
SIZE_BYTES = 2 << 20


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 2 MiB."""
    with mounted(tmp_path / "small disk", SIZE_BYTES) as folder:
        yield folder


@pytest.fixture
def lake(small_disk):
    lake = Lake.at(Home(small_disk / "home"), DuckLimits(memory_bytes=256_000_000, threads=1, temp_folder=None))
    yield lake
    lake.duck.close()


def test_a_full_disk_publishes_nothing_and_leaves_nothing_behind(lake):
    old = lake.replace(READINGS, DAY, generated(1))
    for day in (DAY, DAYS[2]):
        with pytest.raises(DiskFull, match="No space is left on the disk"):
            lake.replace(READINGS, day, generated(2, rows=500_000))
    assert lake.manifest(READINGS, DAY) == old
    assert lake.days(READINGS) == [DAY]
    assert [file.name for file in lake.root.rglob("*.parquet")] == ["data.parquet"]
    assert list(lake._staging.iterdir()) == []


def test_the_next_run_succeeds_once_there_is_space(lake, small_disk):
    lake.replace(READINGS, DAY, generated(1))
    with filled(small_disk, PAGE_BYTES), pytest.raises(DiskFull):
        lake.replace(READINGS, DAY, generated(2))
    assert lake.replace(READINGS, DAY, generated(2)) == lake.manifest(READINGS, DAY)


@pytest.mark.parametrize(
    "left_bytes", [pytest.param(pages * PAGE_BYTES, id=f"{pages} pages left") for pages in range(0, 24, 2)]
)
def test_the_disk_may_become_full_at_any_page_of_a_replacement(lake, small_disk, left_bytes):
    old = lake.replace(READINGS, DAY, generated(1))
    with filled(small_disk, left_bytes):
        try:
            expected = lake.replace(READINGS, DAY, generated(0, rows=100))
        except DiskFull:
            expected = old
    assert lake.manifest(READINGS, DAY) == expected
    assert lake.lazy(READINGS, [DAY]).collect().height == expected.rows
    assert list(lake._staging.iterdir()) == []
