"""What a request says that its plan is about."""

import pytest

from analytics_pipelines.datasets.routes.named import Named, NothingNamed, TwoNamed, named


def test_either_of_both_is_named():
    assert named({"session_id": "a"}) == Named("a", None)
    assert named({"table": "b", "session_id": None}) == Named(None, "b")


@pytest.mark.parametrize("sent", [{}, {"table": 3}, {"session_id": "x" * 300}, "x", None, []])
def test_nothing_else_is_a_name(sent):
    with pytest.raises(NothingNamed):
        named(sent)


def test_two_names_are_one_too_many():
    with pytest.raises(TwoNamed):
        named({"session_id": "a", "table": "b"})
