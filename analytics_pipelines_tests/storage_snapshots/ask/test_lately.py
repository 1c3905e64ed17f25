"""What is kept, and what has to go."""

from analytics_pipelines.storage_snapshots.ask.lately import Lately


def test_the_answer_not_asked_for_longest_goes_first():
    made = []
    lately = Lately[str](2)

    def ask(question):
        return lately.of(question, lambda: made.append(question) or question.upper())

    assert [ask(each) for each in "abacab"] == ["A", "B", "A", "C", "A", "B"]
    assert made == ["a", "b", "c", "b"]


def test_an_answer_of_nothing_is_kept_too():
    made = []
    lately = Lately[None](1)
    for _ in range(3):
        assert lately.of("asked", lambda: made.append(1)) is None
    assert made == [1]
