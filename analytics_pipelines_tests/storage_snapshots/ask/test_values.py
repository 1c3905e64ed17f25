from datetime import UTC, datetime

import pytest

from analytics_pipelines.storage_snapshots.ask.fields import FIELDS
from analytics_pipelines.storage_snapshots.ask.values import BadValue, value_of


@pytest.mark.parametrize(
    ("field", "given", "expected"),
    [
        ("size", 10, 10),
        ("size", "10", 10),
        ("size", "10MB", 10_000_000),
        ("size", "1.5 GiB", 3 * 2**29),
        ("size_du", "2kib", 2048),
        ("mode", 0o644, 0o644),
        ("mode", "0644", 0o644),
        ("mode", "0o4000", 0o4000),
        ("mtime", "2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
        ("mtime", "2026-03-01T12:00:00+02:00", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("mtime", "2026-03-01T12:00:00Z", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("mtime", "2026-03-01T12:00", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("atime_age", 1.5, 1.5),
        ("atime_age", 30, 30.0),
        ("type", "d", "d"),
        ("atime_band", "older", "older"),
        ("has_error", True, True),
    ],
)
def test_a_value_is_read_as_its_field_has_it(field, given, expected):
    assert value_of(given, FIELDS[field], "/here") == expected


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("size", "10 potatoes"),
        ("size", "-1"),
        ("size", 1.5),
        ("size", True),
        ("size", 2**63),
        ("size", "99999999999999PB"),
        ("size", None),
        ("mode", "0999"),
        ("mode", -1),
        ("mtime", 17),
        ("mtime", "yesterday"),
        ("mtime", "2026-02-30"),
        ("mtime", "0001-01-01T00:00:00+14:00"),
        ("atime_age", "30"),
        ("atime_age", float("nan")),
        ("name", 5),
        ("name", "a\x00b"),
        ("name", "\ud800"),
        ("name", "x" * 5000),
        ("type", "folder"),
        ("mtime_band", "old"),
        ("has_error", 1),
    ],
)
def test_another_value_is_refused_by_where_it_stands(field, given):
    with pytest.raises(BadValue, match="^At /here: " + field):
        value_of(given, FIELDS[field], "/here")
