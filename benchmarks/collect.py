"""How many events a second become durable: `uv run --extra bench python -m benchmarks.collect`.

PostgreSQL, the API and the load share the machine. Single events over HTTP are measured beside the older design
(a SQLAlchemy session and one commit an event); batches of 500 in the store are measured beside a bare COPY of the
same rows, with few known ids and with ten million. Every acknowledged event is looked for in the log afterwards.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
from rich.console import Console
from rich.table import Table

from analytics_pipelines.foundation.postgres.embedded import running_database
from analytics_pipelines.foundation.postgres.urls import DatabaseUrls, conninfo
from analytics_pipelines.foundation.settings import Settings, child_environment, load
from benchmarks.batches import batch_figures
from benchmarks.harness import Report
from benchmarks.load import Load
from benchmarks.older_collect import URL
from benchmarks.server import API, served

RUNS = 3
SECONDS = 6.0
SPARE_S = 60.0
CONNECTIONS = 64
GOALS = {
    "events_per_s": ">= 4000",
    "p99_ms": "<= 100",
    "times_older_design": ">= 10",
    "two_workers_events_per_s": ">= 5500",
    "batch_of_500_to_copy": ">= 0.4",
    "batch_of_500_to_copy_over_10m_ids": ">= 0.25",
}
OLDER, ONE, TWO = "older design", "one worker", "two workers"


@dataclass(frozen=True, slots=True)
class Server:
    """An application under uvicorn."""

    app: str
    workers: int
    environment: dict[str, str]


def main() -> None:
    """Print the figures."""
    report = Report("collect", GOALS)
    with tempfile.TemporaryDirectory() as folder:
        settings = load(analytics_home=Path(folder))
        with running_database(settings) as urls:
            server_figures(report, settings, urls)
            batch_figures(report, urls)
    report.finish()


def server_figures(report: Report, settings: Settings, urls: DatabaseUrls) -> None:
    """The three servers in turn, several times over."""
    runs = driven(servers(settings, urls), conninfo(urls.owner))
    show(runs)
    rates = {name: statistics.median(run.per_second for run in found) for name, found in runs.items()}
    report.figures |= {
        "events_per_s": rates[ONE],
        "p99_ms": statistics.median(run.p99_ms for run in runs[ONE]),
        "times_older_design": rates[ONE] / rates[OLDER],
        "two_workers_events_per_s": rates[TWO],
        "two_workers_p99_ms": statistics.median(run.p99_ms for run in runs[TWO]),
        "older_design_events_per_s": rates[OLDER],
    }


def servers(settings: Settings, urls: DatabaseUrls) -> dict[str, Server]:
    """The contenders by name; the older design has as many threads and connections as its frameworks give it."""
    older = {**os.environ, URL: urls.owner.replace("postgresql://", "postgresql+psycopg://", 1)}
    ours = child_environment(settings, LOG_LEVEL="WARNING")
    return {
        OLDER: Server("benchmarks.older_collect:create_app", 1, older),
        ONE: Server(API, 1, ours),
        TWO: Server(API, 2, ours),
    }


def driven(contenders: dict[str, Server], owner: str) -> dict[str, list[Load]]:
    """Each server under the load, `RUNS` times over; raises `AssertionError` when an acknowledged event is gone."""
    runs: dict[str, list[Load]] = {name: [] for name in contenders}
    for run in range(RUNS):
        for name, server in contenders.items():
            prefix = f"{name.split()[0]}-{run}"
            with served(server.environment, takes_events, app=server.app, workers=server.workers) as port:
                found = under_load(port, prefix)
            must_be_stored(owner, "older_event" if name == OLDER else "web_events.event_log", prefix, found)
            runs[name].append(found)
    return runs


def takes_events(url: str) -> bool:
    """Whether an event is taken."""
    return httpx.post(url + "/collect", json={"siteId": "bench"}, timeout=5).is_success


def under_load(port: int, prefix: str) -> Load:
    """What the load, a process of its own, saw."""
    given = ("--seconds", str(SECONDS), "--connections", str(CONNECTIONS), "--prefix", prefix)
    command = (sys.executable, "-m", "benchmarks.load", str(port), *given)
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=SECONDS + SPARE_S)
    return Load(**json.loads(done.stdout))


def must_be_stored(owner: str, table: str, prefix: str, found: Load) -> None:
    """Every acknowledged event is a row."""
    schema, _, name = table.rpartition(".")
    counted = psycopg.sql.SQL("SELECT count(*) FROM {} WHERE event_id LIKE {}").format(
        psycopg.sql.Identifier(*filter(None, (schema, name))), psycopg.sql.Literal(prefix + "-%")
    )
    with psycopg.connect(owner) as connection:
        row = connection.execute(counted).fetchone()
    stored = row[0] if row else 0
    if found.failed or stored < found.acknowledged:
        raise AssertionError(f"{prefix}: {found.acknowledged} acknowledged, {stored} stored, {found.failed} failed")


def show(runs: dict[str, list[Load]]) -> None:
    """The servers with their medians, for people."""
    table = Table(box=None, title="single events, durable before the answer", title_justify="left")
    for column in ("server", "events/s", "p50 ms", "p99 ms", "times older"):
        table.add_column(column, justify="left" if column == "server" else "right")
    base = statistics.median(run.per_second for run in runs[OLDER])
    for name, found in runs.items():
        rate, p50, p99 = (
            statistics.median(values)
            for values in zip(*((run.per_second, run.p50_ms, run.p99_ms) for run in found), strict=True)
        )
        table.add_row(name, f"{rate:,.0f}", f"{p50:.1f}", f"{p99:.1f}", f"{rate / base:.1f}")
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
