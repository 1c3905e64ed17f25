import re
from fnmatch import translate

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.storage_snapshots.ask.globs import glob, quoted
from analytics_pipelines_tests.counts import examples


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        pytest.param("/a/*.txt", "/a/b.txt", True, id="a star"),
        pytest.param("/a/*.txt", "/a/b/c.txt", False, id="a star crosses no slash"),
        pytest.param("/a/**.txt", "/a/b/c.txt", True, id="two stars do"),
        pytest.param("/a/**/c.txt", "/a/c.txt", True, id="no folder between"),
        pytest.param("/a/**/c.txt", "/a/b/b/c.txt", True, id="some folders between"),
        pytest.param("b/c.txt", "/a/b/c.txt", True, id="from any name on"),
        pytest.param("b/c.txt", "/a/bb/c.txt", False, id="not within a name"),
        pytest.param("/a?b", "/a/b", False, id="one character is no slash"),
        pytest.param("/a[!b]c", "/a/c", False, id="nor is one of all others"),
        pytest.param("/a[b-d]e", "/ace", True, id="a range"),
        pytest.param("/a/*", "/a/new\nline", True, id="a line's end is a character"),
    ],
)
def test_a_glob_of_paths_matches(pattern, path, expected):
    found = duckdb.execute("SELECT regexp_matches($1, $2)", [path, glob(pattern, is_of_path=True).regex]).fetchone()
    assert found == (expected,)


@settings(max_examples=examples(300), deadline=None)
@given(
    st.lists(
        st.sampled_from(["a", "b", "-", "*", "?", "[ab]", "[!a]", "[", "]", "[]a]", "[a-c]", ".", "^", "\n", "é"]),
        max_size=6,
    ),
    st.text("abc-[].^\né*", max_size=6),
)
def test_a_glob_of_names_is_the_shells(parts, name):
    pattern = "".join(parts)
    found = duckdb.execute("SELECT regexp_matches($1, $2)", [name, glob(pattern).regex]).fetchone()
    assert found == (re.match(translate(pattern), name) is not None,)


@pytest.mark.parametrize(
    ("pattern", "texts", "shape"),
    [
        ("*.py", (".py",), "*t"),
        ("a***b", ("a", "b"), "t*t"),
        ("[ab]c?d", ("c", "d"), "?t?t"),
        ("[[]x", ("x",), "?t"),
        ("", (), ""),
    ],
)
def test_the_parts_of_a_glob_are_told_apart(pattern, texts, shape):
    assert (glob(pattern).texts, glob(pattern).shape) == (texts, shape)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20))
def test_a_quoted_text_matches_itself(text):
    assert duckdb.execute("SELECT regexp_full_match($1, $2)", [text, quoted(text)]).fetchone() == (True,)
