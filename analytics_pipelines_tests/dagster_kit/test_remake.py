"""Each day asked for is published, skipped, refused or untried, and the complaint names those that failed."""

from datetime import date

import duckdb
import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics_pipelines.dagster_kit.remake import MOST_TOLD, Remaking, remake
from analytics_pipelines.foundation.clock import days_between
from analytics_pipelines.foundation.errors import BadInput, SetupError, Unavailable
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.select import Select
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines_tests.dagster_kit.tables import SUMS

DAYS = days_between(date(2026, 3, 1), date(2026, 3, 6))
FATES = ("good", "nothing", "broken", "poisoned", "misfit", "away")


def making(fates: dict[date, str]):
    def make(day: date) -> Select | None:
        match fates[day]:
            case "nothing":
                return None
            case "broken":
                raise BadInput("broken")
            case "away":
                raise Unavailable("away")
            case "poisoned":
                return Select(Sql("SELECT DATE '2026-03-01' AS point_date, -1 AS points"))
            case "misfit":
                return Select(Sql("SELECT DATE '2026-03-01' AS point_date, 'many' AS points"))
        return Select(Sql("SELECT CAST($day AS DATE) AS point_date, 1 AS points"), values={"day": day})

    return make


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.sampled_from(FATES), min_size=len(DAYS), max_size=len(DAYS)))
def test_every_day_meets_exactly_its_own_fate(lake: Lake, fates) -> None:
    done = Remaking()
    remake(lake, lambda _: SUMS, DAYS, making(dict(zip(DAYS, fates, strict=True))), done)
    tried = DAYS[: fates.index("away") + 1] if "away" in fates else DAYS
    met = dict(zip(tried, fates, strict=False))
    assert [each.day for each in done.published] == [day for day, fate in met.items() if fate == "good"]
    assert done.skipped == [day for day, fate in met.items() if fate == "nothing"]
    assert list(done.refused) == [day for day, fate in met.items() if fate not in {"good", "nothing"}]
    assert done.untried == DAYS[len(tried) :]
    assert len(done.offenders["values_in_range"]) == list(met.values()).count("poisoned")
    assert (done.complaint(SUMS) is None) == (not done.refused)


def test_every_day_published_or_refused_is_a_line_in_the_log(lake: Lake) -> None:
    structlog.reset_defaults()  # a shell command tested before may have left its own level
    with structlog.testing.capture_logs() as lines:
        remake(
            lake,
            lambda _: SUMS,
            DAYS[:3],
            making(dict(zip(DAYS, ("good", "nothing", "broken"), strict=False))),
            Remaking(),
        )
    published, refused = lines
    assert (published["event"], published["day"], published["rows"]) == ("published", "2026-03-01", 1)
    assert (refused["event"], refused["day"], refused["reason"]) == ("refused", "2026-03-03", "broken")


def test_what_no_day_can_do_without_ends_the_round(lake: Lake) -> None:
    def make(_: date) -> Select:
        raise SetupError("No extension.", remedy="Install it.")

    done = Remaking()
    remake(lake, lambda _: SUMS, DAYS, make, done)
    assert done.refused == {DAYS[0]: "No extension. Install it."}
    assert done.complaint(SUMS) == (
        "1 of 6 days of core_test__sums were not published. "
        "2026-03-01: No extension. Install it.; 5 days after it were not tried"
    )


def test_a_mistake_in_our_sql_is_no_day_s_fault(lake: Lake) -> None:
    with pytest.raises(duckdb.BinderException):
        remake(lake, lambda _: SUMS, DAYS, lambda _: Select(Sql("SELECT nonsense")), Remaking())


def test_a_long_complaint_is_cut_and_counted() -> None:
    days = days_between(date(2026, 1, 1), date(2026, 3, 31))
    told = Remaking(refused=dict.fromkeys(days, "no")).complaint(SUMS)
    assert told.startswith("90 of 90 days")
    assert told.count(": no") == MOST_TOLD
    assert told.endswith("and 70 more")


def rows_until(last: date):
    def make(day: date) -> Select:
        query = Sql("SELECT CAST($day AS DATE) AS point_date, 1 AS points WHERE $day <= $last")
        return Select(query, values={"day": day, "last": last})

    return make


def test_a_day_without_rows_gets_no_partition_unless_it_had_one(lake: Lake) -> None:
    remake(lake, lambda _: SUMS, DAYS[:2], rows_until(DAYS[1]), Remaking(publishes_empty=False))
    done = Remaking(publishes_empty=False)
    remake(lake, lambda _: SUMS, DAYS[:3], rows_until(DAYS[0]), done)
    assert [(each.day, each.rows) for each in done.published] == [(DAYS[0], 1), (DAYS[1], 0)]
    assert done.skipped == [DAYS[2]]
    assert lake.days(SUMS) == DAYS[:2]


def test_where_no_rows_are_news_an_empty_partition_says_so(lake: Lake) -> None:
    done = Remaking()
    remake(lake, lambda _: SUMS, DAYS[:1], rows_until(DAYS[0].replace(year=2000)), done)
    assert [(each.day, each.rows) for each in done.published] == [(DAYS[0], 0)]
