from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from analytics_pipelines.datasets.forecast.regular import (
    MOST_READ,
    IrregularTimes,
    TooFewPoints,
    TooManyGaps,
    ValuesNotFinite,
    filled,
    regular,
)
from analytics_pipelines_tests.datasets.forecast.series_made import START, days, moment, months

NEW_YORK = ZoneInfo("America/New_York")


def by(step: timedelta, count: int = 20) -> list[datetime]:
    return [START + number * step for number in range(count)]


def jittered(seconds: int, count: int = 50) -> list[datetime]:
    offsets = np.random.default_rng(1).uniform(-0.1, 0.1, count) * seconds
    return [START + timedelta(seconds=seconds * step + float(offsets[step])) for step in range(count)]


@pytest.mark.parametrize(
    ("at", "step"),
    [
        pytest.param(days(20), "day", id="days"),
        pytest.param([each for each in days(30) if each.weekday() < 5], "working day", id="no weekend"),
        pytest.param([each for each in days(60) if each.weekday() == 4], "week", id="Fridays are weeks"),
        pytest.param(days(5), "day", id="one week's days are days"),
        pytest.param(months(10), "month", id="months"),
        pytest.param(months(10, every=3), "quarter", id="quarters"),
        pytest.param(months(10, every=12), "year", id="years"),
        pytest.param(
            [moment(2024, month, day) for month, day in ((1, 31), (2, 29), (3, 31), (4, 30))], "month", id="ends"
        ),
        pytest.param(by(timedelta(hours=1)), "hour", id="hours"),
        pytest.param(by(timedelta(minutes=15)), "15 minutes", id="quarters of an hour"),
        pytest.param(by(timedelta(milliseconds=250)), "250 milliseconds", id="parts of a second"),
        pytest.param(
            [START.replace(tzinfo=NEW_YORK) + timedelta(days=day) for day in range(120)], "day", id="local days"
        ),
        pytest.param(
            [(START.replace(tzinfo=UTC) + timedelta(hours=hour)).astimezone(NEW_YORK) for hour in range(2000)],
            "hour",
            id="local hours",
        ),
    ],
)
def test_the_step_is_found(at, step):
    series = regular(at, np.arange(float(len(at))))
    assert series.step.name == step
    assert series.values.tolist() == list(range(len(at)))
    assert series.warnings == ()


def test_late_times_are_taken_for_the_nearest_step_and_it_is_said():
    series = regular(jittered(60), np.arange(50.0))
    assert series.values.tolist() == list(range(50))
    assert "nearest step" in series.warnings[0]


def test_steps_without_a_row_and_rows_without_a_number_are_alike():
    at = days(10)
    given = np.arange(10.0)
    holed = given.copy()
    holed[4] = np.nan
    without = regular(at[:4] + at[5:], np.delete(given, 4))
    assert np.array_equal(regular(at, holed).values, without.values, equal_nan=True)
    assert np.isnan(without.values[4])


def test_numbers_missing_at_either_end_are_not_filled():
    series = regular(days(8), np.array([np.nan, 1, 2, 3, 4, 5, 6, np.nan]))
    assert series.values.tolist() == [1, 2, 3, 4, 5, 6]
    assert series.moments.last == days(8)[6]


@pytest.mark.parametrize(
    ("at", "step", "name"),
    [
        pytest.param(days(20), "day", "day", id="days"),
        pytest.param(
            [each for each in days(30) if each.weekday() < 5], "day", "working day", id="days without weekends"
        ),
        pytest.param([START + timedelta(days=7 * each) for each in (0, 1, 2, 4, 5)], "week", "week", id="weeks"),
        pytest.param([START + timedelta(hours=each) for each in (0, 1, 2, 3, 6, 7, 8, 9)], "hour", "hour", id="hours"),
        pytest.param(months(12, every=3), "quarter", "quarter", id="quarters"),
    ],
)
def test_a_bucket_names_its_step(at, step, name):
    assert regular(at, np.ones(len(at)), step).step.name == name


@pytest.mark.parametrize(
    ("at", "values", "step", "error", "said"),
    [
        pytest.param(days(3), [1, 2, 3], None, TooFewPoints, "3 values", id="three values"),
        pytest.param(days(5), [1, np.nan, np.nan, 4, 5], None, TooFewPoints, "3 values", id="three numbers"),
        pytest.param(days(5), [1, 2, np.inf, 4, 5], None, ValuesNotFinite, "infinite", id="an infinity"),
        pytest.param(
            [START + timedelta(seconds=each) for each in (0, 7, 12, 22, 29, 39, 44)],
            range(7),
            None,
            IrregularTimes,
            "between 5 seconds and 10 seconds apart",
            id="no step at all",
        ),
        pytest.param(
            [START + timedelta(days=day**2) for day in range(9)], range(9), None, TooManyGaps, "56 of 65", id="squares"
        ),
        pytest.param(by(timedelta(hours=1)), range(20), "day", IrregularTimes, "within one day", id="hours in days"),
        pytest.param(days(5), range(5), "fortnight", IrregularTimes, "fortnight", id="an unknown bucket"),
        pytest.param(
            [START + timedelta(days=day) for day in (0, 1, 2, 3, 4, 20)],
            range(6),
            None,
            TooManyGaps,
            "15 of 21",
            id="a long gap",
        ),
        pytest.param(
            [START, *days(5, moment(2034, 1, 1))], range(6), "minute", TooManyGaps, "minute", id="years of minutes"
        ),
    ],
)
def test_what_can_not_be_carried_on_is_refused_with_the_reason(at, values, step, error, said):
    with pytest.raises(error, match=said):
        regular(at, np.array(values, dtype=float), step)


def test_of_very_many_values_the_newest_are_read():
    at = [START + timedelta(seconds=step) for step in range(MOST_READ + 5)]
    series = regular(at, np.arange(MOST_READ + 5.0))
    assert series.values[0] == 5
    assert series.warnings == (f"Only the newest {MOST_READ:,} of {MOST_READ + 5:,} values were read.",)


def test_gaps_are_filled_on_the_line_between_their_neighbours():
    assert filled(np.array([1, np.nan, np.nan, 4.0]), 1).tolist() == [1, 2, 3, 4]


def test_gaps_in_a_season_are_filled_with_the_season_laid_over():
    swing = np.tile([0.0, 10.0, 0.0, -10.0], 6) + np.arange(24) * 0.5
    holed = swing.copy()
    holed[[9, 14, 15]] = np.nan
    assert filled(holed, 4) == pytest.approx(swing, abs=2)


def test_a_phase_of_which_nothing_is_known_is_filled_all_the_same():
    values = np.tile([1.0, 2.0, np.nan, 1.0], 6)
    assert not np.isnan(filled(values, 4)).any()
