"""What errors say of what was sent."""

import pytest

from analytics_pipelines.web_events.ask.errors import MOST_ECHOED, allowed, quoted


@pytest.mark.parametrize(
    ("given", "told"), [("a", "`a`"), (["a"], "`['a']`"), ("b" * 200, "`" + "b" * MOST_ECHOED + "…`")], ids=str
)
def test_what_was_sent_is_told_short(given: object, told: str) -> None:
    assert quoted(given) == told


def test_allowed_words_are_listed_in_order() -> None:
    assert allowed(["b", "a"]) == "Allowed: b, a."
