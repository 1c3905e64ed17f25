from datetime import UTC, date, datetime, timedelta

import duckdb
import pytest

from analytics_pipelines.foundation.bound import Bound
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.storage_snapshots.ask.chosen import Chosen, ShareSnapshot
from analytics_pipelines.storage_snapshots.ask.fields import BANDS, FIELDS, PYTHON, Kind, expression

TAKEN_AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
THESE = Chosen(
    None,
    (
        ShareSnapshot("new", date(2026, 3, 1), "/new", TAKEN_AT, is_newest=True),
        ShareSnapshot("old", date(2026, 2, 1), "/old", TAKEN_AT - timedelta(days=28), is_newest=True),
    ),
    is_every_share=True,
)


ENTRIES_TABLE = "CREATE TABLE entries (share VARCHAR, snapshot_date DATE, path VARCHAR, modified_at TIMESTAMPTZ, accessed_at TIMESTAMPTZ)"


def value(field, **row):
    bound = Bound()
    found = Sql("SELECT {value} FROM entries").fill(value=expression(FIELDS[field], THESE, bound))
    columns = ("share", "snapshot_date", "path", "modified_at", "accessed_at")
    with duckdb.connect() as cursor:
        cursor.execute("SET TimeZone = 'UTC'")
        cursor.execute(ENTRIES_TABLE)
        cursor.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?)", [row.get(column) for column in columns])
        return cursor.execute(found.text, bound.values).fetchone()[0]


@pytest.mark.parametrize(
    ("share", "day", "expected"), [("new", date(2026, 3, 1), 30.5), ("old", date(2026, 2, 1), 2.5)]
)
def test_an_age_is_measured_from_the_snapshot_of_its_share(share, day, expected):
    row = {"share": share, "snapshot_date": day, "modified_at": TAKEN_AT - timedelta(days=30.5)}
    assert value("mtime_age", **row) == expected


@pytest.mark.parametrize(
    ("days", "expected"),
    [(-5, BANDS[0]), (29.9, BANDS[0]), (30, BANDS[1]), (364, BANDS[3]), (730, "older"), (None, "unknown")],
)
def test_a_band_holds_its_lower_end_and_not_its_upper_one(days, expected):
    at = None if days is None else TAKEN_AT - timedelta(days=days)
    row = {"share": "new", "snapshot_date": date(2026, 3, 1), "accessed_at": at}
    assert value("atime_band", **row) == expected


@pytest.mark.parametrize(("path", "expected"), [("/", None), ("/a", "/"), ("/a/b", "/a"), ("/a\nb/c", "/a\nb")])
def test_the_parent_is_the_path_without_its_name(path, expected):
    assert value("parent", path=path) == expected


def test_every_kind_has_its_python_type():
    assert set(PYTHON) == set(Kind)
    assert {field.kind for field in FIELDS.values()} == set(Kind)
