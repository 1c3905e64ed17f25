"""Which figures have a meaning with which dimensions and filters; what has none is refused and not guessed."""

from analytics_pipelines.web_events.ask.errors import BadInclude, MetricNotDefined
from analytics_pipelines.web_events.ask.question import Leaf, Question, leaves
from analytics_pipelines.web_events.ask.vocabulary import EVENT_DIMENSIONS, OF_VISITS, TIME_DIMENSIONS

PAGE, GOAL = "event:page", "event:goal"


def must_be_defined(question: Question, *, has_time_labels: bool = False) -> None:
    """Raises `MetricNotDefined` or `BadInclude` for what can not be answered."""
    _visits_by_events(question)
    _views_of_a_page(question)
    _conversions(question)
    if has_time_labels and question.time_dimension is None:
        raise BadInclude(
            "Labels of time need a dimension of time.", remedy="Add one of " + ", ".join(TIME_DIMENSIONS) + "."
        )


def _visits_by_events(question: Question) -> None:
    """By page alone a visit counts for the page that it began with."""
    asked = [each for each in question.metrics if each in OF_VISITS]
    if asked and question.event_dimensions and question.event_dimensions != [PAGE]:
        others = [each for each in EVENT_DIMENSIONS if each != PAGE]
        raise MetricNotDefined(
            ", ".join(asked) + " speak of whole visits and can not be told by " + ", ".join(others) + ".",
            remedy="Ask by event:page, time or visit: dimensions, or for visitors, visits, pageviews, events.",
        )


def _views_of_a_page(question: Question) -> None:
    filtered = {leaf.dimension for leaf in leaves(question.filters)}
    if "views_per_visit" in question.metrics and PAGE in {*question.dimensions, *filtered}:
        raise MetricNotDefined(
            "views_per_visit is not defined for single pages.", remedy="Leave it or event:page out, or use pageviews."
        )


def _conversions(question: Question) -> None:
    if "conversion_rate" not in question.metrics:
        return
    goals = [leaf for leaf in leaves(question.filters) if leaf.dimension == GOAL]
    on_top = [each for each in question.filters if isinstance(each, Leaf) and each.dimension == GOAL]
    if not (on_top or GOAL in question.dimensions) or len(goals) > len(on_top):
        raise MetricNotDefined(
            "conversion_rate needs event:goal as a dimension or as a filter, and not inside and, or, not.",
            remedy='Add the dimension event:goal or the filter ["is", "event:goal", [name]].',
        )
