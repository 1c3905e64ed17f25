"""What SQL over HTTP costs: `uv run python -m benchmarks.sql_service`.

TPC-H of scale 0.1 in a generation's DuckDB file, six million order lines and a million events as Parquet. Broker,
workers and the API run as they do in production, with one worker of the API; beside them, in turn with them, DuckDB in
this process answers the same over the same files with as many threads. Parameters differ from query to query, so that
no figure but those named `cached` comes from the cache. The load comes from a process of its own on the same cores.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from duckdb import DuckDBPyConnection

from analytics_pipelines.foundation.settings import load
from analytics_pipelines.foundation.sql import Sql, literal
from benchmarks.harness import Report, Timing, timed
from benchmarks.sql_load import Found, Load, driven
from benchmarks.sql_platform import Service, counted, family, in_process, make_generation, running_service
from benchmarks.sql_wire import Connection
from benchmarks.tpch.rows import QUESTIONS, question

GOALS = {
    "engine_ms": "<= 1",
    "paced_p50_ms": "<= 4",
    "paced_p99_ms": "<= 15",
    "joins_median_ms": "<= 50",
    "slowest_join_ms": "<= 50",
    "scan_6m_rows_ms": "<= 500",
    "http_adds_pct": "<= 10",
    "arrow_ratio": ">= 0.6",
    "export_reaches": ">= 1",
    "behind_six_long_p50_ms": "<= 50",
}
CLIENTS, PACE = 8, 10.0
RUNS = 7
FEW_RUNS = 3
SHORT = "SELECT count(*), sum(c_acctbal), max(c_acctbal) FROM customer WHERE c_custkey > -$1"
WITHOUT_JOINS = {1, 6}
SCANS = {
    "scan of 6 M rows": "SELECT count(*), sum(l_extendedprice * l_discount), max(l_shipdate) FROM lineitem_sf1 "
    "WHERE l_quantity < 24 AND l_orderkey > -$1",
    "TPC-H 1 over 6 M rows": "SELECT l_returnflag, l_linestatus, sum(l_quantity), sum(l_extendedprice * "
    "(1 - l_discount) * (1 + l_tax)), avg(l_discount), count(*) FROM lineitem_sf1 WHERE l_orderkey > -$1 "
    "GROUP BY ALL ORDER BY ALL",
    "text search in 6 M rows": "SELECT count(*) FROM lineitem_sf1 WHERE l_comment LIKE '%regular%deposits%' "
    "AND l_orderkey > -$1",
    "distinct parts of 6 M rows": "SELECT count(DISTINCT l_partkey) FROM lineitem_sf1 WHERE l_orderkey > -$1",
}
STREAMS = {
    "arrow_ratio": "SELECT l_orderkey, l_partkey, l_extendedprice, l_shipdate FROM lineitem_sf1 WHERE l_orderkey > -$1",
    "arrow_wide_ratio": "SELECT * FROM lineitem WHERE l_orderkey > -$1",
}
EXPORTED = "SELECT * FROM lineitem_sf1"
LONG = "SELECT sum(sqrt(a.l_quantity * b.l_tax + $1)) FROM lineitem a, lineitem b"
LONG_ONES, BEHIND = 6, 15
ASKED_AGAIN = Sql("SELECT * FROM ({question}) WHERE $1 > 0")
"""The same work, and another query to the cache with every parameter."""
COPY = Sql("COPY ({query}) TO {file} ({options})")
PARQUET = Sql("FORMAT parquet, COMPRESSION zstd")
CSV = Sql("FORMAT csv")


def main() -> None:
    """Print the figures."""
    report = Report("sql_service", GOALS)
    with tempfile.TemporaryDirectory() as folder:
        settings = load(analytics_home=Path(folder) / "home")
        made_s = time.perf_counter()
        make_generation(settings, Path(folder))
        print(f"made and published in {time.perf_counter() - made_s:.0f} s")
        with running_service(settings) as service, in_process(settings) as duck:
            measure(report, service, duck, Path(folder))
    report.finish()


def measure(report: Report, service: Service, duck: DuckDBPyConnection, folder: Path) -> None:
    """All figures, one after the other."""
    memory_figures(report, service)
    short_figures(report, service, duck)
    tpch_figures(report, service, duck)
    scan_figures(report, service, duck)
    stream_figures(report, service, duck)
    export_figures(report, service, duck, folder)
    report.figures["behind_six_long_p50_ms"], report.figures["behind_six_long_most_ms"] = asyncio.run(behind(service))
    print(f"\nbehind six long ones: p50 {report.figures['behind_six_long_p50_ms']:.1f} ms")


def memory_figures(report: Report, service: Service) -> None:
    """What the service takes before it has done anything: resident, and what each process has to itself."""
    for name, processes in family(service.broker).items():
        taken = [each.memory_full_info() for each in processes]
        report.figures[f"idle_{name}_rss_mb"] = statistics.median(each.rss for each in taken) / 2**20
        report.figures[f"idle_{name}_own_mb"] = statistics.median(each.uss for each in taken) / 2**20
    report.figures["workers"] = len(family(service.broker)["worker"])


def short_figures(report: Report, service: Service, duck: DuckDBPyConnection) -> None:
    """A simple aggregation by eight clients: at a steady pace and without a pause; computed, and from the cache."""
    number = counted()
    here = timed({"here": lambda: duck.execute(SHORT, [number()]).fetchall()}, runs=200)
    report.figures["in_process_p50_ms"] = here["here"].median_s * 1000
    load = Load(port=service.port, token=service.token, sql=SHORT, clients=CLIENTS)
    several: dict[str, Load] = {
        "paced": replace(load, per_second=PACE, first=1),
        "unpaced": replace(load, first=100_000),
        "cached_paced": replace(load, per_second=PACE),
        "cached_unpaced": load,
    }
    for name, each in several.items():
        service.late()
        found = driven(each)
        if found.failed:
            raise RuntimeError(f"{found.failed} queries failed")
        take(report, name, found, service.late())
    report.figures["engine_ms"] = report.figures["paced_engine_ms"]


def take(report: Report, name: str, found: Found, late: dict[str, float]) -> None:
    """Keep and print what a load found."""
    figures = {
        "per_second": found.per_second,
        "p50_ms": found.p50_ms,
        "p99_ms": found.p99_ms,
        "engine_ms": found.engine_p50_ms,
        "loop_late_p99_ms": late["p99_ms"],
        "loop_late_most_ms": late["most_ms"],
    }
    report.figures |= {f"{name}_{key}": value for key, value in figures.items()}
    print(f"{name}: " + ", ".join(f"{key} {value:.2f}" for key, value in figures.items()))


def tpch_figures(report: Report, service: Service, duck: DuckDBPyConnection) -> None:
    """The 22 questions at scale 0.1."""
    medians_ms, ratios = {}, {}
    for each in QUESTIONS:
        timings = pair(service, duck, ASKED_AGAIN.fill(question=Sql(question(each))).text, runs=FEW_RUNS)
        medians_ms[each] = timings["over HTTP"].median_s * 1000
        ratios[each] = timings["over HTTP"].median_s / timings["in process"].median_s
    joins = {number: each for number, each in medians_ms.items() if number not in WITHOUT_JOINS}
    print("\nTPC-H at 0.1 over HTTP, ms: " + ", ".join(f"{number}: {each:.0f}" for number, each in medians_ms.items()))
    report.figures |= {
        "joins_median_ms": statistics.median(joins.values()),
        "slowest_join_ms": max(joins.values()),
        "tpch_to_in_process": statistics.median(ratios.values()),
    }


def scan_figures(report: Report, service: Service, duck: DuckDBPyConnection) -> None:
    """Queries of more than 100 ms, and what HTTP adds to them: the worst of them counts."""
    added_pct = []
    for name, sql in SCANS.items():
        timings = pair(service, duck, sql, runs=RUNS)
        print("\n" + name)
        report.show(timings, "in process")
        added_pct.append((timings["over HTTP"].median_s / timings["in process"].median_s - 1) * 100)
        report.figures.setdefault("scan_6m_rows_ms", timings["over HTTP"].median_s * 1000)
    report.figures |= {"http_adds_pct": max(added_pct), "http_adds_median_pct": statistics.median(added_pct)}


def pair(service: Service, duck: DuckDBPyConnection, sql: str, *, runs: int) -> dict[str, Timing]:
    """The same query in turn here and over HTTP."""
    number = counted()
    contenders: dict[str, Callable[[], object]] = {
        "in process": lambda: duck.execute(sql, [number()]).fetchall(),
        "over HTTP": lambda: service.query(sql, [number()]),
    }
    return timed(contenders, runs=runs)


def stream_figures(report: Report, service: Service, duck: DuckDBPyConnection) -> None:
    """Arrow over HTTP beside fetching it in this process."""
    for name, sql in STREAMS.items():
        size_mb, timings = streamed(service, duck, sql)
        print(f"\n{size_mb:.0f} MB of Arrow")
        report.show(timings, "in process")
        report.figures[name] = timings["in process"].median_s / timings["over HTTP"].median_s
        report.figures[name.replace("ratio", "mb_per_s")] = size_mb / timings["over HTTP"].median_s


def streamed(service: Service, duck: DuckDBPyConnection, sql: str) -> tuple[float, dict[str, Timing]]:
    """Megabytes of a table, and how long it takes to get it."""
    number = counted()
    contenders: dict[str, Callable[[], object]] = {
        "in process": lambda: duck.execute(sql, [number()]).to_arrow_table(),
        "over HTTP": lambda: service.table(sql, [number()]),
    }
    size_mb = duck.execute(sql, [number()]).to_arrow_table().nbytes / 10**6
    return size_mb, timed(contenders, runs=FEW_RUNS)


def export_figures(report: Report, service: Service, duck: DuckDBPyConnection, folder: Path) -> None:
    """Six million rows to Parquet, beside DuckDB's own COPY; the source is what they would be as CSV."""
    file = folder / "copied"
    csv_mb = copied(duck, file, CSV) / 10**6
    contenders: dict[str, Callable[[], object]] = {
        "COPY in process": partial(copied, duck, file, PARQUET),
        "export": partial(service.export, EXPORTED, []),
    }
    timings = timed(contenders, runs=FEW_RUNS - 1)
    print(f"\n{csv_mb:.0f} MB of CSV to Parquet")
    report.show(timings, "COPY in process")
    per_second = csv_mb / timings["export"].median_s
    ratio = timings["COPY in process"].median_s / timings["export"].median_s
    report.figures |= {"export_mb_per_s": per_second, "export_ratio": ratio}
    report.figures["export_reaches"] = max(per_second / 100, ratio / 0.9)


def copied(duck: DuckDBPyConnection, file: Path, options: Sql) -> int:
    """Bytes of the file that DuckDB writes."""
    duck.execute(COPY.fill(query=Sql(EXPORTED), file=literal(str(file)), options=options).text)
    size_bytes = file.stat().st_size
    file.unlink()
    return size_bytes


async def behind(service: Service) -> tuple[float, float]:
    """Milliseconds of a short query while six long ones run and wait: the middle of several, and the longest."""
    number = counted()
    longs = [await Connection.to(service.port, service.token) for _ in range(LONG_ONES)]
    for each in longs:
        each.send({"query": LONG, "params": [number()], "timeout_s": 60})
    await asyncio.sleep(1.0)
    short = await Connection.to(service.port, service.token)
    found_ms = []
    for _ in range(BEHIND):
        started_s = time.perf_counter()
        (await short.post({"query": SHORT, "params": [number() + 500_000]})).json()
        found_ms.append((time.perf_counter() - started_s) * 1000)
        await asyncio.sleep(0.1)
    for each in [*longs, short]:
        each.close()
    return statistics.median(found_ms), max(found_ms)


if __name__ == "__main__":
    main()
