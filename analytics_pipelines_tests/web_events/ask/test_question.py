"""What a question needs to look at."""

import pytest

from analytics_pipelines.web_events.ask.question import Every, Filter, Leaf, Negated, Question, Some, leaves

OS, PAGE = Leaf("is", "visit:os", ("Linux",)), Leaf("is", "event:page", ("/a",))


def test_leaves_are_found_at_any_depth() -> None:
    assert leaves((Every((OS, Some((Negated(PAGE),)))), PAGE)) == [OS, PAGE, PAGE]


@pytest.mark.parametrize(
    ("filters", "of_events", "of_visits"),
    [((), False, False), ((OS,), False, True), ((PAGE,), True, False), ((Negated(Some((OS, PAGE))),), True, True)],
)
def test_filters_tell_whether_events_or_visits_are_looked_at(
    filters: tuple[Filter, ...], of_events: bool, of_visits: bool
) -> None:
    question = Question(metrics=("visits",), filters=filters)
    assert (question.filters_events, question.looks_at_visits) == (of_events, of_visits)


def test_dimensions_are_told_apart() -> None:
    question = Question(metrics=("visits",), dimensions=("visit:os", "event:page", "time:day", "time:hour"))
    assert (question.event_dimensions, question.time_dimension) == (["event:page"], "time:day")
    assert question.looks_at_visits
