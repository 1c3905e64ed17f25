"""What a statement reads; what it answers is held by test_answer.py."""

from datetime import date

import pytest

from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.web_events.ask.compose import Place, Statement, statement
from analytics_pipelines.web_events.ask.question import Leaf, Order, Question, Span

SPAN = Span("Europe/Berlin", date(2026, 1, 1), date(2026, 1, 7))
PLACE = Place(site_id="it's", events=Sql("SELECT the_events"), sessions=Sql("SELECT the_visits"), goals=("signup",))
PAGE, OS = Leaf("is", "event:page", ("/a",)), Leaf("is", "visit:os", ("Linux",))


def composed(*metrics: str, dimensions: tuple[str, ...] = (), filters: tuple[Leaf, ...] = ()) -> Statement:
    order = (Order(metrics[0], is_descending=True),)
    return statement(Question(metrics=metrics, dimensions=dimensions, filters=filters, order_by=order), SPAN, PLACE)


@pytest.mark.parametrize(
    ("made", "reads"),
    [
        pytest.param(composed("visitors", "pageviews"), {"the_events"}, id="figures of events"),
        pytest.param(composed("visits", "bounce_rate", dimensions=("visit:os",)), {"the_visits"}, id="of visits"),
        pytest.param(composed("visits", filters=(OS,)), {"the_visits"}, id="of filtered visits"),
        pytest.param(composed("visitors", "visits"), {"the_events", "the_visits"}, id="of both"),
        pytest.param(composed("visits", filters=(PAGE,)), {"the_events", "the_visits"}, id="of visits by events"),
        pytest.param(composed("events", filters=(OS,)), {"the_events", "the_visits"}, id="of events by visits"),
        pytest.param(composed("events", dimensions=("event:page",)), {"the_events"}, id="of events by page"),
    ],
)
def test_only_what_is_needed_is_read(made: Statement, reads: set[str]) -> None:
    assert {each for each in ("the_events", "the_visits") if each in made.rows.text} == reads


def test_events_find_their_visits_only_where_these_matter() -> None:
    assert "placed_hits" not in composed("visitors", "visits").rows.text
    assert "placed_hits" in composed("visitors", dimensions=("visit:os",)).rows.text


def test_every_value_is_bound_once_and_none_stands_in_the_text() -> None:
    made = composed("visitors", "percentage", filters=(PAGE, OS), dimensions=("time:week",))
    assert "it's" not in made.rows.text
    assert "Linux" not in made.rows.text
    for number in range(len(made.values | made.page)):
        assert f"$v{number}" in made.rows.text
    assert set(made.page.values()) == {10_000, 0}
    assert "LIMIT" not in made.total.text


def test_rows_are_in_one_order_whatever_was_asked() -> None:
    made = composed("visitors", dimensions=("visit:os", "time:day"))
    assert 'ORDER BY "m0" DESC NULLS LAST, "d0" ASC NULLS LAST, "d1" ASC NULLS LAST' in made.rows.text
