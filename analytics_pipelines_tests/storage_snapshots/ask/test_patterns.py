import duckdb
import pytest

from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.storage_snapshots.ask.patterns import (
    BadPattern,
    Mode,
    PatternTooLong,
    folded_text,
    matcher,
)


@pytest.fixture
def cursor():
    with duckdb.connect() as found:
        yield found


def matches(cursor, mode, pattern, name, *, is_case_sensitive=False):
    meant = matcher(cursor, mode, pattern, is_case_sensitive=is_case_sensitive)
    condition = meant.condition(Sql("name"), Sql("lower(name)"), Sql("$value"))
    query = Sql("SELECT count(*) > 0 FROM (SELECT $name AS name) WHERE {condition}").fill(condition=condition)
    return cursor.execute(query.text, {"name": name, "value": meant.value}).fetchone()[0]


@pytest.mark.parametrize(
    ("mode", "pattern", "name", "expected"),
    [
        pytest.param("substring", "port", "REPORT", (True, False), id="a part"),
        pytest.param("substring", "straße", "STRASSE", (False, False), id="sharp s is not two"),
        pytest.param("substring", "ΣΊΣΥΦΟΣ", "σίσυφοσ", (True, False), id="greek"),
        pytest.param("glob", "re*.t?t", "Report.TXT", (True, False), id="a glob"),
        pytest.param("glob", "port", "report", (False, False), id="a glob is whole"),
        pytest.param("glob", "[A-Z]*", "report", (True, False), id="a class in small letters"),
        pytest.param("regex", "^re.*t$", "RePort", (True, False), id="a regex"),
        pytest.param("regex", "port", "report", (True, True), id="a regex is found anywhere"),
        pytest.param("regex", "(?i)PORT", "report", (True, True), id="a regex with its own flag"),
        pytest.param("regex", "^\u017fx", "\u017fx", (True, True), id="an anchored letter whose successor is no utf-8"),
        pytest.param("regex", "a.b", "a\nb", (False, False), id="a dot is no line's end"),
    ],
)
def test_case_is_ignored_or_minded(cursor, mode, pattern, name, expected):
    found = [matches(cursor, Mode(mode), pattern, name, is_case_sensitive=minding) for minding in (False, True)]
    assert tuple(found) == expected


@pytest.mark.parametrize(
    "pattern", ["(", "a**", "(a{1000}){1000}", "(?=a)", r"(a)\1", "[[:no:]]", r"\p{No such}", "\\"]
)
def test_what_re2_refuses_is_a_bad_pattern_in_our_words(cursor, pattern):
    with pytest.raises(BadPattern, match="no regular expression") as caught:
        matcher(cursor, Mode.REGEX, pattern, is_case_sensitive=True)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("mode", Mode)
def test_what_no_name_can_hold_is_refused(cursor, mode):
    for pattern in ("", "a\x00", "\ud800"):
        with pytest.raises(BadPattern):
            matcher(cursor, mode, pattern, is_case_sensitive=False)
    with pytest.raises(PatternTooLong, match="Limit: 1000 characters"):
        matcher(cursor, mode, "a" * 1001, is_case_sensitive=False)


def test_a_class_turned_round_by_small_letters_is_a_bad_pattern(cursor):
    with pytest.raises(BadPattern):
        matcher(cursor, Mode.GLOB, "[Z-a]x", is_case_sensitive=False)


def test_letters_are_made_small_by_the_engine(cursor):
    for text in ("ABC", "İI", "ΑΣ", "ẞ"):
        assert folded_text(cursor, text) == cursor.execute("SELECT lower($1)", [text]).fetchone()[0]
