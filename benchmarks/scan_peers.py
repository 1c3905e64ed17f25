"""Our scan, its Parquet written, beside `du` and what else walks a tree; their time, and what ours takes of memory.

python -m benchmarks.scan_peers --tree / --runs 5
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil
import pyarrow.parquet as pq

from benchmarks.harness import Report, Timing, timed

GOALS = {"scan_to_du": "<= 1.5"}
BASE = "du -sx"
OURS = "analytics scan"
PEERS: Mapping[str, tuple[str, ...]] = {
    "ncdu -x -o": ("ncdu", "-0", "-x", "-o", "/dev/null"),
    "gdu -n -x": ("gdu", "-n", "-x", "-o", "/dev/null"),
}
SAMPLE_S = 0.02
MB = 1e6
RUNS = 5
PART = "usr"
"""The smaller tree, where the larger one is a machine's root."""


def scan_figures(tree: Path, *, runs: int = RUNS, show: bool = False) -> dict[str, float]:
    """Medians of all contenders on the same warm tree, in turn; peak memory at the tree and at a part of it.

    `scan_to_du` is our wall time over that of `du -sx`; `peak_mb_…` add up the resident memory of all our processes,
    pages that they share counted in each.
    """
    with tempfile.TemporaryDirectory(prefix="scan-peers-") as folder:
        home = Path(folder)
        timings = timed(contenders(tree, home), runs=runs)
        figures = seconds_of(timings) | sizes_of(home)
        figures |= {"peak_mb_large": peak_mb(scan_command(tree), home)}
        if (tree / PART).is_dir():
            figures |= {"peak_mb_small": peak_mb(scan_command(tree / PART), home)}
            figures |= {"entries_small": sizes_of(home)["entries"]}
        if show:
            Report("scan_peers").show(timings, BASE)
    return figures


def contenders(tree: Path, home: Path) -> dict[str, Callable[[], object]]:
    """What walks the tree, each as a process of its own, as a person would start it."""
    found: dict[str, Callable[[], object]] = {BASE: lambda: run(("du", "-sx", str(tree)), home)}
    found[OURS] = lambda: run(scan_command(tree), home)
    for name, command in PEERS.items():
        if shutil.which(command[0]):
            found[name] = peer(command, tree, home)
    return found


def peer(command: Sequence[str], tree: Path, home: Path) -> Callable[[], object]:
    """Runs another program on the tree."""
    return lambda: run((*command, str(tree)), home)


def scan_command(tree: Path) -> tuple[str, ...]:
    """Our scan, from the shell."""
    return sys.executable, "-m", "analytics_pipelines.cli.main", "scan", str(tree), "--share", "peers"


def run(command: Sequence[str], home: Path) -> None:
    """Run it to its end; names that go away meanwhile make `du` end with status 1, which is no failure."""
    environment = os.environ | {"ANALYTICS_HOME": str(home)}
    ended = subprocess.run(command, env=environment, capture_output=True, check=False)
    if ended.returncode > 1 or (ended.returncode and command[0] == sys.executable):
        raise subprocess.CalledProcessError(ended.returncode, command, ended.stdout, ended.stderr)


def peak_mb(command: Sequence[str], home: Path) -> float:
    """The most memory that the command and its children had at once."""
    environment = os.environ | {"ANALYTICS_HOME": str(home)}
    peak_bytes = 0
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        root = psutil.Process(process.pid)
        while process.poll() is None:
            peak_bytes = max(peak_bytes, resident_bytes(root))
            time.sleep(SAMPLE_S)
    return peak_bytes / MB


def resident_bytes(root: psutil.Process) -> int:
    """What a process and its children have in memory now."""
    total = 0
    with suppress(psutil.NoSuchProcess):
        for process in (root, *root.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                total += process.memory_info().rss
    return total


def seconds_of(timings: Mapping[str, Timing]) -> dict[str, float]:
    """Medians by name, and ours over that of `du`."""
    names = {BASE: "du_s", OURS: "scan_s"}
    seconds = {names.get(name, name.split()[0] + "_s"): timing.median_s for name, timing in timings.items()}
    return seconds | {"scan_to_du": timings[OURS].median_s / timings[BASE].median_s}


def sizes_of(home: Path) -> dict[str, float]:
    """Entries of the newest snapshot, and its bytes for each."""
    newest = max(home.glob("snapshots/*/peers.parquet"), key=lambda file: file.stat().st_mtime_ns)
    entries = pq.read_metadata(newest).num_rows
    return {"entries": entries, "bytes_per_entry": newest.stat().st_size / entries}


def main() -> None:
    """Measure, show, and tell the goals."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--tree", type=Path, default=Path("/"))
    options.add_argument("--runs", type=int, default=RUNS)
    given = options.parse_args()
    report = Report("scan_peers", goals=GOALS)
    report.figures |= scan_figures(given.tree, runs=given.runs, show=True)
    report.finish()


if __name__ == "__main__":
    main()
