import re

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.storage_snapshots.ask.literals import required_texts, sieve
from analytics_pipelines_tests.counts import examples
from analytics_pipelines_tests.storage_snapshots.ask.regexes import regexes

PIECES = st.sampled_from(["ab", "report", "S", "k", "K", "\u017f", "\u212a", "é", "日本", "x.y", "1", "σς"])


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        pytest.param("Report", ("report",), id="a text"),
        pytest.param(r"^lib[a-z]+\.so\.\d+$", ("lib", ".so."), id="around a class"),
        pytest.param("ab+c", ("ab", "c"), id="at least one"),
        pytest.param("ab*c", ("a", "c"), id="perhaps none"),
        pytest.param("ab?c", ("a", "c"), id="perhaps one"),
        pytest.param("ab{2}c", ("ab", "c"), id="a number of them"),
        pytest.param("ab{0,2}?c", ("a", "c"), id="perhaps none of some"),
        pytest.param("(abc)+d", ("abc", "d"), id="a group"),
        pytest.param("(abc)*d", ("d",), id="a group that may be away"),
        pytest.param("(?:a|b)cd", ("cd",), id="alternatives in a group"),
        pytest.param("abc|abd", (), id="alternatives"),
        pytest.param("(?i)ABC(?-i:De)", ("abc", "de"), id="flags"),
        pytest.param("(?P<n>abc)", ("abc",), id="a named group"),
        pytest.param("[]a]b[^]]c[[:alpha:]]d", ("b", "c", "d"), id="classes with brackets"),
        pytest.param(r"a\.b\[c", ("a.b[c",), id="escaped"),
        pytest.param(r"a\db", ("a", "b"), id="classes by a letter"),
        pytest.param(r"\x41bc", (), id="a character by its number is not followed"),
        pytest.param(r"\Qa|b\E", (), id="quoted is not followed"),
        pytest.param("a{,3}", (), id="no repetition is not followed"),
        pytest.param("日本éß", ("日本",), id="letters of two cases are left out"),
        pytest.param("(abc", (), id="an open group"),
        pytest.param("abc)", (), id="a group closed too much"),
        pytest.param("abc\\", (), id="nothing escaped"),
    ],
)
def test_what_every_match_must_hold(pattern, expected):
    assert required_texts(pattern, has_long_s=False) == expected


def test_an_s_may_be_a_long_one():
    assert required_texts("tests.py", has_long_s=True) == ("te", "t", "py")


@settings(max_examples=examples(150), deadline=None)
@given(regexes(PIECES), st.lists(PIECES, max_size=5).map("".join))
def test_no_match_lacks_a_text_that_it_must_hold(pattern, name):
    matches, folded = duckdb.execute(
        "SELECT regexp_matches($1, $2, 'i') IS TRUE, lower($1)", [name, pattern]
    ).fetchone()
    if matches:
        has_long_s = "\u017f" in folded
        assert [text for text in required_texts(pattern, has_long_s=has_long_s) if text not in folded] == []


@settings(max_examples=examples(100), deadline=None)
@given(st.text("ab(|)[]{}*+?.^$\\1,-i:P<>dQE", max_size=12))
def test_no_jumble_of_signs_is_too_much_for_it(pattern):
    assert all(re.search(r"[A-Z]", text) is None for text in required_texts(pattern))


@pytest.mark.parametrize(
    "pattern",
    ["(?-i:K)", "(?s-i:K)", "[^a]", r"\S", r"\W", r"\b", r"\pL", "[[:upper:]]", r"[^\d]", "é", r"\x4B", "a{,3}"],
)
def test_what_might_leave_out_small_letters_is_no_sieve(pattern):
    assert sieve(pattern) is None


@pytest.mark.parametrize("pattern", [r"^lib[a-z_-]+\.so\.\d+$", "a|b", "(?:ab){2,3}.*?", r"(\w+) \(1\)"])
def test_texts_classes_and_repetitions_are_a_sieve(pattern):
    assert sieve(pattern) == "(?s:" + pattern + ")"


@settings(max_examples=examples(300), deadline=None)
@given(
    regexes(PIECES.filter(str.isascii)),
    st.lists(PIECES | st.sampled_from(["\u0130", "\n", "K", "-", " "]), max_size=5).map("".join),
)
def test_no_match_is_lost_in_the_sieve(pattern, name):
    told = "SELECT regexp_matches($1, $2, 'i') IS TRUE OR regexp_matches($1, $2, 'c') IS TRUE, lower($1)"
    matches, folded = duckdb.execute(told, [name, pattern]).fetchone()
    found = sieve(pattern)
    if matches and found is not None:
        assert pc.match_substring_regex(pa.array([folded]), pattern=found, ignore_case=True).to_pylist() == [True]
