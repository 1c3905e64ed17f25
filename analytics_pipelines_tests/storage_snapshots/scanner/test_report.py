import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from analytics_pipelines.storage_snapshots.scanner.report import ScanReport
from analytics_pipelines_tests.storage_snapshots.trees import DAY

STARTED_AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
COUNTED = ("entries", "files", "directories", "others", "errors", "vanished", "other_filesystems", "hashed_files")
MEASURED = ("workers", "size_bytes", "allocated_bytes", "hashed_bytes", "capacity_bytes", "available_bytes")
NUMBERS = dict.fromkeys([*COUNTED, *MEASURED], 7)


def test_a_report_tells_all_but_its_place():
    ended_at = STARTED_AT + timedelta(seconds=1.5)
    report = ScanReport(
        share="s",
        day=DAY,
        root="/",
        mode="metadata",
        columns=("path",),
        started_at=STARTED_AT,
        ended_at=ended_at,
        sha256="0",
        file=Path("/x"),
        **NUMBERS,
    )
    told = json.loads(report.to_json())
    assert report.duration_s == 1.5
    assert told["started_at"] == "2026-03-01T12:00:00+00:00"
    assert told == told | NUMBERS | {"day": "2026-03-01", "columns": ["path"]}
    assert "file" not in told
