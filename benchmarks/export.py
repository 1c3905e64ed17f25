"""The product export beside what else copies PostgreSQL into Parquet: time, memory, and what the source feels of it.

python -m benchmarks.export --rows 2000000 --runs 3            (needs the extra `bench`)
python -m benchmarks.export --peers none --large 20000000      memory at ten times the rows
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import sleep

from rich.console import Console
from rich.table import Table

from analytics_pipelines.foundation.postgres.urls import DatabaseUrls, conninfo
from benchmarks.export_contenders.whole_run import contender
from benchmarks.export_source import grown_to, one_in_a_hundred_changed, source
from benchmarks.harness import Report

GOALS = {
    "export_to_copy": "<= 1.3",
    "fastest_peer_to_export": ">= 1.0",
    "peak_mb": "<= 500",
    "exact_verification_to_export": "<= 2.0",
    "changes_to_export": "<= 0.15",
    "probe_p99_ms": "<= 5.0",
}
"""Of the whole run, summed up by the source, checked and published; its peers only read and write."""
BASE, READING, EXPORT, EXACTLY = (
    "COPY binary to nowhere",
    "analytics export, reading only",
    "analytics export",
    "analytics export, every value compared",
)
PEERS = {
    "ADBC and pyarrow": "adbc_pyarrow",
    "Polars and connectorx": "polars_connectorx",
    "dlt (connectorx)": "dlt_connectorx",
    "pandas chunks": "pandas_chunks",
}
MODULES = {BASE: "copy_binary", READING: "reading", EXPORT: "whole_run", EXACTLY: "whole_run"} | PEERS
SURROUNDINGS = {EXACTLY: {"EXPORT_BENCHMARK_EXACTLY": "yes"}}
DUTY_PCT = 50
PROBE_S = 12.0
SETTLES_S = 5.0
ROWS, RUNS = 2_000_000, 3


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds and peak memory of each run of one contender."""

    seconds: tuple[float, ...]
    peaks_mb: tuple[float, ...]

    @property
    def median_s(self) -> float:
        """The middle run."""
        return statistics.median(self.seconds)

    @property
    def peak_mb(self) -> float:
        """The most of all runs."""
        return max(self.peaks_mb)


def taken(urls: DatabaseUrls, names: Sequence[str], *, runs: int, rows: int) -> dict[str, Took]:
    """All contenders in turn, so that noise hits all alike; raises `RuntimeError` for one that loses rows."""
    found: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    for _ in range(runs):
        for name in names:
            with tempfile.TemporaryDirectory(prefix="export-") as folder:
                told = run(name, urls, Path(folder))
            if told["rows"] != rows:
                raise RuntimeError(f"{name} gave {told['rows']} rows instead of {rows}")
            found[name].append(told)
    return {
        name: Took(tuple(each["seconds"] for each in all_runs), tuple(each["peak_mb"] for each in all_runs))
        for name, all_runs in found.items()
    }


def run(name: str, urls: DatabaseUrls, folder: Path, **environment: str) -> dict[str, float]:
    """One run in a process of its own."""
    command = (sys.executable, "-m", "benchmarks.export_contenders", MODULES[name], str(folder))
    told = told_by(command, urls, **SURROUNDINGS.get(name, {}), **environment)
    return {key: float(value) for key, value in told.items()}


def told_by(command: Sequence[str], urls: DatabaseUrls, **environment: str) -> dict[str, float]:
    """The last line that the command prints, as JSON."""
    surroundings = os.environ | {"EXPORT_BENCHMARK_URL": conninfo(urls.owner)} | environment
    ended = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise RuntimeError(" ".join(command[2:4]) + ": " + ended.stderr[-2000:])
    told: dict[str, float] = json.loads(ended.stdout.splitlines()[-1])
    return told


def figures_of(took: Mapping[str, Took]) -> dict[str, float]:
    """Ratios that the goals name, and the peak of ours."""
    base, reading, export = took[BASE].median_s, took[READING].median_s, took[EXPORT].median_s
    found = {
        "copy_s": base,
        "reading_s": reading,
        "export_s": export,
        "reading_to_copy": reading / base,
        "export_to_copy": export / base,
        "exact_run_to_export": took[EXACTLY].median_s / export,
        "exact_verification_to_export": (took[EXACTLY].median_s - export) / export,
        "peak_mb": took[EXPORT].peak_mb,
        "exact_peak_mb": took[EXACTLY].peak_mb,
    }
    peers = [took[name].median_s for name in PEERS if name in took]
    if peers:
        found |= {"fastest_peer_to_reading": min(peers) / reading, "fastest_peer_to_export": min(peers) / export}
    return found


def changes_figures(urls: DatabaseUrls, *, runs: int) -> dict[str, float]:
    """A first day as a whole, then days on each of which one percent changed."""
    first = datetime.now(UTC).date()
    with tempfile.TemporaryDirectory(prefix="export-") as folder:
        days = [(first + timedelta(days=number)).isoformat() for number in range(runs + 1)]
        whole = run(EXPORT, urls, Path(folder), EXPORT_BENCHMARK_MODE="incremental", EXPORT_BENCHMARK_DAY=days[0])
        seconds = []
        for number, day in enumerate(days[1:]):
            one_in_a_hundred_changed(urls, number)
            changed = run(EXPORT, urls, Path(folder), EXPORT_BENCHMARK_MODE="incremental", EXPORT_BENCHMARK_DAY=day)
            seconds.append(changed["seconds"])
    changes_s = statistics.median(seconds)
    return {"whole_s": whole["seconds"], "changes_s": changes_s, "changes_to_export": changes_s / whole["seconds"]}


def probe_figures(urls: DatabaseUrls) -> dict[str, float]:
    """What an application feels: alone, beside the throttled export, and beside one at full speed."""
    # What the filling of the tables left to be written would be felt by the first probe.
    os.sync()
    sleep(SETTLES_S)
    idle = told_by((sys.executable, "-m", "benchmarks.export_probe", str(PROBE_S)), urls)
    throttled, full = beside(urls, DUTY_PCT), beside(urls, 100)
    return {
        "probe_idle_p99_ms": idle["p99_ms"],
        "probe_p99_ms": throttled["p99_ms"],
        "probe_full_p99_ms": full["p99_ms"],
    }


def beside(urls: DatabaseUrls, duty_pct: int) -> dict[str, float]:
    """The probe while exports run one after another."""
    with tempfile.TemporaryDirectory(prefix="export-") as folder:
        command = (sys.executable, "-m", "benchmarks.export", "--forever", folder)
        surroundings = os.environ | {"EXPORT_BENCHMARK_URL": conninfo(urls.owner), "EXPORT_DUTY_PCT": str(duty_pct)}
        with subprocess.Popen(command, env=surroundings, stdout=subprocess.PIPE) as exporting:
            try:
                if exporting.stdout:
                    exporting.stdout.readline()
                sleep(1.0)
                return told_by((sys.executable, "-m", "benchmarks.export_probe", str(PROBE_S)), urls)
            finally:
                exporting.kill()
                with suppress(subprocess.TimeoutExpired):
                    exporting.wait(10)


def forever(folder: Path) -> None:
    """Export again and again, once imports are done and a line is printed."""
    exporting = contender(os.environ["EXPORT_BENCHMARK_URL"], folder)
    print("begins", flush=True)
    while True:
        exporting()


def show(took: Mapping[str, Took]) -> None:
    """Medians, ratios and peaks, for people."""
    table = Table(box=None)
    for column in ("contender", "median s", "ratio", "peak MB"):
        table.add_column(column, justify="left" if column == "contender" else "right")
    for name, found in took.items():
        ratio = found.median_s / took[BASE].median_s
        table.add_row(name, f"{found.median_s:.2f}", f"{ratio:.2f}", f"{found.peak_mb:.0f}")
    Console(width=100).print(table)


def main() -> None:
    """Measure, show, and tell the goals."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", type=int, default=ROWS)
    options.add_argument("--runs", type=int, default=RUNS)
    options.add_argument("--peers", choices=("all", "none"), default="all")
    options.add_argument("--large", type=int, help="also the peak of memory at so many rows")
    options.add_argument("--forever", type=Path, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.forever:
        forever(given.forever)
    report = Report("export", goals=GOALS)
    with source(given.rows) as urls:
        names = [name for name in MODULES if given.peers == "all" or name not in PEERS]
        took = taken(urls, names, runs=given.runs, rows=given.rows)
        show(took)
        report.figures |= figures_of(took) | probe_figures(urls) | changes_figures(urls, runs=given.runs)
        if given.large:
            grown_to(urls, given.large)
            large = taken(urls, [EXPORT], runs=1, rows=given.large)
            report.figures |= {"peak_mb_large": large[EXPORT].peak_mb, "export_large_s": large[EXPORT].median_s}
    report.finish()


if __name__ == "__main__":
    main()
