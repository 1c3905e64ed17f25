"""What the process tells comes back as it went."""

import math

import pytest

from analytics_pipelines.datasets.execution import job
from analytics_pipelines.datasets.execution.job import AnswerTooLarge, Computed, computed_of


def test_an_answer_comes_back_as_it_went():
    computed = Computed(
        result={"value": 1.5, "rows": [{"a": None}]},
        filtered_row_count=3,
        nulls_dropped={"price": 1},
        warnings=("few rows",),
        chart_spec={"mark": "bar"},
    )
    assert computed_of(computed.to_json()) == computed


def test_what_is_not_finite_becomes_null():
    computed = Computed(result={"value": math.inf, "other": math.nan}, filtered_row_count=0, nulls_dropped={})
    assert computed_of(computed.to_json()).result == {"value": None, "other": None}


def test_an_answer_that_is_too_large_has_a_name_and_a_limit(monkeypatch):
    computed = Computed(result={"value": "x" * 100}, filtered_row_count=0, nulls_dropped={})
    monkeypatch.setattr(job, "MOST_ANSWER_BYTES", len(computed.to_json()))
    assert computed_of(computed.to_json()) == computed
    with pytest.raises(AnswerTooLarge, match="bytes"):
        Computed(result={"value": "x" * 101}, filtered_row_count=0, nulls_dropped={}).to_json()
