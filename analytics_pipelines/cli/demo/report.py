"""The end of the demo: what the API answers, a summary that one likes to read, and `demo.json`."""

import json
import time
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from rich.table import Table as Drawn

from analytics_pipelines.catalog.tables import TABLES
from analytics_pipelines.cli.demo import plans, sql, storage_report
from analytics_pipelines.cli.output import console, table
from analytics_pipelines.dashboard.words import human_bytes
from analytics_pipelines.foundation.clock import today
from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.errors import Unavailable
from analytics_pipelines.foundation.files import write_whole
from analytics_pipelines.foundation.generation import Generations, Lease
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.storage_snapshots.queries import ShareGrowth, share_growth, top_folders
from analytics_pipelines.web_events.queries import DailyMetrics, daily_metrics

PATHS = (
    "/",
    "/health",
    "/health/db",
    "/api/snapshots",
    *storage_report.PATHS,
    "/api/v1/analytics/items_by_user",
    "/etl/status",
)
TOP_FOLDERS = 8
DAYS_SHOWN = 10
PUBLISH_WAIT_S = 10.0

Answers = dict[str, Any]
Figures = dict[str, dict[str, int]]


def ask(url: str, generation: str, timeout_s: float) -> Answers:
    """What the API says on each path once it serves `generation`; raises `Unavailable` when it fails."""
    with httpx.Client(base_url=url, timeout=timeout_s, headers={"Accept": "application/json"}) as client:
        wait_for(client, generation)
        return {path: answer(client, path).json() for path in PATHS}


def wait_for(client: httpx.Client, generation: str) -> None:
    """Wait until the API answers from that generation, which takes it about a second."""
    deadline = time.monotonic() + PUBLISH_WAIT_S
    while answer(client, "/api/snapshots").headers.get("ETag", "").strip('"') != generation:
        if time.monotonic() > deadline:
            raise Unavailable(f"The API does not serve generation {generation}.", limit=f"{PUBLISH_WAIT_S:g} s")
        time.sleep(0.1)


def answer(client: httpx.Client, path: str) -> httpx.Response:
    """The answer to a GET; raises `Unavailable` unless it is a success."""
    try:
        return client.get(path).raise_for_status()
    except httpx.HTTPError as error:
        raise Unavailable(f"The API did not answer GET {path} ({type(error).__name__}).") from error


def figures_of(settings: Settings) -> Figures:
    """Rows, bytes and partitions of each table in the lake."""
    lake = Lake.at(settings.home, DuckLimits.of(settings))
    try:
        found = {each.name: lake.manifests(each) for each in TABLES}
    finally:
        lake.duck.close()
    return {
        name: {
            "rows": sum(each.rows for each in manifests),
            "bytes": sum(each.size_bytes for each in manifests),
            "partitions": len(manifests),
        }
        for name, manifests in found.items()
    }


def write(settings: Settings, figures: Figures, answers: Answers, seconds: Mapping[str, float]) -> Path:
    """`demo.json` below the home, whole or not at all."""
    target = settings.home.path / "demo.json"
    content = {"tables": figures, "answers": answers, "seconds": dict(seconds)}
    write_whole(target, json.dumps(content, indent=1).encode() + b"\n", staging=settings.home.staging)
    return target


def show(settings: Settings, figures: Figures, answers: Answers) -> None:
    """The summary: tables of the lake, top folders, daily metrics, owners."""
    with Generations(settings) as generations, generations.acquire() as lease:
        storage = [growth(lease), folders(lease), *storage_report.storage_tables(answers)]
        parts = [
            tables_of(figures),
            *storage,
            metrics(lease),
            owners(answers),
            *plans.plan_tables(answers),
            sql.sql_table(answers),
        ]
    for part in parts:
        console.print()
        console.print(part)


def tables_of(figures: Figures) -> Drawn:
    """What the lake holds."""
    rows = [
        (name, f"{each['rows']:,}", human_bytes(each["bytes"]), each["partitions"]) for name, each in figures.items()
    ]
    columns = ("table", "rows", "size", "days")
    return table("The lake", columns, rows, right=columns[1:])


def growth(lease: Lease) -> Drawn:
    """What each share gained since yesterday."""
    rows = [
        (each.share, each.root_path, human_bytes(each.allocated_bytes), change(each.file_count_change), grown(each))
        for each in share_growth(lease, today())
    ]
    columns = ("share", "folder", "on disk", "files", "growth")
    return table("Growth since yesterday", columns, rows, right=columns[2:])


def change(number: int | None) -> str:
    """A change with its sign; empty where there is nothing to compare with."""
    return "" if number is None else f"{number:+,}"


def grown(share: ShareGrowth) -> str:
    """The space gained or lost, with its sign."""
    if share.allocated_change_bytes is None:
        return ""
    sign = "-" if share.allocated_change_bytes < 0 else "+"
    return sign + human_bytes(abs(share.allocated_change_bytes))


def folders(lease: Lease) -> Drawn:
    """The folders that hold the most, as `du` counts them."""
    found = top_folders(lease, today(), TOP_FOLDERS)
    rows = [(each.path, f"{each.file_count:,}", human_bytes(each.allocated_bytes)) for each in found]
    columns = ("folder", "files", "on disk")
    return table("Top folders, today", columns, rows, right=columns[1:])


def metrics(lease: Lease) -> Drawn:
    """Visitors, new ones among them, visits and pageviews of the newest days, per site."""
    found = daily_metrics(lease, None, today() - timedelta(days=365 * 30), today())
    rows = [
        (each.site_id, each.metric_date, each.visitors, each.new_visitors, each.visits, each.pageviews, *shares(each))
        for each in list(found)[-DAYS_SHOWN:]
    ]
    columns = ("site", "day", "visitors", "new", "visits", "pageviews", "bounce", "visit")
    return table("Daily metrics", columns, rows, right=columns[2:])


def shares(each: DailyMetrics) -> Iterable[str]:
    """Bounce rate and mean visit, as a person reads them; empty on a day on which no visit began."""
    if each.bounce_rate_pct is None or each.visit_duration_s is None:
        return "", ""
    return f"{each.bounce_rate_pct:.0f} %", f"{each.visit_duration_s:.0f} s"


def owners(answers: Answers) -> Drawn:
    """Who owns the most items."""
    found = answers["/api/v1/analytics/items_by_user"][:5]
    columns = ("owner", "items")
    rows = [(each["email"], each["item_count"]) for each in found]
    return table("Items by user", columns, rows, right=("items",))
