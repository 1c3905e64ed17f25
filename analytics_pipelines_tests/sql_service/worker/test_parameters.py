"""What may be bound, and which values are of one type."""

import pytest

from analytics_pipelines.sql_service.errors import DuckDBQueryError
from analytics_pipelines.sql_service.worker.parameters import MOST_PARAMETERS, checked_parameters, shape_of


@pytest.mark.parametrize(
    "given",
    [
        pytest.param([1, 1.5, "a", True, None], id="scalars"),
        pytest.param([[1, [2, [3, [4]]]]], id="lists in lists"),
        pytest.param({"day": "2026-11-20", "many": [1, 2]}, id="by name"),
    ],
)
def test_scalars_and_lists_may_be_bound(given):
    assert checked_parameters(given) is given


@pytest.mark.parametrize("given", [pytest.param(each, id=repr(each)) for each in (None, [], {})])
def test_without_any_there_are_none(given):
    assert checked_parameters(given) is None


@pytest.mark.parametrize(
    "given",
    [
        pytest.param([{"a": 1}], id="an object"),
        pytest.param({"a": [{"b": 1}]}, id="an object in a list"),
        pytest.param([[[[[[1]]]]]], id="too deep"),
        pytest.param([1] * (MOST_PARAMETERS + 1), id="too many"),
    ],
)
def test_other_values_are_refused(given):
    with pytest.raises(DuckDBQueryError):
        checked_parameters(given)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        pytest.param([1], [2], True, id="small numbers"),
        pytest.param([1], [2**31], False, id="a larger one"),
        pytest.param([2**63], [2**31], False, id="a huge one"),
        pytest.param([1], [True], False, id="a boolean"),
        pytest.param([1], ["1"], False, id="a text"),
        pytest.param([[1, 2]], [[3]], True, id="lists of small numbers"),
        pytest.param([[1]], [["a"]], False, id="lists of others"),
        pytest.param({"a": 1, "b": "x"}, {"b": "y", "a": 2}, True, id="names in another order"),
        pytest.param({"a": 1}, {"b": 1}, False, id="other names"),
        pytest.param(None, [], False, id="none and an empty list"),
    ],
)
def test_values_of_one_type_have_one_shape(one, other, is_same):
    assert (shape_of(one) == shape_of(other)) is is_same
    assert isinstance(hash(shape_of(one)), int)
