import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics_pipelines.datasets.compile.spread import (
    MOST_BINS,
    MOST_BOXES,
    MOST_OUTLIERS,
    NothingToSpread,
    boxes,
    histogram,
)
from analytics_pipelines_tests.datasets.compile.subjects import plan_of, subject_of, subject_of_table

CHEAP = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
PLAN = plan_of(operation="mean", target_column="x")
BY_GROUP = plan_of(operation="mean", target_column="x", group_by=["g"])
NUMBERS = st.floats(-1e308, 1e308) | st.integers(-5, 5).map(float) | st.sampled_from([np.nan, np.inf, -np.inf, 5e-324])


@CHEAP
@given(st.lists(NUMBERS, max_size=60))
def test_bins_touch_and_hold_every_finite_value(cursor, values):
    finite = [value for value in values if np.isfinite(value)]
    bins = histogram(cursor, PLAN, subject_of_table(cursor, pa.table({"x": pa.array(values, pa.float64())})))
    assert sum(each.count for each in bins) == len(finite)
    assert len(bins) <= MOST_BINS
    assert [each.end for each in bins[:-1]] == [each.start for each in bins[1:]]
    if finite:
        assert bins[0].start <= min(finite)
        assert bins[-1].end >= max(finite)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("SELECT 5 AS x FROM range(3)", [(4.5, 5.5, 3)], id="one value"),
        pytest.param("SELECT 5.0 AS x WHERE false", [], id="no value"),
        pytest.param(
            "SELECT i % 4 AS x FROM range(400) AS r(i)",
            [(0, 1, 100), (1, 2, 100), (2, 3, 100), (3, 4, 100)],
            id="integers",
        ),
    ],
)
def test_a_histogram_of_few_values_is(cursor, query, expected):
    found = histogram(cursor, PLAN, subject_of(cursor, query))
    assert [(each.start, each.end, each.count) for each in found] == expected


def test_bins_have_the_width_of_freedman_and_diaconis(cursor):
    subject = subject_of(cursor, "SELECT CAST(i AS DOUBLE) / 1000 AS x FROM range(1000) AS r(i)")
    values = np.arange(1000) / 1000
    assert len(histogram(cursor, PLAN, subject)) == len(np.histogram_bin_edges(values, "fd")) - 1


def test_boxes_have_quartiles_whiskers_and_the_farthest_outliers(cursor):
    query = (
        "SELECT g, x FROM (SELECT 'a' AS g, UNNEST([1, 2, 3, 4, 5, 100, -90, CAST('NaN' AS DOUBLE), 'Infinity']) AS x)"
    )
    (box,) = boxes(cursor, BY_GROUP, subject_of(cursor, query + " UNION ALL SELECT NULL, NULL"))
    first, middle, third = np.quantile([1, 2, 3, 4, 5, 100, -90], [0.25, 0.5, 0.75])
    assert (box.group, box.quartile_1, box.median, box.quartile_3) == ("a", first, middle, third)
    assert (box.whisker_low, box.whisker_high, box.outliers) == (1, 5, (-90, 100))


def test_whiskers_never_end_inside_the_box(cursor):
    (box,) = boxes(cursor, PLAN, subject_of(cursor, "SELECT UNNEST([0.0, 100, 100, 100]) AS x"))
    assert box.group is None
    assert box.whisker_low == box.quartile_1 == 75
    assert box.outliers == (0,)


def test_few_outliers_are_told_and_few_boxes_by_their_size(cursor):
    outliers = "SELECT CASE WHEN i < 1000 THEN i % 10 ELSE i * 1000 END AS x FROM range(1100) AS r(i)"
    (box,) = boxes(cursor, PLAN, subject_of(cursor, outliers))
    assert box.outliers == tuple(float(i * 1000) for i in range(1100 - MOST_OUTLIERS // 2, 1100))
    groups = "SELECT g, x FROM range(60) AS r(g), range(CAST(g + 1 AS BIGINT)) AS q(x)"
    assert [each.group for each in boxes(cursor, BY_GROUP, subject_of(cursor, groups))] == list(
        range(60 - MOST_BOXES, 60)
    )


def test_a_plan_without_numbers_has_nothing_to_spread(cursor):
    subject = subject_of(cursor, "SELECT 'a' AS g, 1 AS x")
    for fields in ({"operation": "count"}, {"operation": "max", "target_column": "g"}):
        with pytest.raises(NothingToSpread):
            histogram(cursor, plan_of(**fields), subject)
        with pytest.raises(NothingToSpread):
            boxes(cursor, plan_of(**fields), subject)
