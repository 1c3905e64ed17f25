from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from analytics_pipelines.datasets.forecast.steps import (
    UNITS,
    Step,
    StepKind,
    TimesNotRising,
    TooFarAhead,
    moments_of,
)
from analytics_pipelines_tests.datasets.forecast.series_made import days, moment, months

BERLIN = ZoneInfo("Europe/Berlin")
DAY, HOUR = Step(StepKind.FIXED, UNITS["day"]), Step(StepKind.FIXED, UNITS["hour"])
MONTH, WORKING = Step(StepKind.MONTH, 1), Step(StepKind.WORKING_DAY, 1)


@pytest.mark.parametrize(
    ("step", "name", "seasons"),
    [
        (DAY, "day", (7, 365)),
        (HOUR, "hour", (24, 168)),
        (Step(StepKind.FIXED, 15 * UNITS["minute"]), "15 minutes", (4, 96, 672)),
        (Step(StepKind.FIXED, UNITS["minute"]), "minute", (60, 1440)),
        (Step(StepKind.FIXED, UNITS["second"]), "second", (60,)),
        (Step(StepKind.FIXED, UNITS["week"]), "week", (52,)),
        (Step(StepKind.FIXED, 7), "7 microseconds", ()),
        (MONTH, "month", (12,)),
        (Step(StepKind.MONTH, 3), "quarter", (4,)),
        (Step(StepKind.MONTH, 5), "5 months", ()),
        (Step(StepKind.MONTH, 12), "year", ()),
        (Step(StepKind.MONTH, 120), "10 years", ()),
        (WORKING, "working day", (5,)),
    ],
    ids=lambda value: value.name if isinstance(value, Step) else "",
)
def test_a_step_has_a_name_and_the_seasons_that_it_may_have(step, name, seasons):
    assert (step.name, step.seasons) == (name, seasons)


@pytest.mark.parametrize(
    ("step", "last", "following"),
    [
        pytest.param(DAY, [2024, 2, 28], [(2, 29), (3, 1), (3, 2)], id="days"),
        pytest.param(MONTH, [2024, 1, 31], [(2, 29), (3, 31), (4, 30)], id="ends of months"),
        pytest.param(MONTH, [2024, 11, 15], [(12, 15), (1, 15), (2, 15)], id="months over the year's end"),
        pytest.param(WORKING, [2024, 3, 7], [(3, 8), (3, 11), (3, 12)], id="working days leave the weekend out"),
        pytest.param(Step(StepKind.MONTH, 3), [2024, 10, 1], [(1, 1), (4, 1), (7, 1)], id="quarters"),
    ],
)
def test_times_follow_each_other_by_the_step(step, last, following):
    end = moment(*last)
    found = step.after(moments_of([end.replace(year=2023), end]), 3)
    assert [(each.month, each.day) for each in found] == following


def test_days_follow_the_wall_and_hours_the_time_that_passes():
    before = datetime(2024, 3, 30, 0, tzinfo=BERLIN)
    night = moments_of([before - timedelta(days=1), before])
    assert [each.hour for each in DAY.after(night, 3)] == [0, 0, 0]
    evening = moments_of([datetime(2024, 3, 30, 22, tzinfo=BERLIN), datetime(2024, 3, 31, 0, tzinfo=BERLIN)])
    assert [each.hour for each in HOUR.after(evening, 4)] == [1, 3, 4, 5]
    assert [int(each.utcoffset().total_seconds()) // 3600 for each in HOUR.after(evening, 2)] == [1, 2]


def test_places_count_by_what_the_step_is_counted_in():
    assert DAY.places(moments_of(days(4))).tolist() == [0, 1, 2, 3]
    assert MONTH.places(moments_of(months(4, every=2))).tolist() == [0, 2, 4, 6]
    friday = moment(2024, 3, 8)
    assert WORKING.places(moments_of([friday, friday + timedelta(days=3)])).tolist() == [0, 1]


def test_late_times_do_not_add_up():
    late = [moment(2024, 1, 1) + timedelta(seconds=61 * step) for step in range(200)]
    assert Step(StepKind.FIXED, UNITS["minute"]).places(moments_of(late)).tolist() == list(range(200))


@pytest.mark.parametrize("step", [DAY, HOUR, MONTH, WORKING, Step(StepKind.MONTH, 12)], ids=lambda each: each.name)
def test_no_step_leaves_the_calendar(step):
    end = moment(9999, 12, 31, 23)
    with pytest.raises(TooFarAhead, match="9999"):
        step.after(moments_of([end - timedelta(hours=1), end]), 40)


@pytest.mark.parametrize(
    ("times", "said"),
    [
        pytest.param([moment(2024, 1, 2), moment(2024, 1, 2)], "one value a time", id="twice the same"),
        pytest.param([moment(2024, 1, 2), moment(2024, 1, 1)], "comes after", id="backwards"),
        pytest.param([moment(2024, 1, 2), datetime(2024, 1, 3, tzinfo=UTC)], "have a zone", id="zone and none"),
    ],
)
def test_times_that_do_not_rise_are_refused(times, said):
    with pytest.raises(TimesNotRising, match=said) as caught:
        moments_of(times)
    assert caught.value.remedy


def test_an_hour_that_comes_twice_on_the_wall_has_two_times():
    twice = [datetime(2024, 10, 27, 2, tzinfo=BERLIN), datetime(2024, 10, 27, 2, fold=1, tzinfo=BERLIN)]
    assert HOUR.places(moments_of(twice)).tolist() == [0, 1]
