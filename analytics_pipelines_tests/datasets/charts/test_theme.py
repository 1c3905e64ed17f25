"""One look for all charts."""

import pytest

from analytics_pipelines.datasets.charts.theme import heat, number_axis, thinned


@pytest.mark.parametrize(
    ("largest", "format_"), [(0, None), (99_999, None), (1e5, "~s"), (1e15, ".4~g"), (1e-4, ".4~g"), (None, None)]
)
def test_labels_of_numbers_stay_short(largest, format_):
    assert number_axis([largest, None]).get("format") == format_


@pytest.mark.parametrize(("count", "most"), [(0, 5), (1, 5), (5, 5), (6, 5), (1000, 7)])
def test_thinning_keeps_both_ends_and_no_place_twice(count, most):
    places = thinned(count, most)
    assert len(places) == len(set(places)) == min(count, most)
    assert {0, count - 1} <= set(places) or count == 0


@pytest.mark.parametrize(
    ("values", "domain"), [([-2.0, None, 5.0], [-5.0, 0.0, 5.0]), ([1.0, 5.0], None), ([-3.0, 0.0], None), ([], None)]
)
def test_values_on_both_sides_of_zero_have_a_colour_each(values, domain):
    assert heat("m0", "profit", values)["scale"].get("domain") == domain
