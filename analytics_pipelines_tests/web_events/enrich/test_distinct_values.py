from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from analytics_pipelines.foundation.duck import Duck
from analytics_pipelines.foundation.select import ArrowRows, Select
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.web_events.enrich.distinct_values import Described
from analytics_pipelines_tests.web_events.receipts import LIMITS, answers


@dataclass
class Word:
    length: str | None
    is_long: bool


def rows(select: Select) -> list[dict[str, Any]]:
    duck = Duck(LIMITS)
    try:
        return answers(duck, select)
    finally:
        duck.close()


def test_each_distinct_value_is_described_once_and_joined_back() -> None:
    asked: list[str] = []

    def describe(word: str) -> Word:
        asked.append(word)
        return Word(str(len(word)) if word else None, len(word) > 2)

    given = ArrowRows(pa.table({"word": ["a", "abc", "a", "", "abc"]}))
    words = Described(
        Sql("SELECT DISTINCT word FROM given WHERE word <> $but"),
        describe,
        {"length": str, "is_long": bool},
        {"but": "x"},
    )
    query = Sql("SELECT word, length, is_long FROM given JOIN words USING (word) ORDER BY word")
    assert rows(Select(query, {"given": given, "words": words})) == [
        {"word": "", "length": None, "is_long": False},
        {"word": "a", "length": "1", "is_long": False},
        {"word": "a", "length": "1", "is_long": False},
        {"word": "abc", "length": "3", "is_long": True},
        {"word": "abc", "length": "3", "is_long": True},
    ]
    assert sorted(asked) == ["", "a", "abc"]
    assert words.versions == ()


def test_no_values_are_described_as_no_rows() -> None:
    words = Described(Sql("SELECT 'a' AS word WHERE false"), lambda _: None, {"length": str, "is_long": bool})
    assert rows(Select(Sql("SELECT word, length, is_long FROM words"), {"words": words})) == []


def test_without_a_description_it_is_the_answer_asked_once() -> None:
    assert rows(Select(Sql("SELECT * FROM asked"), {"asked": Described(Sql("SELECT 1 AS one"))})) == [{"one": 1}]
