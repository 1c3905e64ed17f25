"""Which figures go with which dimensions and filters."""

import pytest

from analytics_pipelines.web_events.ask.errors import BadInclude, MetricNotDefined
from analytics_pipelines.web_events.ask.question import Leaf, Negated, Question
from analytics_pipelines.web_events.ask.rules import must_be_defined

GOAL = Leaf("is", "event:goal", ("signup",))
PAGE = Leaf("is", "event:page", ("/a",))


@pytest.mark.parametrize(
    "question",
    [
        pytest.param(Question(metrics=("visits", "visitors"), dimensions=("event:name",)), id="counts by event"),
        pytest.param(Question(metrics=("bounce_rate",), dimensions=("event:page", "time:day")), id="bounces by page"),
        pytest.param(Question(metrics=("views_per_visit",), dimensions=("visit:os",)), id="views by system"),
        pytest.param(Question(metrics=("pageviews",), dimensions=("visit:entry_page",)), id="page views by entry"),
        pytest.param(Question(metrics=("conversion_rate",), filters=(GOAL,)), id="a goal as a filter"),
        pytest.param(Question(metrics=("conversion_rate",), dimensions=("event:goal",)), id="goals as a dimension"),
    ],
)
def test_what_has_a_meaning_is_allowed(question: Question) -> None:
    must_be_defined(question)


@pytest.mark.parametrize(
    ("question", "named"),
    [
        pytest.param(Question(metrics=("bounce_rate",), dimensions=("event:name",)), "bounce_rate", id="by event"),
        pytest.param(
            Question(metrics=("visit_duration",), dimensions=("event:page", "event:name")),
            "visit_duration",
            id="by more",
        ),
        pytest.param(
            Question(metrics=("views_per_visit",), dimensions=("event:page",)), "views_per_visit", id="by page"
        ),
        pytest.param(
            Question(metrics=("views_per_visit",), filters=(Negated(PAGE),)), "views_per_visit", id="of a page"
        ),
        pytest.param(Question(metrics=("conversion_rate",)), "conversion_rate", id="no goal"),
        pytest.param(
            Question(metrics=("conversion_rate",), filters=(Negated(GOAL),)), "conversion_rate", id="not a goal"
        ),
        pytest.param(
            Question(metrics=("conversion_rate",), filters=(GOAL, Negated(GOAL))), "conversion_rate", id="a goal inside"
        ),
    ],
)
def test_what_has_no_meaning_is_refused_by_name(question: Question, named: str) -> None:
    with pytest.raises(MetricNotDefined, match=named):
        must_be_defined(question)


def test_labels_of_time_need_a_dimension_of_time() -> None:
    must_be_defined(Question(metrics=("visits",), dimensions=("time:week",)), has_time_labels=True)
    with pytest.raises(BadInclude, match="Labels"):
        must_be_defined(Question(metrics=("visits",)), has_time_labels=True)
