"""The bounds of plans."""

from dataclasses import replace

from analytics_pipelines.datasets.execution.platform import Platform
from analytics_pipelines_tests.conftest import settings_in


def test_the_bounds_come_from_the_settings(tmp_path):
    given = {"plan_memory_limit": "200 MB", "plan_timeout_s": 3.0, "max_upload_size": 1000}
    platform = Platform.of(settings_in(tmp_path / "home", **given))
    limits = platform.limits
    assert (limits.memory_bytes, limits.deadline_s, limits.largest_file_bytes) == (200_000_000, 3.0, 40_000)
    assert platform.engine_memory_bytes == 150_000_000
    caged = platform.limits_reading("/data/a", writes=("/data",))
    assert (caged.reads, caged.writes, limits.reads) == (("/data/a",), ("/data",), None)
    assert replace(caged, reads=None, writes=()) == limits
    platform.close()
