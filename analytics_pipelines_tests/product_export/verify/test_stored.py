import os
from datetime import UTC, datetime

import pytest

from analytics_pipelines.foundation.lake.manifest import FILE_NAME
from analytics_pipelines.foundation.postgres.urls import conninfo
from analytics_pipelines.product_export.run import ExportParts, export
from analytics_pipelines.product_export.seed import seed
from analytics_pipelines.product_export.tables import RAW_ITEMS, RAW_USERS
from analytics_pipelines.product_export.verify.stored import damaged, damaged_copies

TODAY = datetime.now(UTC).date()


@pytest.fixture
def published(settings, lake, database, database_urls):
    """The Parquet of today's users and items."""
    seed(database, today=TODAY)
    export(ExportParts(settings, lake, conninfo(database_urls.app)), None, [TODAY], today=TODAY)
    return {table.name: lake.file(table, TODAY) for table in (RAW_USERS, RAW_ITEMS)}


def flip(file, place):
    file.chmod(0o644)
    with file.open("r+b") as opened:
        opened.seek(place)
        (old,) = opened.read(1)
        opened.seek(place)
        opened.write(bytes([old ^ 1]))


def test_one_flipped_bit_names_table_and_day(settings, lake, published):
    file = published["raw_app__items"]
    assert damaged_copies(settings, lake) == {"raw_app__users": [], "raw_app__items": []}
    for share in (0.0, 0.1, 0.5, 0.9):
        place = int(file.stat().st_size * share)
        flip(file, place)
        told = damaged_copies(settings, lake)
        assert told == {"raw_app__users": [], "raw_app__items": [f"{TODAY}: other bytes than were published"]}
        flip(file, place)
    assert damaged(lake, RAW_ITEMS) == []


def test_a_file_that_was_cut_or_is_gone_is_told(lake, published):
    file = published["raw_app__users"]
    size_bytes = file.stat().st_size
    file.chmod(0o644)
    os.truncate(file, 100)
    assert damaged(lake, RAW_USERS) == [f"{TODAY}: 100 bytes, {size_bytes} were published"]
    file.resolve().unlink()
    assert damaged(lake, RAW_USERS) == [f"{TODAY}: the file is gone"]
    (file.parent / FILE_NAME).unlink()
    assert damaged(lake, RAW_USERS, [TODAY]) == [f"{TODAY}: nothing was published"]
