from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.storage_snapshots.ask.chosen import UnknownPath
from analytics_pipelines.storage_snapshots.ask.ends import ends
from analytics_pipelines.storage_snapshots.ask.growth import Growth, growth
from analytics_pipelines.storage_snapshots.ask.pages import BadCursor
from analytics_pipelines.storage_snapshots.tables import DIRECTORIES
from analytics_pipelines_tests.storage_snapshots.ask.reckoned import tables_of, together
from analytics_pipelines_tests.storage_snapshots.ask.shelves import DAY, file_lists, shelf

NEXT = DAY + timedelta(days=9)
COLUMNS = {"size_du": "allocated_bytes", "size": "size_bytes", "files": "file_count"}


def sums(row):
    return {by: row[column] if row else 0 for by, column in COLUMNS.items()}


def compared(before, after, top, depth):
    """Of each folder what it holds on both days, by plain look-up; the top ones apart."""
    rows = [{(row["share"], row["path"]): row for row in day[DIRECTORIES.name]} for day in (before, after)]
    found = {}
    for share, path in sorted(set(rows[0]) | set(rows[1])):
        start = top or "/" + share
        levels = path.removeprefix(start).count("/") if path == start or path.startswith(start + "/") else None
        if levels is not None and levels <= depth:
            early, late = (day.get((share, path)) for day in rows)
            found[share, path] = (levels == 0, early is None, late is None, sums(early), sums(late))
    return found


def in_order(found, by, order):
    sign = -1 if order == "grown" else 1
    changes = {key: late[by] - early[by] for key, (is_top, _, _, early, late) in found.items() if not is_top}
    kept = {key: change for key, change in changes.items() if change * sign < 0}
    return sorted(kept, key=lambda key: (sign * kept[key], key[0], key[1].encode()))


@settings(max_examples=15, deadline=None)
@given(
    file_lists(),
    file_lists(),
    st.sampled_from([None, "/one/x", "/one"]),
    st.integers(1, 3),
    st.sampled_from(["size_du", "size", "files"]),
    st.sampled_from(["grown", "shrunk"]),
)
def test_growth_is_what_two_listings_side_by_side_say(first, second, top, depth, by, order):  # noqa: PLR0917 - what is drawn
    shares = ("one", "two")
    before, after = tables_of(first, empty=shares), tables_of(second, day=NEXT, empty=shares)
    expected = compared(before, after, top, depth)
    asked = Growth(top, depth, by, order)
    with shelf(together(before, after)) as lease:
        both = ends(lease, DAY, NEXT)
        if not expected:
            with pytest.raises(UnknownPath):
                growth(both, asked, limit=2)
            return
        page = growth(both, asked, limit=2)
        rest = growth(both, asked, limit=99, cursor=page.next_cursor) if page.next_cursor else None
        wholes = {each.share: each.whole for each in page.shares}
    found = page.folders + (rest.folders if rest else [])
    assert [(each.share, each.path) for each in found] == in_order(expected, by, order)
    for each in [*found, *filter(None, wholes.values())]:
        _, is_new, is_gone, early, late = expected[each.share, each.path]
        assert (each.is_new, each.is_gone) == (is_new, is_gone)
        assert {"size_du": each.size_du_before, "size": each.size_before, "files": each.files_before} == early
        assert {"size_du": each.size_du, "size": each.size, "files": each.files} == late
        assert each.size_du_change == late["size_du"] - early["size_du"]
    assert {share for share, whole in wholes.items() if whole} == {key[0] for key, row in expected.items() if row[0]}


def test_one_snapshot_alone_has_not_grown():
    file = {"share": "one", "path": "/one/x/a", "size_bytes": 1, "allocated_bytes": 512}
    rows = tables_of([file | {"link_count": 1, "inode": None, "device": 1}])
    with shelf(rows) as lease:
        both = ends(lease, None, None)
        found = growth(both, Growth(), limit=9)
        with pytest.raises(BadCursor):
            growth(both, Growth(), limit=9, cursor="x")
    assert found.folders == []
    (share,) = found.shares
    assert (share.from_date, share.to_date, share.whole.size_du_change) == (DAY, DAY, 0)
    assert (share.forecast.outlook, share.forecast.points) == ("short_history", 1)
