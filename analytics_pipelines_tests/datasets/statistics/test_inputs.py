"""What is refused, by name."""

import numpy as np
import pytest

from analytics_pipelines.datasets.statistics.inputs import (
    ConstantColumn,
    NotFinite,
    TooFewRows,
    check_finite,
    check_rows,
    check_varies,
)

GOOD = np.array([1.0, 2.0])


def test_infinite_values_are_refused_with_their_column_and_count():
    with pytest.raises(NotFinite, match='"b" holds 2 infinite values') as refused:
        check_finite({"a": GOOD, "b": np.array([np.inf, 1.0, -np.inf])})
    assert "filter" in (refused.value.remedy or "")


def test_too_few_rows_are_refused_with_how_many_are_needed():
    check_rows(3, 3, "A correlation")
    with pytest.raises(TooFewRows, match=r"A correlation needs at least 3 rows .* there are 2"):
        check_rows(2, 3, "A correlation")


@pytest.mark.parametrize("same", [[1.5, 1.5], [1e308, 1e308], [-5e-324, -5e-324]])
def test_a_column_that_does_not_vary_is_refused(same):
    with pytest.raises(ConstantColumn, match='"b" is'):
        check_varies({"a": GOOD, "b": np.array(same)})


@pytest.mark.parametrize("close", [[1e16, 1e16 + 2], [-1.7e308, 1.7e308], [0.0, 5e-324]])
def test_a_column_that_hardly_varies_does_vary(close):
    check_varies({"a": np.array(close)})
