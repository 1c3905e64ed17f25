"""Which chart an answer gets."""

import pytest

from analytics_pipelines.datasets.evidence import ColumnKind
from analytics_pipelines.datasets.execution.found import chart_type_of
from analytics_pipelines.datasets.plan.model import Plan
from analytics_pipelines.datasets.subject import Subject, SubjectColumn, SubjectKind

SUBJECT = Subject(
    name="x",
    kind=SubjectKind.UPLOAD,
    columns=(
        SubjectColumn(name="price", type="DOUBLE", kind=ColumnKind.NUMBER),
        SubjectColumn(name="region", type="VARCHAR", kind=ColumnKind.TEXT),
    ),
    row_count=1,
    fingerprint="",
)
MEAN = {"operation": "mean", "target_column": "price"}


@pytest.mark.parametrize(
    ("plan", "chart"),
    [
        pytest.param(MEAN, None, id="a single number"),
        pytest.param(MEAN | {"chart_type": "auto"}, None, id="a single number, as it suits"),
        pytest.param(MEAN | {"chart_type": "histogram"}, "histogram", id="as asked for"),
        pytest.param(MEAN | {"group_by": ["region"]}, "bar", id="groups"),
        pytest.param({"operation": "correlation", "x_axis": "price", "y_axis": "price"}, "scatter", id="two columns"),
    ],
)
def test_the_chart_is_the_one_asked_for_or_the_one_that_suits(plan, chart):
    assert chart_type_of(Plan.model_validate(plan), SUBJECT) == chart
