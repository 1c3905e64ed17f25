import re
from datetime import UTC, datetime, time, timedelta
from functools import cmp_to_key

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.storage_snapshots.ask.advanced import Question, advanced
from analytics_pipelines.storage_snapshots.ask.chosen import chosen
from analytics_pipelines.storage_snapshots.ask.order import Sort
from analytics_pipelines.storage_snapshots.ask.pages import BadCursor
from analytics_pipelines.storage_snapshots.tables import ENTRIES
from analytics_pipelines_tests.storage_snapshots.ask.woods import NEWEST, OLDER, published

ALL = Sql(
    """
SELECT share, path, name, "type", extension, size_bytes AS size, modified_at AS mtime, depth, error, link_target AS linkname,
    mode, pre, snapshot_date, uid
FROM ({entries}) AS entries
"""
)


class Rows(dict):
    """Rows by snapshot, not printed when a test fails."""

    def __repr__(self):
        return "rows"


@pytest.fixture(scope="module")
def lease(tmp_path_factory):
    with published(tmp_path_factory.mktemp("wood"), 2600) as lease:
        yield lease


@pytest.fixture(scope="module")
def rows(lease):
    days = ("latest", OLDER.isoformat())
    found = Rows(
        (day, lease.rows(lambda **row: row, ALL.fill(entries=chosen(lease, day).scan(ENTRIES)))) for day in days
    )
    for row in (row for day in days for row in found[day]):
        taken_at = datetime.combine(row["snapshot_date"], time(12), UTC)
        row["mtime_age"] = (taken_at - row["mtime"]) / timedelta(days=1)
        row["has_error"] = row["error"] is not None
        row["parent"] = None if row["path"] == "/" else row["path"].rpartition("/")[0] or "/"
    return found


COMPARE = {
    "eq": lambda one, other: one == other,
    "ne": lambda one, other: one != other,
    "lt": lambda one, other: one < other,
    "ge": lambda one, other: one >= other,
    "contains": lambda one, other: other in one,
    "starts_with": lambda one, other: one.startswith(other),
    "ends_with": lambda one, other: one.endswith(other),
    "regex": lambda one, other: re.search(other, one) is not None,
    "in": lambda one, other: one in other,
    "between": lambda one, other: other[0] <= one <= other[1],
    "has_bits": lambda one, other: one & other == other,
}


def passes(row, given):
    match given:
        case {"and": parts}:
            return all(passes(row, part) for part in parts)
        case {"or": parts}:
            return any(passes(row, part) for part in parts)
        case {"not": part}:
            return not passes(row, part)
    value, wanted = row[given["field"]], given.get("value")
    if given["op"] == "is_null":
        return (value is None) == (wanted is not False)
    if given["field"] == "mtime":
        wanted = datetime.fromisoformat(wanted).replace(tzinfo=UTC)
    if given.get("case_sensitive") is False:
        value, wanted = value and value.lower(), wanted.lower()
    return value is not None and COMPARE[given["op"]](value, wanted)


def earlier(sorts):
    def compare(one, other):
        for sort in sorts:
            first, second = one[sort.by], other[sort.by]
            if first != second:
                if first is None or second is None:
                    return 1 if first is None else -1
                first, second = (each.encode() if isinstance(each, str) else each for each in (first, second))
                return (1 if first > second else -1) * (-1 if sort.is_descending else 1)
        return 0

    return cmp_to_key(compare)


def naive(rows, asked):
    found = [row for row in rows[asked.snapshot] if asked.share in {None, row["share"]}]
    if asked.path:
        found = [row for row in found if row["path"].startswith(asked.path + "/")]
    found = [row for row in found if all(passes(row, each) for each in asked.filters)]
    order = [*asked.sort, Sort("share"), Sort("pre")]
    return [(row["share"], row["path"]) for row in sorted(found, key=earlier(order))]


def pages_of(lease, asked, limit, most_pages=6):
    found, cursor = [], None
    for _ in range(most_pages):
        page = orjson.loads(advanced(lease, asked, limit=limit, cursor=cursor))
        found += [(each["share"], each["path"]) for each in page["results"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    return found


def leaf(field, operators, values, **more):
    return st.builds(
        lambda op, value: {"field": field, "op": op, "value": value, **more}, st.sampled_from(operators), values
    )


TEXTS = st.sampled_from(["report", "Re", ".txt", "1", "conf_", "e", "x"])
DAYS = st.sampled_from(["2024-01-01", "2025-02-03", "2026-01-01"])
SIZES = st.sampled_from([0, 10, 4096, 5000])
LEAVES = st.one_of(
    leaf("name", ["eq", "ne", "contains", "starts_with", "ends_with", "regex", "lt"], TEXTS),
    leaf("name", ["contains", "starts_with", "eq"], TEXTS, case_sensitive=False),
    leaf("path", ["contains", "ends_with"], TEXTS),
    leaf("parent", ["eq", "starts_with"], st.sampled_from(["/srv/big", "/", "/srv/Small", "/srv"])),
    leaf("extension", ["eq", "ne"], st.sampled_from(["txt", "py"])),
    leaf("size", ["eq", "ne", "lt", "ge"], SIZES),
    leaf("size", ["between"], st.tuples(SIZES, SIZES).map(list)),
    leaf("depth", ["in"], st.lists(st.integers(0, 9), min_size=1)),
    leaf("mtime", ["lt", "ge"], DAYS),
    leaf("mtime_age", ["lt", "ge"], st.sampled_from([100, 365.5, 700])),
    leaf("type", ["eq", "ne"], st.sampled_from("fdl")),
    leaf("extension", ["is_null"], st.sampled_from([True, False, None])),
    leaf("linkname", ["is_null"], st.just(value=True)),
    leaf("has_error", ["eq"], st.booleans()),
    leaf("mode", ["has_bits", "eq"], st.sampled_from([0o644, 0o111])),
)
FILTERS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"and": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"or": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=5,
)
SORTS = st.lists(
    st.builds(
        Sort, st.sampled_from(["size", "name", "mtime", "extension", "depth", "mtime_age", "type"]), st.booleans()
    ),
    max_size=3,
)
QUESTIONS = st.builds(
    Question,
    filters=st.lists(FILTERS, max_size=2),
    sort=SORTS,
    snapshot=st.sampled_from(["latest", "latest", OLDER.isoformat()]),
    share=st.sampled_from([None, None, "big"]),
    path=st.sampled_from([None, None, "/srv/big"]),
)


@settings(max_examples=35, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(QUESTIONS, st.sampled_from([40, 1500]))
def test_pages_put_together_are_what_every_row_one_by_one_gives(lease, rows, asked, limit):
    assert pages_of(lease, asked, limit) == naive(rows, asked)[: 6 * limit]


def test_below_a_large_folder_the_answer_is_the_same(lease, rows, monkeypatch):
    monkeypatch.setattr("analytics_pipelines.storage_snapshots.ask.advanced.SMALL_SUBTREE", 0)
    asked = Question(path="/srv/big", sort=[Sort("name", is_descending=True)])
    assert pages_of(lease, asked, 1500) == naive(rows, asked)


def test_totals_are_of_all_that_passes(lease, rows):
    asked = Question(filters=[{"field": "size", "op": "ge", "value": "1GB"}], sort=[Sort("size")])
    page = orjson.loads(advanced(lease, asked, limit=2, has_totals=True))
    large = [row for row in rows["latest"] if row["size"] >= 10**9]
    assert page["total"] == {"count": len(large), "size": len(large) * 10**9, "size_du": len(large) * 8 * 512}
    assert page["count"] == 2


def test_the_bands_of_ages_part_the_rows(lease, rows):
    bands = ("under_30_days", "under_90_days", "under_180_days", "under_365_days", "under_730_days", "older", "unknown")
    ends = [0, 30, 90, 180, 365, 730, 10**6]
    for number, band in enumerate(bands):
        asked = Question(filters=[{"field": "mtime_band", "op": "eq", "value": band}])
        page = orjson.loads(advanced(lease, asked, limit=1, has_totals=True))
        in_band = [
            row for row in rows["latest"] if band != "unknown" and ends[number] <= row["mtime_age"] < ends[number + 1]
        ]
        assert page["total"]["count"] == len(in_band)
    assert NEWEST.isoformat() == page["snapshots"][0]["date"]


def test_a_cursor_made_up_for_another_order_is_refused(lease):
    cursor = orjson.loads(advanced(lease, Question(sort=[Sort("size")]), limit=1))["next_cursor"]
    with pytest.raises(BadCursor):
        advanced(lease, Question(sort=[Sort("name")]), limit=1, cursor=cursor)
