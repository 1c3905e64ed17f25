"""What making a day's visits costs: beside sorting the same rows, beside Polars and pandas, and beside long histories.

Every contender is a process of its own with two threads. It reads the day's partition of the lake, and what it makes
goes through the lake's own COPY, sorted by the key; DuckDB runs under the lake's settings with a limit of 3 GB, Polars
and pandas under none. Sorting means: the columns that the rule needs, ORDER BY site, visitor, time. Two shapes of 10
million events: visitors that come back at all hours, so that hardly an event has another near it, and visits of five.
`_read` figures leave sorting by key and writing out, `polars_alone` lets Polars sort and write. pandas, which would
take several times 4 GB, gets a tenth of the rows. The memory is the most that the process ever held.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa

from analytics_pipelines.foundation.duck import DuckLimits, one_row
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.lake.stage import COPY, ROW_GROUP_ROWS
from analytics_pipelines.foundation.select import ArrowRows, Select, cast_to
from analytics_pipelines.foundation.settings import load
from analytics_pipelines.foundation.sql import Sql, literal, names
from analytics_pipelines.web_events.sessionize import sessionize
from analytics_pipelines.web_events.tables import CORE_EVENTS, SESSIONS, SITES
from benchmarks.harness import Report, Timing
from benchmarks.session_peers import NEEDED, pandas_visits, polars_visits

ROWS = 10_000_000
PANDAS_ROWS = 1_000_000
RUNS = 3
ALIKE = 1.01
"""Polars and pandas see the day alone: a few of its first visits began on the day before."""
DAY = date(2026, 11, 21)
ONE_DAY = timedelta(days=1)
AROUND = [DAY - ONE_DAY, DAY, DAY + ONE_DAY]
MEMORY = "3GB"
THREADS = 2
GB = 10**9
KB = 1_024
EVENTS_A_DAY = 20_000
HISTORIES = (10, 100, 1_000)
RUNS_A_DAY = 7
SCATTERED = Sql("""
SELECT range AS n, hash(range * 7 + 1) % CAST($rows * 0.28 AS BIGINT) AS v,
    CAST(hash(range * 13 + 5) % 86400000000 AS BIGINT) AS at_us
FROM range(CAST($events AS BIGINT))""")
OF_FIVE = Sql("""
SELECT range AS n, hash(range // 5 * 7 + 1) % CAST($rows * 0.14 AS BIGINT) AS v,
    CAST(hash(range // 5 * 13 + 5) % 86100000000 + range % 5 * 60000000 + hash(range) % 60000000 AS BIGINT) AS at_us
FROM range(CAST($events AS BIGINT))""")
MADE = Sql("""
SELECT
    $day AS event_date, 'site-' || (v % 20) AS site_id, CAST(md5(concat($day, n)) AS UUID) AS event_id,
    CAST($day AS TIMESTAMP) AT TIME ZONE 'UTC' + to_microseconds(at_us) AS event_at,
    event_at + INTERVAL '1' SECOND AS received_at, CASE WHEN n % 10 < 8 THEN 'pageview' ELSE 'click' END AS event_type,
    md5(concat(v, $day)) AS visitor_id, md5(concat(v, $day - 1)) AS visitor_id_before,
    md5(concat(v, 's')) AS session_id,
    'https://shop.example/page/' || (hash(n) % 3000) || '?a=1' AS url, 'https://google.com/search' AS referrer,
    'Page ' || (hash(n) % 3000) AS title, 'Mozilla/5.0 (X11; Linux x86_64) Firefox/' || (v % 50) AS user_agent,
    'shop.example' AS host, '/page/' || (hash(n) % 3000) AS path,
    (['google.com', 'direct', 'news.example.net', 'newsletter'])[CAST(1 + hash(n * 3) % 4 AS INT)] AS source,
    (['organic', 'none', 'referral', 'email'])[CAST(1 + hash(n * 3) % 4 AS INT)] AS medium,
    CASE WHEN hash(n * 5) % 10 = 0 THEN 'spring-' || (n % 7) END AS campaign,
    (['Organic Search', 'Direct', 'Referral', 'Email'])[CAST(1 + hash(n * 3) % 4 AS INT)] AS channel,
    (['google.com', NULL, 'news.example.net', NULL])[CAST(1 + hash(n * 3) % 4 AS INT)] AS referrer_host,
    (['DE', 'US', 'FR', NULL])[CAST(1 + v % 4 AS INT)] AS country,
    (['desktop', 'mobile', 'tablet'])[CAST(1 + v % 3 AS INT)] AS device,
    (['Chrome', 'Firefox', 'Safari'])[CAST(1 + v % 3 AS INT)] AS browser,
    (['Windows', 'Mac OS X', 'Android', 'iOS'])[CAST(1 + v % 4 AS INT)] AS os,
    n % 10 < 8 AS is_pageview, n % 10 <> 9 AS is_interactive, v % 50 = 0 AS is_bot, 'collect' AS intake,
    CAST(json_object('n', n) AS VARCHAR) AS payload, '' AS flags
FROM ({numbered})""")
SITES_MADE = Sql("""
SELECT $day AS event_date, 'site-' || range AS site_id, site_id AS name, 'UTC' AS timezone, 1800 AS gap_limit_s,
    '["signup", "order"]' AS conversion_events
FROM range(20)""")
SHAPES = {"scattered": SCATTERED, "of_five": OF_FIVE}
GOALS = {
    "scattered_sessionize_to_sort_ratio": "<= 2",
    "scattered_sessionize_to_polars_ratio": "<= 1",
    "scattered_sessionize_peak_gb": "<= 4",
    "of_five_sessionize_to_sort_ratio": "<= 2",
    "of_five_sessionize_to_polars_ratio": "<= 1",
    "of_five_sessionize_peak_gb": "<= 4",
    "a_tenth_sessionize_to_pandas_ratio": "<= 1",
    "day_with_100_to_10_days_ratio": "<= 1.3",
    "day_with_1000_to_10_days_ratio": "<= 1.3",
}


def main() -> None:
    """Print the figures, or do the work that the process which prints them asks for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--work")
    parser.add_argument("--home", type=Path)
    parser.add_argument("--shape")
    given = parser.parse_args()
    if given.work:
        print(json.dumps(worked(given.work, given.home, given.shape, given.rows)))
    else:
        compare(given.rows, given.runs)


def compare(rows: int, runs: int) -> None:
    """All figures; the goals are the issue's."""
    report = Report("sessionize", GOALS)
    for shape in SHAPES:
        with tempfile.TemporaryDirectory() as folder:
            in_a_process(Path(folder), rows, "make", shape)
            compare_shape(report, shape, Path(folder), runs, ("sessionize", "sort", "polars", "polars_alone"))
            compare_shape(report, shape, Path(folder), runs, ("sessionize_read", "sort_read", "polars_read"))
    with tempfile.TemporaryDirectory() as folder:
        in_a_process(Path(folder), min(rows, PANDAS_ROWS), "make", "scattered")
        compare_shape(report, "a_tenth", Path(folder), runs, ("sessionize", "pandas"))
    in_a_process(Path(), 0, "histories", "", into=report)
    report.finish()


def compare_shape(report: Report, shape: str, home: Path, runs: int, contenders: tuple[str, ...]) -> None:
    """The contenders in turn, so that noise hits all alike; the first is ours."""
    found: dict[str, list[dict[str, float]]] = {name: [] for name in contenders}
    for _ in range(runs):
        for name in contenders:
            found[name].append(in_a_process(home, 0, name, shape))
    timings = {name: Timing(tuple(run["seconds"] for run in each)) for name, each in found.items()}
    ours, *others = contenders
    print(shape)
    report.show(timings, ours)
    visits = [run["rows"] for name, each in found.items() for run in each if not name.startswith("sort")]
    if max(visits) > ALIKE * min(visits):
        raise AssertionError("the contenders do not make the same visits: " + str(visits))
    report.figures[shape + "_visits"] = visits[0]
    for name in contenders:
        report.figures[shape + "_" + name + "_s"] = timings[name].median_s
        report.figures[shape + "_" + name + "_peak_gb"] = max(run["peak_bytes"] for run in found[name]) / GB
    for name in others:
        ratio = timings[ours].median_s / timings[name].median_s
        report.figures[shape + "_" + ours + "_to_" + name + "_ratio"] = ratio


def in_a_process(home: Path, rows: int, work: str, shape: str, into: Report | None = None) -> dict[str, float]:
    """What one piece of work in a process of its own took; its figures go into the report.

    The data is made in one as well: the most memory that a process ever held is inherited by those it starts.
    """
    given = ["--work", work, "--home", str(home), "--rows", str(rows), "--shape", shape]
    answer = subprocess.run(
        [sys.executable, "-m", "benchmarks.sessionize", *given],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"POLARS_MAX_THREADS": str(THREADS)},
    )
    found: dict[str, float] = json.loads(answer.stdout.splitlines()[-1])
    if into is not None:
        into.figures |= found
    return found


def worked(work: str, home: Path, shape: str, rows: int) -> dict[str, float]:
    """Do it here: figures, or the seconds and rows of a contender and the most memory that this process held."""
    if work == "histories":
        return compare_histories()
    if work == "make":
        make_days(home, shape, rows)
        return {}
    lake = lake_in(home)
    started_s = time.perf_counter()
    rows = CONTENDERS[work](lake)
    seconds = time.perf_counter() - started_s
    peak_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KB
    lake.duck.close()
    return {"seconds": seconds, "peak_bytes": peak_bytes, "rows": rows}


def lake_in(home: Path) -> Lake:
    """The lake of that folder under the limits of the benchmark."""
    settings = load(analytics_home=home, duckdb_memory_limit=MEMORY, duckdb_worker_threads=THREADS)
    return Lake.at(settings.home, DuckLimits.of(settings))


def ours(lake: Lake) -> Select:
    """Visits of the day by our SELECT."""
    return sessionize(lake.scan(CORE_EVENTS, AROUND), lake.scan(SITES, AROUND), DAY)


def in_order(lake: Lake) -> Select:
    """The columns that the rule needs of the day's events, sorted by visitor and time."""
    text = Sql("SELECT {columns} FROM events ORDER BY site_id, visitor_id, event_at").fill(columns=names(NEEDED))
    return Select(text, {"events": lake.scan(CORE_EVENTS, [DAY])})


def by_polars(lake: Lake) -> Select:
    """The visits that Polars makes, as the lake can take them."""
    return of_rows(polars_visits(lake.file(CORE_EVENTS, DAY)).to_arrow())


def by_pandas(lake: Lake) -> Select:
    """The visits that pandas makes, as the lake can take them."""
    return of_rows(pandas_visits(lake.file(CORE_EVENTS, DAY)))


def of_rows(visits: pa.Table) -> Select:
    """The rows as a SELECT, sorted by site and session as the lake sorts ours."""
    return Select(Sql("SELECT * FROM visits ORDER BY site_id, session_id"), {"visits": ArrowRows(visits)})


def polars_alone(lake: Lake) -> int:
    """Polars sorts and writes too."""
    visits = polars_visits(lake.file(CORE_EVENTS, DAY)).sort("site_id", "session_id")
    visits.write_parquet(target_in(lake), compression="zstd", row_group_size=ROW_GROUP_ROWS)
    return visits.height


def wrote(lake: Lake, select: Select) -> int:
    """Rows that the lake's COPY writes."""
    copy = COPY.fill(query=select.sql, file=literal(str(target_in(lake))), rows=Sql(str(ROW_GROUP_ROWS)))
    return asked(lake, select, copy)


def read(lake: Lake, select: Select) -> int:
    """Rows of the SELECT, each value of which is looked at and none kept."""
    text = Sql("SELECT COUNT(*), bit_xor(hash(rows)) FROM ({query}) AS rows")
    return asked(lake, select, text.fill(query=select.sql))


def asked(lake: Lake, select: Select, text: Sql) -> int:
    """The first value of the answer."""
    with lake.duck.cursor() as cursor:
        select.mount(cursor)
        return int(one_row(cursor.execute(text.text, dict(select.values) or None))[0])


def target_in(lake: Lake) -> Path:
    """Where the contenders write."""
    return lake.root.parent / "visits.parquet"


CONTENDERS: dict[str, Callable[[Lake], int]] = {
    "sessionize": lambda lake: wrote(lake, as_stored(ours(lake))),
    "sort": lambda lake: wrote(lake, in_order(lake)),
    "polars": lambda lake: wrote(lake, by_polars(lake)),
    "pandas": lambda lake: wrote(lake, by_pandas(lake)),
    "polars_alone": polars_alone,
    "sessionize_read": lambda lake: read(lake, ours(lake)),
    "sort_read": lambda lake: read(lake, in_order(lake)),
    "polars_read": lambda lake: polars_visits(lake.file(CORE_EVENTS, DAY)).height,
}


def as_stored(select: Select) -> Select:
    """The SELECT as the lake runs it: cast to the declaration and sorted by the key."""
    return replace(select, sql=cast_to(SESSIONS, select.sql))


def make_days(home: Path, shape: str, rows: int) -> None:
    """The day, with a hundredth of its events on either side, and its sites."""
    lake = lake_in(home)
    for day in AROUND:
        make_day(lake, day, rows if day == DAY else rows // 100, shape, rows)
    lake.duck.close()


def make_day(lake: Lake, day: date, events: int, shape: str, rows: int) -> None:
    """One day of core events and sites, as the assets would leave them; `rows` says of how many visitors."""
    made = MADE.fill(numbered=SHAPES[shape])
    lake.replace(CORE_EVENTS, day, Select(made, values={"day": day, "events": events, "rows": rows}))
    lake.replace(SITES, day, Select(SITES_MADE, values={"day": day}))


def compare_histories() -> dict[str, float]:
    """Making one day, with ever more days before it in the lake."""
    days = [DAY - ONE_DAY * back for back in range(-1, max(HISTORIES) - 1)]
    medians: dict[int, float] = {}
    with tempfile.TemporaryDirectory() as home:
        lake = lake_in(Path(home))
        for number, day in enumerate(days, 1):
            make_day(lake, day, EVENTS_A_DAY if day in AROUND else EVENTS_A_DAY // 100, "of_five", EVENTS_A_DAY)
            if number in HISTORIES:
                medians[number] = statistics.median(time_of_a_day(lake) for _ in range(RUNS_A_DAY))
        lake.duck.close()
    few, *many = HISTORIES
    ratios = {f"day_with_{number}_to_{few}_days_ratio": medians[number] / medians[few] for number in many}
    return ratios | {"day_s": medians[few]}


def time_of_a_day(lake: Lake) -> float:
    """Seconds for the visits of the day: found, made, checked and published."""
    started_s = time.perf_counter()
    lake.replace(SESSIONS, DAY, ours(lake))
    return time.perf_counter() - started_s


if __name__ == "__main__":
    main()
