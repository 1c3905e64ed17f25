"""What plans cost: `uv run python -m benchmarks.plans`.

A CSV of 10 MB is uploaded over HTTP until its first result is there; then plans over 10 million rows of a table of the
lake, whole requests with checking, a process of its own and the record of it, beside pandas and Polars over the same
Parquet files. Plans run on one thread, so that their sums repeat; pandas and Polars take what they want.
"""

import io
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import polars as pl

from analytics_pipelines.accounts.users import create_admin
from analytics_pipelines.datasets.execution.asked import checked
from analytics_pipelines.datasets.lake_tables import subject_of_table
from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.generation import GenerationFolders
from analytics_pipelines.foundation.generation.lease import open_current
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines.foundation.postgres.embedded import running_database
from analytics_pipelines.foundation.select import Select
from analytics_pipelines.foundation.settings import Settings, child_environment, load
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.foundation.tables import Column, Table, Type
from analytics_pipelines.serving.build import build_generation
from benchmarks.harness import Report, Timing, timed
from benchmarks.load import HOST
from benchmarks.server import served

ROWS = 10_000_000
DAYS = 10
RUNS = 5
FIRST_DAY = date(2026, 11, 1)
CSV_BYTES = 10_400_000
PASSWORD = "a-password-of-the-benchmark"  # noqa: S105 - of a server that lives as long as the benchmark
CHECKS = 200
GOALS = {
    "validation_ms": "<= 5",
    "aggregate_ms": "<= 300",
    "slowest_aggregate_ms": "<= 300",
}
ORDERS = Table(
    name="core_bench__orders",
    room="bench",
    grain="one order",
    partition="day of the order",
    key=("order_id",),
    columns=(
        Column(name="order_date", type=Type.DATE, meaning="Day."),
        Column(name="order_id", type=Type.INT, meaning="Number."),
        Column(name="country", type=Type.TEXT, meaning="Where to."),
        Column(name="product", type=Type.TEXT, meaning="What."),
        Column(name="quantity", type=Type.INT, meaning="How many."),
        Column(name="amount", type=Type.DOUBLE, meaning="Price.", unit=""),
    ),
)
MADE = Sql(
    "SELECT $day AS order_date, range + $from AS order_id, 'country ' || CAST(range * 31 % 25 AS VARCHAR) AS country, "
    "'product ' || CAST(range * 7919 % 1000 AS VARCHAR) AS product, range * 17 % 9 + 1 AS quantity, "
    "CAST(range * 104729 % 999983 AS DOUBLE) / 100 AS amount FROM range($rows)"
)
Contender = Callable[[], object]


def plan(**fields: object) -> dict[str, Any]:
    """A plan over the table of orders."""
    return {"table": ORDERS.name, "plan": fields}


PLANS: dict[str, tuple[dict[str, Any], Callable[[pl.LazyFrame], object], Callable[[pd.DataFrame], object]]] = {
    "mean of a column": (
        plan(operation="mean", target_column="amount"),
        lambda frame: frame.select(pl.col("amount").mean()).collect(),
        lambda frame: frame["amount"].mean(),
    ),
    "sum by country": (
        plan(operation="sum", target_column="quantity", group_by=["country"]),
        lambda frame: frame.group_by("country").agg(pl.col("quantity").sum()).sort("country").collect(),
        lambda frame: frame.groupby("country")["quantity"].sum(),
    ),
    "three measures by day, filtered": (
        plan(
            measures=[
                {"operation": "count"},
                {"operation": "sum", "column": "quantity"},
                {"operation": "max", "column": "quantity"},
            ],
            time_column="order_date",
            bucket="day",
            filters=[{"column": "country", "operator": "==", "value": "country 7"}],
        ),
        lambda frame: (
            frame.filter(pl.col("country") == "country 7")
            .group_by("order_date")
            .agg(pl.len(), pl.col("quantity").sum(), pl.col("quantity").max().alias("most"))
            .sort("order_date")
            .collect()
        ),
        lambda frame: (
            frame[frame["country"] == "country 7"].groupby("order_date")["quantity"].agg(["size", "sum", "max"])
        ),
    ),
}
COLUMNS = {
    "mean of a column": ["amount"],
    "sum by country": ["country", "quantity"],
    "three measures by day, filtered": ["order_date", "country", "quantity"],
}


def main() -> None:
    """Print the figures."""
    report = Report("plans", GOALS)
    with tempfile.TemporaryDirectory() as folder:
        settings = load(analytics_home=Path(folder), execution_limit_per_hour=100_000, upload_limit_per_hour=1000)
        files = make_lake(settings)
        report.figures["validation_ms"] = validation_ms(settings)
        with running_database(settings) as urls:
            database = Database(urls.app, name="bench", settings=settings)
            create_admin(database, email="bench@example.com", username="bench", password=PASSWORD)
            database.close()
            with client(settings) as asked:
                upload_figures(report, asked)
                plan_figures(report, asked, files)
    report.finish()


def make_lake(settings: Settings) -> list[Path]:
    """Ten days of a million orders each, published; the files."""
    lake = Lake.at(settings.home, DuckLimits.of(settings))
    each = ROWS // DAYS
    for number in range(DAYS):
        day = FIRST_DAY + timedelta(days=number)
        lake.replace(ORDERS, day, Select(MADE, values={"day": day, "from": number * each, "rows": each}))
    files = [lake.file(ORDERS, FIRST_DAY + timedelta(days=number)) for number in range(DAYS)]
    build_generation(settings, lake, [ORDERS])
    lake.duck.close()
    return files


def validation_ms(settings: Settings) -> float:
    """Milliseconds that checking a plan against a table takes, the middle of many."""
    lease = open_current(GenerationFolders.of(settings.home), settings)
    assert lease is not None  # noqa: S101 - it was published
    subject = subject_of_table(lease, ORDERS.name)
    found = []
    for sent, _, _ in list(PLANS.values()) * CHECKS:
        started_s = time.perf_counter()
        checked(sent["plan"], subject, sees_personal=True)
        found.append(time.perf_counter() - started_s)
    lease.close()
    return statistics.median(found) * 1000


@contextmanager
def client(settings: Settings) -> Iterator[httpx.Client]:
    """A client of a running API, logged in."""
    environment = child_environment(settings, LOG_LEVEL="WARNING")
    with served(environment, lambda url: httpx.get(url + "/health", timeout=5).is_success) as port:
        url = f"http://{HOST}:{port}"
        given = {"username": "bench", "password": PASSWORD}
        token = httpx.post(url + "/api/auth/login", json=given, timeout=60).raise_for_status().json()["access_token"]
        with httpx.Client(base_url=url, timeout=120, headers={"Authorization": "Bearer " + token}) as found:
            found.get("/api/analytics/tables").raise_for_status()
            yield found


def upload_figures(report: Report, asked: httpx.Client) -> None:
    """From the first byte of an upload of 10 MB to the first number of it."""
    content = csv()
    uploads, results = [], []
    for run in range(RUNS + 1):
        started_s = time.perf_counter()
        files = {"file": ("orders.csv", content, "text/csv")}
        session = asked.post("/api/analytics/upload", files=files).raise_for_status().json()["session_id"]
        uploaded_s = time.perf_counter()
        answer = execute(asked, {"session_id": session, "plan": {"operation": "mean", "target_column": "amount"}})
        assert answer["filtered_row_count"] == content.count(b"\n") - 1  # noqa: S101 - or the figure is of something else
        if run:
            uploads.append(uploaded_s - started_s)
            results.append(time.perf_counter() - started_s)
    frame = timed({"pandas": partial(with_pandas, content)}, runs=RUNS)
    report.show({"upload": Timing(tuple(uploads)), "upload to first result": Timing(tuple(results)), **frame}, "pandas")
    report.figures |= {
        "upload_10_mb_s": statistics.median(uploads),
        "upload_to_first_result_s": statistics.median(results),
    }


def with_pandas(content: bytes) -> float:
    """The same number, read and computed in this process."""
    return float(pd.read_csv(io.BytesIO(content))["amount"].mean())


def csv() -> bytes:
    """Orders as a client would send them."""
    chance = random.Random(6)
    lines = ["order_id,ordered_at,country,product,quantity,amount\n"]
    size = 0
    while size < CSV_BYTES:
        number = len(lines)
        line = (
            f"{number},2026-11-{number % 28 + 1:02}T{number % 24:02}:{number % 60:02}:00Z,country {number % 25},"
            f'"product, {number % 1000}",{chance.randint(1, 9)},{chance.random() * 1000:.2f}\n'
        )
        lines.append(line)
        size += len(line)
    return "".join(lines).encode()


def plan_figures(report: Report, asked: httpx.Client, files: list[Path]) -> None:
    """Each plan beside pandas and Polars over the same files."""
    medians = []
    for name, (sent, with_polars, with_pandas) in PLANS.items():
        contenders: dict[str, Contender] = {
            "plan over HTTP": partial(execute, asked, sent),
            "Polars": partial(polars_answer, files, with_polars),
            "pandas": partial(pandas_answer, files, with_pandas, COLUMNS[name]),
        }
        timings = timed(contenders, runs=RUNS)
        print("\n" + name)
        report.show(timings, "plan over HTTP")
        medians.append(timings["plan over HTTP"].median_s * 1000)
        report.figures[name.replace(" ", "_").replace(",", "") + "_to_polars"] = (
            timings["plan over HTTP"].median_s / timings["Polars"].median_s
        )
    report.figures |= {"aggregate_ms": statistics.median(medians), "slowest_aggregate_ms": max(medians)}


def polars_answer(files: list[Path], ask: Callable[[pl.LazyFrame], object]) -> object:
    """Lazily from the files, on all cores."""
    return ask(pl.scan_parquet(files))


def pandas_answer(files: list[Path], ask: Callable[[pd.DataFrame], object], columns: list[str]) -> object:
    """From a frame of the columns that are needed."""
    return ask(pd.concat([pd.read_parquet(file, columns=columns) for file in files]))


def execute(asked: httpx.Client, sent: dict[str, Any]) -> dict[str, Any]:
    """The answer of a plan; raises `AssertionError` when it failed."""
    answer: dict[str, Any] = asked.post("/api/analytics/execute", json=sent).raise_for_status().json()
    assert answer["success"], answer["error_message"]  # noqa: S101 - or the figure is of something else
    return answer


if __name__ == "__main__":
    main()
