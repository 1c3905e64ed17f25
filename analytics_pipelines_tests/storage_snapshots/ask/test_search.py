import re
from dataclasses import replace
from fnmatch import translate

import orjson
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.storage_snapshots.ask.chosen import UnknownPath, UnknownSnapshot, chosen
from analytics_pipelines.storage_snapshots.ask.name_index import is_indexed
from analytics_pipelines.storage_snapshots.ask.pages import BadCursor
from analytics_pipelines.storage_snapshots.ask.patterns import BadPattern, Mode
from analytics_pipelines.storage_snapshots.ask.search import Search, search
from analytics_pipelines.storage_snapshots.tables import ENTRIES
from analytics_pipelines_tests.counts import examples
from analytics_pipelines_tests.storage_snapshots.ask.regexes import regexes
from analytics_pipelines_tests.storage_snapshots.ask.woods import NEWEST, ODD, OLDER, published

ALL = Sql(
    """
SELECT share, path, name, lower(name) AS folded, lower(path) AS folded_path, pre, coalesce(parent_pre, -1) AS parent_pre, "type"
FROM ({entries}) AS entries
"""
)
MATCHES = Sql("SELECT regexp_matches($text, $pattern, $flags)")


@pytest.fixture(scope="module")
def lease(tmp_path_factory):
    with published(tmp_path_factory.mktemp("wood")) as lease:
        assert is_indexed(lease)
        yield lease


class Rows(dict):
    """Rows by snapshot, not printed when a test fails."""

    def __repr__(self):
        return "rows"


@pytest.fixture(scope="module")
def rows(lease):
    return Rows(
        {
            day: lease.rows(lambda **row: row, ALL.fill(entries=chosen(lease, day).scan(ENTRIES)))
            for day in ("latest", OLDER.isoformat())
        }
    )


def naive(lease, rows, asked):
    """What matches by looking at every row, in the documented order, as (share, path)."""
    found = [
        row for row in rows[asked.snapshot] if asked.share in {None, row["share"]} and asked.type in {None, row["type"]}
    ]
    if asked.path:
        found = [row for row in found if row["path"].startswith(asked.path.rstrip("/") + "/") and row["path"] != "/"]
    plain, folded = ("path", "folded_path") if asked.is_of_path else ("name", "folded")
    if asked.mode is Mode.REGEX:
        flags = "c" if asked.is_case_sensitive else "i"
        with lease.cursor() as cursor:
            texts = [row[plain] for row in found]
            kept = (
                cursor.execute(
                    "SELECT [regexp_matches(t, $p, '" + flags + "') FOR t IN $texts]",
                    {"p": asked.pattern, "texts": texts},
                ).fetchone()[0]
                if texts
                else []
            )
        found = [row for row, is_kept in zip(found, kept, strict=True) if is_kept]
    else:
        column = plain if asked.is_case_sensitive else folded
        pattern = asked.pattern
        if not asked.is_case_sensitive:
            pattern = lease.tuples(Sql("SELECT lower($text)"), text=pattern)[0][0]
        test = re.compile(translate(pattern)).match if asked.mode is Mode.GLOB else lambda text: pattern in text
        found = [row for row in found if test(row[column])]
    by_name = lambda row: (row["folded"].encode(), row["share"], row["pre"])  # noqa: E731 - two orders side by side
    by_path = lambda row: (row["share"], row["parent_pre"], row["pre"])  # noqa: E731 - two orders side by side
    return [(row["share"], row["path"]) for row in sorted(found, key=by_path if asked.is_of_path else by_name)]


def pages_of(lease, asked, limit):
    """All pages' entries as (share, path)."""
    found, cursor = [], None
    while True:
        page = orjson.loads(search(lease, asked, limit=limit, cursor=cursor))
        assert page["count"] == len(page["results"]) <= limit
        assert page["truncated"] == (page["next_cursor"] is not None)
        found += [(each["share"], each["path"]) for each in page["results"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return found
        assert page["count"] == limit


PIECES = st.sampled_from(
    ["report", "rep", "_1", "12", ".TXT", "x", "é", "\u017f", "k", "S", "ss", "K", "kelvin", " ", "日本", "İ", "i"]
)
TEXTS = st.lists(PIECES, min_size=1, max_size=3).map("".join) | st.sampled_from(ODD)
GLOBS = st.lists(PIECES | st.sampled_from(["*", "?", "[0-9]", "[!a-c]", "*.*"]), min_size=1, max_size=5).map("".join)
PATHS = st.sampled_from(
    ["/", "s/", "big/re", "/srv", "report_", "l/r", "a/b", "/srv/big/\u017ftein", "conf-", "1/", "g/Test"]
)
PATTERNS = (
    st.tuples(st.just(Mode.SUBSTRING), TEXTS)
    | st.tuples(st.just(Mode.GLOB), GLOBS)
    | st.tuples(st.just(Mode.REGEX), regexes(PIECES))
    | st.tuples(st.just(Mode.SUBSTRING), PATHS)
    | st.tuples(st.just(Mode.REGEX), st.lists(PATHS, min_size=1, max_size=2).map(".*".join))
)
SEARCHES = st.builds(
    lambda pattern, **more: Search(mode=pattern[0], pattern=pattern[1], **more),
    PATTERNS,
    is_case_sensitive=st.booleans(),
    snapshot=st.sampled_from(["latest", "latest", OLDER.isoformat()]),
    type=st.sampled_from([None, None, "d"]),
)


@settings(max_examples=examples(45), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SEARCHES, st.sampled_from([30, 200, 1000]))
@example(Search(pattern="kiss", mode=Mode.REGEX), 1000)
@example(Search(pattern="strasse", mode=Mode.REGEX), 1000)
@example(Search(pattern="re", snapshot="latest"), 700)
@example(Search(pattern="e", column="path"), 2000)
@example(Search(pattern="report_", column="path", type="d"), 7)
def test_the_index_finds_what_looking_at_every_row_finds(lease, rows, asked, limit):
    expected = naive(lease, rows, asked)
    if len(expected) > 5 * limit:
        expected, found = (
            expected[:limit],
            [(each["share"], each["path"]) for each in orjson.loads(search(lease, asked, limit=limit))["results"]],
        )
    else:
        found = pages_of(lease, asked, limit)
    assert found == expected


@pytest.mark.parametrize("share", [None, "big", "small", "root"])
@pytest.mark.parametrize("pattern", ["report", "t/", "/srv", "1"])
def test_a_share_and_a_folder_narrow_the_search(lease, rows, share, pattern):
    asked = Search(pattern=pattern, share=share)
    assert pages_of(lease, asked, 900) == naive(lease, rows, asked)
    folders = [row["path"] for row in rows["latest"] if row["type"] == "d" and share in {None, row["share"]}]
    for path in folders[:: 1 + len(folders) // 4]:
        below = replace(asked, path=path)
        assert pages_of(lease, below, 400) == naive(lease, rows, below)


@pytest.mark.parametrize("small_subtree", [0, 10**9], ids=["by the index", "by the folder's range"])
def test_both_ways_below_a_folder_agree(lease, rows, small_subtree, monkeypatch):
    monkeypatch.setattr("analytics_pipelines.storage_snapshots.ask.name_search.SMALL_SUBTREE", small_subtree)
    asked = Search(pattern="e", path="/srv/big")
    assert pages_of(lease, asked, 300) == naive(lease, rows, asked)


@pytest.mark.parametrize("dense_rows", [0, 10**9], ids=["block by block", "row by row"])
def test_both_ways_to_fetch_the_rows_agree(lease, rows, dense_rows, monkeypatch):
    monkeypatch.setattr("analytics_pipelines.storage_snapshots.ask.name_search.DENSE_ROWS", dense_rows)
    asked = Search(pattern="1")
    assert pages_of(lease, asked, 700) == naive(lease, rows, asked)


def test_spans_of_any_size_give_the_same_paths(lease, rows, monkeypatch):
    monkeypatch.setattr("analytics_pipelines.storage_snapshots.ask.path_search.FIRST_SPAN", 7)
    monkeypatch.setattr("analytics_pipelines.storage_snapshots.ask.path_search.MOST_SPAN", 50)
    for pattern in ("conf/", "/re", "srv/big/c"):
        asked = Search(pattern=pattern)
        assert pages_of(lease, asked, 60) == naive(lease, rows, asked)


def test_too_many_folders_are_read_from_the_first_on(lease, rows, monkeypatch):
    monkeypatch.setattr("analytics_pipelines.storage_snapshots.ask.path_search.MOST_RANGES", 2)
    asked = Search(pattern="report", column="path")
    assert pages_of(lease, asked, 300) == naive(lease, rows, asked)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        pytest.param("/srv/Small/*", False, id="a star stays in its folder"),
        pytest.param("/srv/Small/**", True, id="two stars go down"),
        pytest.param("Small/**", True, id="without a slash it begins at any name"),
        pytest.param("**/Small/**", True, id="stars before a slash are any folders"),
    ],
)
def test_a_glob_of_paths_minds_the_slashes(lease, pattern, expected):
    found = [path for share, path in pages_of(lease, Search(pattern=pattern, mode=Mode.GLOB, share="small"), 1000)]
    assert found
    assert any(path.count("/") > 3 for path in found) == expected


def test_a_glob_of_paths_begins_at_no_part_of_a_name(lease):
    assert pages_of(lease, Search(pattern="mall/**", mode=Mode.GLOB), 10) == []


def test_an_answer_names_its_snapshots_and_counts_what_it_knows(lease):
    page = orjson.loads(search(lease, Search(pattern="kelvin"), limit=10))
    assert page["snapshots"] == [
        {"share": share, "date": NEWEST.isoformat(), "taken_at": NEWEST.isoformat() + "T12:00:00Z"}
        for share in ("big", "root", "small")
    ]
    assert (page["total"], page["truncated"], page["next_cursor"]) == (3, False, None)
    first = page["results"][0]
    assert (first["share"], first["name"], first["date"]) == ("big", "Kelvin.log", NEWEST.isoformat())
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", first["mtime"])
    assert first["linkname"] is None


def test_a_cursor_of_another_search_is_refused(lease):
    cursor = orjson.loads(search(lease, Search(pattern="report"), limit=1))["next_cursor"]
    with pytest.raises(BadCursor):
        search(lease, Search(pattern="conf"), limit=1, cursor=cursor)


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        pytest.param(Search(pattern="(", mode=Mode.REGEX), BadPattern, id="no regular expression"),
        pytest.param(Search(pattern="a", path="/nowhere"), UnknownPath, id="no such folder"),
        pytest.param(Search(pattern="a", snapshot="2020-01-01"), UnknownSnapshot, id="no such day"),
    ],
)
def test_what_can_not_be_searched_is_refused(lease, asked, error):
    with pytest.raises(error):
        search(lease, asked, limit=1)
