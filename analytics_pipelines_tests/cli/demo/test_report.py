"""The summary's small parts; the whole is held by test_command.py."""

import json
from datetime import date

import httpx
import pytest

from analytics_pipelines.catalog.tables import TABLES
from analytics_pipelines.cli.demo import report
from analytics_pipelines.foundation.errors import Unavailable
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.select import Select, no_rows
from analytics_pipelines.foundation.settings import Settings
from analytics_pipelines.storage_snapshots.queries import ShareGrowth
from analytics_pipelines.web_events.queries import DailyMetrics
from analytics_pipelines.web_events.tables import DAILY_METRICS


@pytest.mark.parametrize(
    ("gained", "told"), [(None, ""), (0, "+0 B"), (2048, "+2.0 KiB"), (-2048, "-2.0 KiB")], ids=str
)
def test_growth_is_told_with_its_sign(gained: int | None, told: str) -> None:
    assert report.grown(ShareGrowth("s", "/s", 1, 1, None, gained)) == told


@pytest.mark.parametrize(("number", "told"), [(None, ""), (3, "+3"), (-1200, "-1,200")], ids=str)
def test_a_change_is_told_with_its_sign(number: int | None, told: str) -> None:
    assert report.change(number) == told


@pytest.mark.parametrize(
    ("bounce_rate_pct", "visit_duration_s", "told"),
    [pytest.param(49.6, 12.4, ("50 %", "12 s"), id="visits"), pytest.param(None, None, ("", ""), id="no visit")],
)
def test_shares_are_told_where_a_visit_began(
    bounce_rate_pct: float | None, visit_duration_s: float | None, told: tuple[str, str]
) -> None:
    counts = dict.fromkeys(("visitors", "new_visitors", "returning_visitors", "visits", "pageviews", "events"), 1)
    ratios = dict.fromkeys(("views_per_visit", "median_duration_s", "p90_duration_s"))
    each = DailyMetrics(
        metric_date=date(2026, 5, 17),
        site_id="s",
        bounce_rate_pct=bounce_rate_pct,
        visit_duration_s=visit_duration_s,
        **counts,
        **ratios,
    )
    assert report.shares(each) == told


def test_figures_name_every_table_even_when_it_is_empty(settings: Settings, lake: Lake) -> None:
    lake.replace(DAILY_METRICS, date(2026, 5, 17), Select(no_rows(DAILY_METRICS)))
    figures = report.figures_of(settings)
    assert set(figures) == {table.name for table in TABLES}
    assert figures[DAILY_METRICS.name]["partitions"] == 1
    assert figures["raw_app__users"] == {"rows": 0, "bytes": 0, "partitions": 0}


def test_demo_json_is_written_whole(settings: Settings) -> None:
    target = report.write(settings, {"t": {"rows": 1, "bytes": 2, "partitions": 3}}, {"/": {}}, {"step": 0.5})
    assert json.loads(target.read_text()) == {
        "tables": {"t": {"rows": 1, "bytes": 2, "partitions": 3}},
        "answers": {"/": {}},
        "seconds": {"step": 0.5},
    }


def test_an_api_that_serves_another_generation_is_waited_for_and_then_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "PUBLISH_WAIT_S", 0.0)
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=[], headers={"ETag": '"old"'}))
    with httpx.Client(base_url="http://test", transport=transport) as client:
        report.wait_for(client, "old")
        with pytest.raises(Unavailable, match="does not serve generation new"):
            report.wait_for(client, "new")


def test_an_answer_that_is_no_success_is_told_by_its_path() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(500))
    client = httpx.Client(base_url="http://test", transport=transport)
    with client, pytest.raises(Unavailable, match="GET /etl/status"):
        report.answer(client, "/etl/status")
