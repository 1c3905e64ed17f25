"""The solver under the regression."""

import numpy as np
import pytest

from analytics_pipelines.datasets.statistics import least_squares
from analytics_pipelines.datasets.statistics.inputs import PerfectCollinearity
from analytics_pipelines.datasets.statistics.least_squares import Design, solve

RANDOM = np.random.default_rng(11)
X = {"a": RANDOM.normal(size=300), "b": RANDOM.normal(size=300) * 1e6, "c": RANDOM.normal(size=300) * 1e-6}
Y = RANDOM.normal(size=300) / 8


def matrix(design: Design) -> np.ndarray:
    return np.vstack([block for _, block in design.blocks()])


@pytest.mark.parametrize("has_intercept", [True, False])
def test_estimates_variances_and_leverages_are_those_of_the_normal_equations(has_intercept):
    design = Design.of(X, has_intercept=has_intercept)
    found, whole = solve(design, Y), matrix(design)
    inverse = np.linalg.inv(whole.T @ whole)
    assert found.estimates == pytest.approx(np.linalg.lstsq(whole, Y, rcond=None)[0], rel=1e-10)
    assert found.variances == pytest.approx(np.diag(inverse), rel=1e-10)
    assert found.leverages == pytest.approx(np.einsum("ij,jk,ik->i", whole, inverse, whole), rel=1e-9)
    assert found.leverages.sum() == pytest.approx(len(design.columns))
    assert found.residuals == pytest.approx(Y - whole @ found.estimates, abs=1e-14)
    assert found.condition_number == pytest.approx(np.linalg.cond(whole / np.linalg.norm(whole, axis=0)))


def test_blocks_of_rows_give_what_the_whole_gives(monkeypatch):
    design = Design.of(X, has_intercept=True)
    whole = solve(design, Y)
    monkeypatch.setattr(least_squares, "BLOCK_ROWS", 37)
    parts = solve(design, Y)
    assert parts.estimates == pytest.approx(whole.estimates, rel=1e-13)
    assert parts.leverages == pytest.approx(whole.leverages, rel=1e-11)


def test_a_design_scales_by_powers_of_two_and_has_one_intercept():
    design = Design.of({"a": np.array([3.0, -700.0])}, has_intercept=True)
    assert design.names == ("intercept", "a")
    assert matrix(design)[:, 1].tolist() == [3.0 / 1024, -700.0 / 1024]
    assert design.exponents == (0, 10)
    assert design.with_intercept() is design


@pytest.mark.parametrize(
    ("made", "said"),
    [
        pytest.param(lambda a, b: 2.0 * a - 3.0 * b, '"c" is a combination of "a", "b".', id="of two"),
        pytest.param(lambda _, b: 7.0 - 0.1 * b, '"c" is a combination of "intercept", "b".', id="with the intercept"),
        pytest.param(lambda a, _: a / 3.0, '"c" is a combination of "a".', id="a multiple, rounded"),
    ],
)
def test_a_column_that_others_determine_is_refused_with_their_names(made, said):
    a, b = RANDOM.normal(size=(2, 50))
    with pytest.raises(PerfectCollinearity) as refused:
        solve(Design.of({"a": a, "b": b, "c": made(a, b)}, has_intercept=True), a)
    assert refused.value.detail == said


def test_columns_that_are_only_nearly_the_same_are_solved():
    a, noise = RANDOM.normal(size=(2, 50))
    design = Design.of({"a": a, "b": a + noise * 1e-7}, has_intercept=True)
    assert solve(design, a / 4).condition_number > 1e6
