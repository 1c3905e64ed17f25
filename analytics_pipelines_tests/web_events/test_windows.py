from datetime import date, timedelta

import pytest

from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.select import ArrowRows, Select
from analytics_pipelines.foundation.sql import Sql, joined, name
from analytics_pipelines.foundation.tables import Table
from analytics_pipelines.web_events.tables import CORE_EVENTS, DAILY_BREAKDOWN, DAILY_METRICS, SESSIONS, SITES, VISITORS
from analytics_pipelines.web_events.windows import DERIVED, stale_days
from analytics_pipelines_tests.web_events.receipts import rows_of

DAY = date(2026, 3, 15)
SOME = [DAY + timedelta(days=number) for number in range(-3, 35)]


def day(number: int) -> date:
    return DAY + timedelta(days=number)


def write(lake: Lake, table: Table, of: date, edition: str) -> None:
    """A partition of other bytes for each edition; what it holds is none of this test's business."""
    site = {
        "event_date": of,
        "site_id": edition,
        "name": "n",
        "timezone": "UTC",
        "gap_limit_s": 1,
        "conversion_events": "[]",
    }
    assert table is SITES
    lake.replace(table, of, Select(Sql("SELECT * FROM rows"), {"rows": rows_of(SITES, [site])}))


def empty(lake: Lake, table: Table, of: date, reads) -> None:
    columns = joined(Sql("NULL AS {name}").fill(name=name(column)) for column in table.column_names)
    lake.replace(table, of, Select(Sql("SELECT {c} WHERE false").fill(c=columns), reads))


def make(lake: Lake, of: date) -> None:
    """Both metrics tables of the day, from what the lake holds now."""
    for table, windows in DERIVED:
        empty(lake, table, of, {w.table.name: lake.scan(w.table, w.around(of)) for w in windows})


def test_what_was_made_of_what_is_there_is_not_stale(lake: Lake) -> None:
    write(lake, SITES, DAY, "a")
    make(lake, DAY)
    assert stale_days(lake, SOME) == {DAILY_METRICS.name: [], DAILY_BREAKDOWN.name: []}


@pytest.mark.parametrize(
    "changed", [pytest.param(-1, id="before"), pytest.param(0, id="same"), pytest.param(1, id="after")]
)
def test_a_day_is_stale_once_a_day_that_it_reads_has_changed(lake: Lake, changed: int) -> None:
    for number in (-1, 0, 1):
        write(lake, SITES, day(number), "a")
    make(lake, DAY)
    write(lake, SITES, day(changed), "b")
    assert stale_days(lake, SOME) == {DAILY_METRICS.name: [DAY], DAILY_BREAKDOWN.name: [DAY]}


def test_the_same_bytes_written_again_make_nothing_stale(lake: Lake) -> None:
    write(lake, SITES, DAY, "a")
    make(lake, DAY)
    write(lake, SITES, DAY, "a")
    assert stale_days(lake, SOME) == {DAILY_METRICS.name: [], DAILY_BREAKDOWN.name: []}


def test_a_new_visitor_set_is_read_by_the_metrics_of_thirty_days(lake: Lake) -> None:
    for number in (0, 1, 30, 31):
        make(lake, day(number))
    visitor = {"metric_date": DAY, "site_id": "s", "visitor_id": "v", "pageviews": 1, "events": 1}
    lake.replace(VISITORS, DAY, Select(Sql("SELECT * FROM given"), {"given": rows_of(VISITORS, [visitor])}))
    found = stale_days(lake, SOME)
    assert found == {DAILY_METRICS.name: [day(0), day(1), day(30)], DAILY_BREAKDOWN.name: []}


def test_visits_are_read_by_the_breakdown_of_the_second_day_after(lake: Lake) -> None:
    for number in (0, 1, 2, 3):
        make(lake, day(number))
    empty(lake, SESSIONS, DAY, {CORE_EVENTS.name: ArrowRows(rows_of(CORE_EVENTS, []).rows)})
    found = stale_days(lake, SOME)
    assert found == {DAILY_METRICS.name: [day(0), day(1)], DAILY_BREAKDOWN.name: [day(0), day(1), day(2)]}
