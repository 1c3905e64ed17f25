"""Ten days of two small shares, published and served: what the doors of analytics are asked about."""

from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta

import httpx
import pyarrow as pa
from fastapi import APIRouter

from analytics_pipelines.foundation.duck import DuckLimits
from analytics_pipelines.foundation.generation import Generations
from analytics_pipelines.foundation.lake import Lake
from analytics_pipelines.foundation.select import ArrowRows, Select, cast_to
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.serving.build import build_generation
from analytics_pipelines.storage_snapshots.tables import SNAPSHOTS, TABLES
from analytics_pipelines_tests.apps import serving, small_app
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.storage_snapshots.ask.reckoned import tables_of
from analytics_pipelines_tests.storage_snapshots.ask.shelves import DAY, LAKE

DAYS = [DAY + timedelta(days=number) for number in range(10)]
NEWEST = DAYS[-1]
TAKEN_AT = datetime.combine(NEWEST, time(12), UTC)
MB = 10**6


def a_file(path, megabytes, idle_days, **more):
    """A regular file of one name that was last used so long before the newest snapshot."""
    at = TAKEN_AT - timedelta(days=idle_days)
    return {
        "share": path.split("/")[1],
        "path": path,
        "type": "f",
        "size_bytes": megabytes * MB - 1,
        "allocated_bytes": megabytes * MB,
        "modified_at": at,
        "accessed_at": at,
        "changed_at": at,
        "owner_name": "ada",
        "device": 1,
        "inode": None,
        "link_count": 1,
    } | more


def files_of(day):
    """Share `one` grows by 10 MB a day; of share `two` all was hashed."""
    age = (day - DAY).days
    return [
        a_file("/one/logs/app.log", 100 + 10 * age, 1),
        a_file("/one/old/tape.tar", 500, 800),
        a_file("/one/old/copy/tape.tar", 500, 400, owner_name="bob"),
        a_file("/one/film.mp4", 300, 10, inode=7, link_count=2),
        a_file("/one/old/film.mp4", 300, 10, inode=7, link_count=2),
        a_file("/two/a.bin", 50, 700, content_hash="c1", prefix_hash="p1"),
        a_file("/two/b.bin", 50, 3, content_hash="c1", prefix_hash="p1", accessed_at=None),
    ]


def stocked(folder):
    """The ten days, published in a home below the folder."""
    settings = settings_in(folder / "home")
    lake = Lake.at(settings.home, DuckLimits.of(settings))
    try:
        for day in DAYS:
            rows = tables_of(files_of(day), day=day)
            for each in rows[SNAPSHOTS.name]:
                each.update(_told(), available_bytes=1000 * MB, capacity_bytes=5000 * MB)
            for table in LAKE:
                _write(lake, table, day, rows[table.name])
        build_generation(settings, lake, TABLES)
    finally:
        lake.duck.close()
    return folder


@contextmanager
def client_of(folder, router: APIRouter, **chosen):
    """A client of that router over what is published below the folder."""
    settings = settings_in(folder / "home", **chosen)
    with (
        Generations(settings) as held,
        serving(small_app(settings, router, held)) as url,
        httpx.Client(base_url=url, timeout=30) as client,
    ):
        yield client


def _told():
    """What every snapshot tells of itself."""
    counts = dict.fromkeys(("entry_count", "error_count", "implied_dir_count"), 0)
    return counts | {"absent_columns": "", "unknown_columns": "", "sha256": ""}


def _write(lake, table, day, rows):
    defaults = {column.name: 0 for column in table.columns if not column.is_nullable and column.least is not None}
    given = pa.table({name: [row.get(name, defaults.get(name)) for row in rows] for name in table.column_names})
    lake.replace(table, day, Select(cast_to(table, Sql("SELECT * FROM given")), reads={"given": ArrowRows(given)}))


def body(client, path, /, **query):
    """The answer's JSON, which must be a success."""
    answer = client.get("/api/analytics/" + path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def code(client, path, /, **query):
    """Status and code of a refusal, which says nothing of our insides."""
    answer = client.get("/api/analytics/" + path, params=query)
    assert answer.headers["content-type"] == "application/problem+json"
    assert not any(word in answer.text for word in ("SELECT", "Traceback", "/home", "duckdb"))
    return answer.status_code, answer.json()["code"]


BAD = [
    ({"snapshot": "yesterday"}, (422, "BadSnapshotDate")),
    ({"snapshot": "1999-01-01"}, (404, "UnknownSnapshot")),
    ({"share": "three"}, (404, "UnknownShare")),
    ({"share": "../etc"}, (422, "BadShareName")),
    ({"path": "/nowhere"}, (404, "UnknownPath")),
    ({"path": "/one/../two"}, (422, "BadPath")),
    ({"path": "/one//x"}, (422, "BadPath")),
    ({"path": "/one/\x00"}, (422, "BadPath")),
    ({"limit": 0}, (422, "InvalidRequest")),
    ({"limit": 10001}, (422, "LimitTooHigh")),
]
"""What every door refuses."""
