import numpy as np
import pyarrow as pa
import pytest

from analytics_pipelines.datasets.uploads.collinear import collinear, correlations

NOISE = np.random.default_rng(7).normal(size=(200, 3))


def test_columns_that_say_the_same_name_each_other() -> None:
    x, other, _ = NOISE.T
    columns = {"x": pa.array(x), "double": pa.array(-2 * x + 5), "other": pa.array(other)}
    assert collinear(columns) == {"x": ("double",), "double": ("x",), "other": ()}


def test_missing_and_infinite_values_leave_their_rows_out() -> None:
    values = [float(row) for row in range(20)]
    holes = [None if row % 5 == 0 else 3 * value for row, value in enumerate(values)]
    found = collinear({"a": pa.array(values), "b": pa.array(holes), "c": pa.array([*values[:-1], np.inf])})
    assert found == {"a": ("b", "c"), "b": ("a", "c"), "c": ("a", "b")}


@pytest.mark.parametrize(
    "values",
    [
        pytest.param([1, 1, 1, 1], id="constant"),
        pytest.param([None, None, None, 1], id="one value"),
        pytest.param([None] * 4, id="none"),
    ],
)
def test_a_column_that_says_nothing_is_like_no_other(values: list[int | None]) -> None:
    found = collinear({"a": pa.array([1, 2, 3, 4]), "b": pa.array(values, pa.int64())})
    assert found == {"a": (), "b": ()}


def test_correlations_are_those_of_numpy() -> None:
    rows = NOISE @ np.array([[1, 0.5, 0], [0, 1, 0], [0, 0, 1e12]]) + np.array([1e3, 0, 1e15])
    np.testing.assert_allclose(correlations(rows), np.corrcoef(rows.T), rtol=1e-9, atol=1e-9)


def test_correlations_of_pairs_leave_out_rows_that_lack_either() -> None:
    rows = NOISE.copy()
    rows[::3, 0], rows[::4, 1] = np.nan, np.nan
    both = ~np.isnan(rows[:, 0]) & ~np.isnan(rows[:, 1])
    assert correlations(rows)[0, 1] == pytest.approx(np.corrcoef(rows[both, 0], rows[both, 1])[0, 1])


def test_too_many_columns_or_no_rows_are_not_looked_at() -> None:
    many = {str(place): pa.array([1.0, 2.0, 3.0]) for place in range(201)}
    assert set(collinear(many).values()) == {()}
    assert collinear({"a": pa.array([], pa.int64()), "b": pa.array([], pa.int64())}) == {"a": (), "b": ()}
    assert collinear({}) == {}
