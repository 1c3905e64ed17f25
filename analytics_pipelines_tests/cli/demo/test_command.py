"""The demo from end to end, on a small tree; again, and with the real log."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from analytics_pipelines.catalog.tables import TABLES
from analytics_pipelines.cli.demo import plans, report, sql
from analytics_pipelines.foundation.processes import any_free_port

REAL_LOG = Path(__file__).parents[4] / "shared" / "data" / "apache_logs" / "apache_logs"
LOG = ("--log", str(REAL_LOG), "--site", "semicomplete") if REAL_LOG.exists() else ()
"""Where the real log is not beside the project, visitors come once more, and their events are known."""
LINES = 9_999


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


def test_every_table_has_rows_and_every_question_an_answer(tmp_path: Path, tree: Path) -> None:
    told = demo(tmp_path, "--path", str(tree))
    assert set(told["tables"]) == {table.name for table in TABLES}
    empty = {name for name, figures in told["tables"].items() if not figures["rows"]}
    assert empty == {"raw_web__late_events"}, "nobody in the demo sends an event days later"
    assert set(told["answers"]) == {*report.PATHS, plans.BY_TYPE, plans.OF_UPLOAD, sql.FOLDERS}
    assert len(told["answers"][sql.FOLDERS]["data"]) == 5
    assert told["tables"]["raw_fs__entries"]["partitions"] == 2
    assert list(tree.rglob("analytics-demo")) == []


@pytest.mark.long
def test_a_second_run_adds_nothing_and_a_third_only_the_log_it_is_given(tmp_path: Path, tree: Path) -> None:
    runs = [demo(tmp_path, "--path", str(tree), *more) for more in ((), (), LOG)]
    first, second, third = ({name: each["rows"] for name, each in run["tables"].items()} for run in runs)
    assert first == second
    added = LINES if LOG else 0
    for name, rows in third.items():
        if "_web__" not in name:
            assert rows == first[name]
    assert third["raw_web__events"] - first["raw_web__events"] == added
    assert third["core_web__events"] - first["core_web__events"] == added
    key = "/api/v1/analytics/items_by_user"
    assert all(run["answers"][key] == runs[0]["answers"][key] for run in runs)
