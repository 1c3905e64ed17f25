"""What the process tells comes back as it went."""

import math

from analytics_pipelines.datasets.execution.job import Computed, computed_of


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
