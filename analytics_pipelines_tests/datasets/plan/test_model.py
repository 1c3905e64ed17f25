"""The shape of a plan by itself."""

from typing import Any

import pytest
from pydantic import ValidationError

from analytics_pipelines.datasets.plan.model import Filter, Measure, Operation, Plan, Top


def test_a_field_that_is_null_counts_as_absent() -> None:
    given: dict[str, Any] = dict.fromkeys(Plan.model_fields)
    assert Plan.model_validate(given) == Plan()
    assert Plan.model_validate(given).model_fields_set == set()
    assert Top.model_validate({"n": 3, "other": None}) == Top(n=3)


@pytest.mark.parametrize("part", [Plan, Filter, Measure, Top])
def test_every_field_says_what_it_means(part: type[Plan]) -> None:
    assert [name for name, field in part.model_fields.items() if not field.description] == []


@pytest.mark.parametrize("value", ["0.5", True, 0, 1, float("nan")])
def test_a_quantile_is_a_number_between_0_and_1(value: Any) -> None:
    with pytest.raises(ValidationError):
        Measure.model_validate({"operation": "quantile", "column": "a", "quantile": value})


def test_a_plan_can_not_be_changed() -> None:
    with pytest.raises(ValidationError):
        Plan().operation = Operation.SUM  # type: ignore[misc] # that it is refused is what is tested


def test_statistics_are_no_aggregates() -> None:
    statistics = {Operation.CORRELATION, Operation.REGRESSION, Operation.FORECAST}
    assert {each for each in Operation if not each.is_aggregate} == statistics
