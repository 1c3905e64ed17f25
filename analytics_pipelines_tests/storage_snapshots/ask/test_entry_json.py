from datetime import UTC, date, datetime

import duckdb
import orjson

from analytics_pipelines.foundation.sql import Sql, names
from analytics_pipelines.storage_snapshots.ask.chosen import Chosen, ShareSnapshot
from analytics_pipelines.storage_snapshots.ask.entry_json import ENTRY_COLUMNS, TYPES, entry_json, page_json

TAKEN_AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
THESE = Chosen(None, (ShareSnapshot("a", date(2026, 3, 1), "/a", TAKEN_AT, is_newest=True),), is_every_share=True)


def entry(**given):
    types = Sql(", ".join('"' + column + '" ' + TYPES[column].value for column in ENTRY_COLUMNS.values()))
    with duckdb.connect() as cursor:
        cursor.execute("SET TimeZone = 'UTC'")
        cursor.execute(Sql("CREATE TABLE entries ({types})").fill(types=types).text)
        values = Sql(", ".join("$" + column for column in given))
        insert = Sql("INSERT INTO entries ({columns}) VALUES ({values})").fill(columns=names(given), values=values)
        cursor.execute(insert.text, given)
        return cursor.execute(Sql("SELECT {entry} FROM entries").fill(entry=entry_json()).text).fetchone()[0]


def test_an_entry_is_json_under_the_names_of_the_door():
    found = orjson.loads(entry(share="a", path='/a/quo"te\n\ufffdE9', size_bytes=2**62, snapshot_date=date(2026, 3, 1)))
    assert list(found) == list(ENTRY_COLUMNS)
    assert (found["path"], found["size"], found["date"]) == ('/a/quo"te\n\ufffdE9', 2**62, "2026-03-01")
    assert {found[each] for each in ("mtime", "owner", "mode", "error")} == {None}


def test_times_are_in_utc_with_microseconds_where_there_are_some():
    found = orjson.loads(entry(modified_at=TAKEN_AT, accessed_at=TAKEN_AT.replace(microsecond=1500)))
    assert (found["mtime"], found["atime"]) == ("2026-03-01T12:00:00Z", "2026-03-01T12:00:00.001500Z")


def test_a_page_names_its_snapshots_and_what_comes_next():
    page = orjson.loads(page_json(THESE, ['{"name":"x"}', '{"name":"y"}'], next_cursor="abc", more={"total": None}))
    assert page == {
        "snapshots": [{"share": "a", "date": "2026-03-01", "taken_at": "2026-03-01T12:00:00Z"}],
        "total": None,
        "count": 2,
        "truncated": True,
        "next_cursor": "abc",
        "results": [{"name": "x"}, {"name": "y"}],
    }


def test_a_page_may_be_empty():
    page = orjson.loads(page_json(THESE, [], next_cursor=None))
    assert (page["results"], page["count"], page["truncated"]) == ([], 0, False)
