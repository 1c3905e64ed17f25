"""The demo from end to end, twice, on a small tree and the real log."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from analytics_pipelines.catalog.tables import TABLES
from analytics_pipelines.cli.demo import report
from analytics_pipelines.foundation.processes import any_free_port

REAL_LOG = Path(__file__).parents[4] / "shared" / "data" / "apache_logs" / "apache_logs"


def demo(folder: Path, *arguments: str) -> dict:
    """Run it as a user does; what it wrote into `demo.json`."""
    home = folder / "my home"
    environment = {**os.environ, "ANALYTICS_HOME": str(home), "API_PORT": str(any_free_port("127.0.0.1"))}
    command = [sys.executable, "-m", "analytics_pipelines.cli.main", "demo", "--no-serve", *arguments]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=240, cwd=folder, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads((home / "demo.json").read_text())


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small tree to scan."""
    for number in range(20):
        file = tmp_path / "tree" / f"folder {number % 4}" / f"file {number}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x" * 1000 * number)
    return tmp_path / "tree"


def test_a_second_run_adds_nothing(tmp_path: Path, tree: Path) -> None:
    first = demo(tmp_path, "--path", str(tree))
    assert set(first["tables"]) == {table.name for table in TABLES}
    empty = {name for name, figures in first["tables"].items() if not figures["rows"]}
    assert empty == {"raw_web__late_events"}, "nobody in the demo sends an event days later"
    assert set(first["answers"]) == set(report.PATHS)
    assert first["tables"]["raw_fs__entries"]["partitions"] == 2
    second = demo(tmp_path, "--path", str(tree))
    rows = [{name: each["rows"] for name, each in run["tables"].items()} for run in (first, second)]
    assert rows[0] == rows[1]
    key = "/api/v1/analytics/items_by_user"
    assert first["answers"][key] == second["answers"][key]
    assert list(tree.rglob("analytics-demo")) == []


@pytest.mark.skipif(not REAL_LOG.exists(), reason="the real access log is not beside the project")
def test_a_log_that_is_given_is_imported_whole(tmp_path: Path, tree: Path) -> None:
    told = demo(tmp_path, "--path", str(tree), "--log", str(REAL_LOG), "--site", "semicomplete")
    assert told["tables"]["raw_web__events"] == told["tables"]["raw_web__events"] | {"rows": 9_999, "partitions": 4}
    assert told["tables"]["core_web__events"]["rows"] == 9_999
