from time import process_time

import numpy as np

from analytics_pipelines.datasets.forecast.adjusted import Adjusted, season_of
from analytics_pipelines.datasets.forecast.naive import Drift, Naive

STEPS = np.arange(60)
SWING = 3 * np.sin(2 * np.pi * STEPS / 12)


def test_the_season_of_a_swing_on_a_line_is_the_swing():
    assert np.abs(season_of(0.1 * STEPS + SWING, 12) - SWING).max() < 0.05


def test_a_model_of_the_rest_carries_the_season_on():
    fit = Adjusted(Drift()).fit(0.1 * STEPS + SWING, 12)
    ahead = np.arange(60, 70)
    path = fit.ahead(0.1 * STEPS + SWING, 10)
    assert np.abs(path.middle - (0.1 * ahead + 3 * np.sin(2 * np.pi * ahead / 12))).max() < 0.1
    assert fit.description.endswith("of the seasonally adjusted series")


def test_the_newest_season_goes_on_where_the_series_ends_within_one():
    values = SWING[:55]
    path = Adjusted(Naive()).fit(values, 12).ahead(values, 14)
    assert np.abs(path.middle - 3 * np.sin(2 * np.pi * np.arange(55, 69) / 12)).max() < 0.1


def test_without_a_season_the_model_is_the_one_inside():
    model = Adjusted(Naive())
    assert model.name == "naive"
    assert isinstance(model.fit(SWING, 1), Naive)


def test_a_long_season_is_found_as_well_at_few_places_and_in_no_time():
    steps = np.arange(1440 * 4)
    swing = 3 * np.sin(2 * np.pi * steps / 1440)
    started_s = process_time()
    assert np.abs(season_of(0.001 * steps + swing, 1440) - swing).max() < 0.05
    assert process_time() - started_s < 2


def test_a_season_that_is_known_can_not_be_changed_by_who_asked():
    assert not season_of(SWING, 12).flags.writeable
