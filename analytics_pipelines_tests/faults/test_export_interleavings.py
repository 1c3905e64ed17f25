"""Exports beside writers: whatever falls between two of them, the lake equals the source at the snapshot."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import duckdb
import psycopg
import pytest

from analytics_pipelines.foundation.postgres.urls import conninfo
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.product_export.current import history_of, state_of
from analytics_pipelines.product_export.outcome import CHANGES
from analytics_pipelines.product_export.run import ExportParts, export
from analytics_pipelines.product_export.source.moment import Moment
from analytics_pipelines_tests.conftest import settings_in
from analytics_pipelines_tests.faults.epochs import server_before_an_epoch
from analytics_pipelines_tests.faults.interleaving import BOOKS, FILLED, TABLE, Books, interleave
from analytics_pipelines_tests.postgres_versions import OTHER_VERSIONS, server_of
from analytics_pipelines_tests.product_export.incremental_exports import IncrementalExports, running

FILE = """
[[tables]]
table = "books.accounts"

[[tables]]
table = "books.entries"
mode = "incremental"
full_every_days = 20
"""
TODAY = datetime.now(UTC).date()
AGREE = """
WITH booked AS (
    SELECT account_id, count(*) AS entries, count(DISTINCT id) AS distinct_entries, sum(amount)::BIGINT AS balance
    FROM ({entries}) AS entries
    GROUP BY account_id
)
SELECT
    count(*),
    sum(booked.entries)::BIGINT,
    sum(booked.distinct_entries)::BIGINT,
    count(*) FILTER (WHERE accounts.balance <> coalesce(booked.balance, 0))
FROM ({accounts}) AS accounts
FULL JOIN booked ON booked.account_id = accounts.id
"""


@pytest.mark.parametrize(
    "seeds",
    [pytest.param([0], id="a script"), pytest.param(range(100, 140), id="40 scripts", marks=pytest.mark.long)],
)
def test_random_interleavings_with_slow_transactions_are_followed(database_urls, tmp_path, seeds):
    owner = conninfo(database_urls.owner)
    for seed in seeds:
        running(owner, "DROP TABLE IF EXISTS things", TABLE, FILLED)
        exports = IncrementalExports(owner, tmp_path / str(seed))
        interleave(owner, seed, 4, exports.must_equal_the_source)
        assert [each.source["kind"] for each in exports.manifests] == ["base"] + [CHANGES] * 5, seed


@pytest.mark.long
@pytest.mark.parametrize("version", OTHER_VERSIONS)
def test_random_interleavings_are_followed_on_other_versions(version, tmp_path):
    with server_of(version, tmp_path / "home") as superuser:
        for seed in range(5):
            running(superuser, "DROP TABLE IF EXISTS things", TABLE, FILLED)
            interleave(superuser, seed, 4, IncrementalExports(superuser, tmp_path / str(seed)).must_equal_the_source)


@pytest.mark.long
def test_numbers_that_begin_again_at_an_epoch_are_followed(tmp_path):
    with server_before_an_epoch(tmp_path / "home", numbers_left=25) as superuser:
        running(superuser, TABLE, FILLED)
        exports = IncrementalExports(superuser, tmp_path / "exports")
        interleave(superuser, 7, 12, exports.must_equal_the_source)
        moments = [Moment.of_json(each.source["moment"]) for each in exports.manifests]
        assert moments[0].xmax < 2**32 < moments[-1].xmin
        assert [each.source["kind"] for each in exports.manifests] == ["base"] + [CHANGES] * 13


@pytest.fixture
def parts(database_urls, settings, lake, tmp_path):
    owner = conninfo(database_urls.owner)
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute(BOOKS)
    file = tmp_path / "export.toml"
    file.write_text(FILE)
    return ExportParts(settings_in(settings.home.path, export_tables_file=file), lake, owner)


@pytest.fixture
def writers(parts):
    """Two that write at full tilt, and one that rests within its transactions."""
    stopping, slow = threading.Event(), random.Random(1)
    books = Books(parts.conninfo)
    resting = replace(books, accounts=range(41, 51), pause=lambda: time.sleep(slow.choice([0, 0.01, 0.3])))
    with ThreadPoolExecutor(3) as pool:
        writing = [pool.submit(each.write, seed, stopping.is_set) for seed, each in enumerate((books, books, resting))]
        yield
        stopping.set()
        for each in writing:
            each.result()


def state(parts, table, day):
    """The rows of the day, replayed from the lake."""
    history = history_of(parts.lake.manifests(table), day)
    columns = [each for each in table.column_names if each not in {"export_date", "is_tombstone"}]
    return state_of(table.key, columns, [parts.lake.file(table, each.day) for each in history])


@pytest.mark.usefixtures("writers")
@pytest.mark.parametrize(
    "exports", [pytest.param(3, id="3 exports"), pytest.param(50, id="50 exports", marks=pytest.mark.long)]
)
def test_tables_agree_with_each_other_while_writers_run_at_full_tilt(parts, exports):
    booked = []
    for number in range(exports):
        day = TODAY + timedelta(days=number)
        report = export(parts, ["accounts", "entries"], [day], today=day, exactly=True)
        tables = {each.table.name.removeprefix("raw_app__"): each.table for each in report.exported}
        query = Sql(AGREE).fill(**{name: state(parts, table, day) for name, table in tables.items()})
        accounts, entries, distinct, differing = duckdb.sql(query.text).fetchone()
        assert (accounts, distinct, differing) == (50, entries, 0), day
        booked.append(entries or 0)
    assert booked[-1] > booked[0]
    kinds = [manifest.source["kind"] for manifest in parts.lake.manifests(tables["entries"])]
    assert kinds.count("base") == 1 + (exports - 1) // 20
