"""What replacing a day costs beside writing the same rows in other ways, and what publishing costs.

Two million rows of web-like events, sorted by key, zstd. `lake.replace` also checks, hashes, syncs and swaps.
"""

import tempfile
import time
from collections.abc import Callable
from datetime import date
from importlib.util import find_spec
from pathlib import Path

import polars as pl
import pyarrow as pa

from analytics_pipelines.foundation.duck import DuckLimits, arrow_of
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.select import ArrowRows, Select
from analytics_pipelines.foundation.settings import Settings, load
from analytics_pipelines.foundation.sql import Sql, literal
from analytics_pipelines.foundation.tables import Column, Table, Type
from analytics_pipelines.serving.build import build_generation
from benchmarks.harness import Report, Timing, timed

ROWS = 2_000_000
RUNS = 5
DAY = date(2026, 11, 21)
DAYS_PUBLISHED = 100
EVENTS = Table(
    name="raw_bench__events",
    room="bench",
    grain="one event",
    partition="day of the event",
    key=("event_id",),
    columns=(
        Column(name="event_date", type=Type.DATE, meaning="Day."),
        Column(name="event_id", type=Type.TEXT, meaning="Id."),
        Column(name="visitor_id", type=Type.TEXT, meaning="Visitor."),
        Column(name="path", type=Type.TEXT, meaning="Path."),
        Column(name="duration_ms", type=Type.INT, meaning="Time on the page.", unit="ms"),
    ),
)
MADE = Sql(
    "SELECT DATE '2026-11-21' AS event_date, md5(CAST(range AS VARCHAR)) AS event_id, "
    "'visitor-' || CAST(range % 50000 AS VARCHAR) AS visitor_id, "
    "'/page/' || CAST(range * 7919 % 1000 AS VARCHAR) AS path, range * 31 % 60000 AS duration_ms FROM range($rows)"
)


def main() -> None:
    """Print the figures."""
    report = Report("lake")
    with tempfile.TemporaryDirectory() as folder:
        settings = load(analytics_home=Path(folder))
        lake = Lake.at(settings.home, DuckLimits.of(settings))
        write_figures(report, lake, Path(folder))
        publish_figures(report, settings, lake)
        lake.duck.close()
    report.finish()


def write_figures(report: Report, lake: Lake, folder: Path) -> None:
    """Replacing a day beside plain writers of the same sorted rows."""
    with lake.duck.cursor() as cursor:
        rows = arrow_of(cursor, MADE, {"rows": ROWS})
    contenders = writers(lake, rows, folder)
    timings = timed(contenders, runs=RUNS)
    report.show(timings, "DuckDB COPY")
    plain = timings["DuckDB COPY"].median_s
    report.figures |= {
        "replace_to_copy_ratio": timings["lake.replace"].median_s / plain,
        "replace_to_polars_ratio": timings["lake.replace"].median_s / timings["Polars sink"].median_s,
        "bytes_per_row": lake.file(EVENTS, DAY).stat().st_size / ROWS,
    } | delta_figures(timings)


def delta_figures(timings: dict[str, Timing]) -> dict[str, float]:
    """The ratio to Delta Lake, where the extra is installed."""
    if "Delta Lake" not in timings:
        return {}
    return {"replace_to_delta_ratio": timings["lake.replace"].median_s / timings["Delta Lake"].median_s}


def writers(lake: Lake, rows: pa.Table, folder: Path) -> dict[str, Callable[[], object]]:
    """Each writes all rows, sorted by the key; every second replacement differs, so that none is skipped."""
    frame = pl.from_arrow(rows)
    assert isinstance(frame, pl.DataFrame)  # noqa: S101 - for the type checker
    turns = iter(range(1_000))
    varied = Sql("SELECT * REPLACE (duration_ms + $turn AS duration_ms) FROM made")
    copy = Sql("COPY (SELECT * FROM made ORDER BY event_id) TO {file} (FORMAT parquet, COMPRESSION zstd)")

    def replace() -> object:
        return lake.replace(EVENTS, DAY, Select(varied, {"made": ArrowRows(rows)}, {"turn": next(turns)}))

    def plain_copy() -> None:
        with lake.duck.cursor() as cursor:
            cursor.register("made", rows)
            cursor.execute(copy.fill(file=literal(str(folder / "plain.parquet"))).text)

    def polars_sink() -> None:
        frame.lazy().sort("event_id").sink_parquet(folder / "polars.parquet", compression="zstd")

    found = {"lake.replace": replace, "DuckDB COPY": plain_copy, "Polars sink": polars_sink}
    return found | delta_writer(rows, folder)


def delta_writer(rows: pa.Table, folder: Path) -> dict[str, Callable[[], object]]:
    """Delta Lake replacing one day of a partitioned table, where the extra `bench` is installed."""
    if find_spec("deltalake") is None:
        return {}
    from deltalake import write_deltalake  # noqa: PLC0415 - an extra

    def overwrite() -> None:
        ordered = rows.sort_by("event_id")
        write_deltalake(folder / "delta", ordered, mode="overwrite", partition_by=["event_date"])

    return {"Delta Lake": overwrite}


def publish_figures(report: Report, settings: Settings, lake: Lake) -> None:
    """Publishing when one of a hundred days changed, beside publishing all of them for the first time."""
    for number in range(DAYS_PUBLISHED):
        small_day(lake, date.fromordinal(DAY.toordinal() - number), number)
    first = timed_once(lambda: build_generation(settings, lake, [EVENTS]))
    small_day(lake, DAY, -1)
    second = timed_once(lambda: build_generation(settings, lake, [EVENTS]))
    unchanged = timed_once(lambda: build_generation(settings, lake, [EVENTS]))
    report.figures |= {
        "publish_one_of_100_days_to_first_ratio": second / first,
        "publish_unchanged_to_first_ratio": unchanged / first,
    }


def small_day(lake: Lake, day: date, salt: int) -> None:
    """A thousand rows of one day."""
    query = Sql("SELECT * REPLACE ($day AS event_date, duration_ms + 1000 + $salt AS duration_ms) FROM ({made})")
    lake.replace(EVENTS, day, Select(query.fill(made=MADE), values={"rows": 1000, "day": day, "salt": salt}))


def timed_once(work: Callable[[], object]) -> float:
    """Seconds of one run, the first: a second one would find it done."""
    started_s = time.perf_counter()
    work()
    return time.perf_counter() - started_s


if __name__ == "__main__":
    main()
