"""What snapshots of millions of entries cost: `uv run --extra bench python -m benchmarks.storage`.

A real tree is scanned beside `du`; the scan is replicated to some 5 million entries with distinct names, on two days.
Measured are the day's rollup, the comparison of both days, publishing, and then questions over HTTP: 8 clients that ask
again as soon as they are answered, each time something else, with answers kept nowhere. `--entries 500000 20000000`
measures other sizes, `--tree` another tree, `--home` keeps what was made, `--picture` draws cost against size.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from analytics_pipelines.catalog.tables import HOT, TABLES
from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.generation import Lease
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.settings import Settings, child_environment, load
from analytics_pipelines.serving.build import build_generation
from analytics_pipelines.storage_snapshots.scanner.scan import scan
from benchmarks.harness import Report
from benchmarks.load import Load
from benchmarks.replicate import SHARE, replicate
from benchmarks.scan_peers import scan_figures
from benchmarks.server import served
from benchmarks.storage_days import DAYS, Days, make_days
from benchmarks.storage_picture import draw
from benchmarks.storage_questions import QUESTIONS, questions

ENTRIES = 5_000_000
CLIENTS = 8
SECONDS = 8.0
SPARE_S = 120.0
GOALS = {
    "scan_to_du": "<= 1.5",
    "rollup_s": "<= 15",
    "summary_p95_ms": "<= 10",
    "listing_p95_ms": "<= 10",
    "substring_p95_ms": "<= 100",
    "regex_p95_ms": "<= 100",
    "top_100_p95_ms": "<= 10",
    "compare_p95_ms": "<= 50",
    "compare_cold_s": "<= 5",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """One size: seconds of the work, and what the questions saw."""

    entries: int
    days: Days
    publish_s: float
    asked: Mapping[str, Load]

    @property
    def figures(self) -> dict[str, float]:
        """The figures by name."""
        latencies = {name + "_p95_ms": load.p95_ms for name, load in self.asked.items()}
        rates = {name + "_per_s": load.per_second for name, load in self.asked.items()}
        work = {"ingest_s": self.days.ingest_s, "rollup_s": self.days.rollup_s, "publish_s": self.publish_s}
        return work | {"compare_cold_s": self.days.compare_s, "entries": self.entries} | latencies | rates


def main() -> None:
    """Print the figures; those of the first size are held against the goals."""
    given = arguments()
    report = Report("storage", GOALS)
    with working_folder(given.home) as folder:
        report.figures |= scan_figures(given.tree)
        scanned = scan(given.tree, "scanned", DAYS[0], folder / "scanned").file
        sizes = []
        for entries in given.entries:
            sizes.append(measured(scanned, folder / str(entries), entries))
            if not given.home:
                shutil.rmtree(folder / str(entries))
    show(sizes)
    if given.picture:
        draw([each.figures for each in sizes], given.picture)
    report.figures |= sizes[0].figures
    report.finish()


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, nargs="+", default=[ENTRIES])
    parser.add_argument("--tree", type=Path, default=Path("/"))
    parser.add_argument("--home", type=Path, default=None)
    parser.add_argument("--picture", type=Path, default=None)
    return parser.parse_args()


@contextmanager
def working_folder(home: Path | None) -> Iterator[Path]:
    """The folder given, or one that goes away."""
    if home:
        yield home
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def measured(scanned: Path, home: Path, entries: int) -> Measured:
    """Everything at one size, in a home of its own."""
    settings = load(analytics_home=home)
    limits = DuckLimits.of(settings)
    made = replicate(scanned, settings.snapshots_folder, entries, DAYS, limits)
    lake = Lake.at(settings.home, limits)
    try:
        days = make_days(lake, settings.snapshots_folder)
        started_s = time.perf_counter()
        built = build_generation(settings, lake, TABLES, hot=HOT)
        publish_s = time.perf_counter() - started_s
    finally:
        lake.duck.close()
    return Measured(made.entries, days, publish_s, asked(settings, built.folder))


def asked(settings: Settings, generation: Path) -> dict[str, Load]:
    """Each kind of question under the load."""
    lease = Lease.open(generation, settings)
    paths = {kind: questions(lease, kind) for kind in QUESTIONS}
    lease.close()
    environment = child_environment(settings, LOG_LEVEL="WARNING", CACHE_MAX_BYTES="0")
    with served(environment, lists_snapshots, workers=2) as port:
        return {kind: under_load(settings, port, kind, found) for kind, found in paths.items()}


def lists_snapshots(url: str) -> bool:
    """Whether the API serves the generation."""
    return httpx.get(url + "/api/snapshots/latest", timeout=10).is_success


def under_load(settings: Settings, port: int, kind: str, paths: Sequence[str]) -> Load:
    """What the clients, a process of their own, saw; raises `AssertionError` when a question failed."""
    file = settings.home.path / (kind + ".txt")
    file.write_text("\n".join(paths), encoding="ascii")
    given = ("--seconds", str(SECONDS), "--connections", str(CLIENTS), "--paths", str(file))
    command = (sys.executable, "-m", "benchmarks.load", str(port), *given)
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=SECONDS + SPARE_S)
    found = Load(**json.loads(done.stdout))
    if found.failed or not found.measured:
        raise AssertionError(f"{kind}: {found.measured} answered, {found.failed} failed")
    return found


def show(sizes: Sequence[Measured]) -> None:
    """A column a size, for people."""
    table = Table(box=None)
    table.add_column("")
    for each in sizes:
        table.add_column(f"{each.entries:,} entries", justify="right")
    for name in sizes[0].figures:
        table.add_row(name, *(f"{each.figures[name]:,.1f}" for each in sizes))
    console = Console(width=100)
    console.print(f"storage: share {SHARE!r}, {CLIENTS} clients, days {DAYS[0]} and {DAYS[1]}")
    console.print(table)


if __name__ == "__main__":
    main()
