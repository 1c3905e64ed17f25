"""What becomes of a received file whose reading ends its process; the rest is in routes/test_uploads.py."""

import random
from collections import Counter
from contextlib import closing

import pyarrow as pa
import pytest
from pyarrow import parquet

from analytics_pipelines.datasets.execution.platform import Platform
from analytics_pipelines.datasets.execution.taken_in import take_in
from analytics_pipelines.datasets.folders import new_id
from analytics_pipelines.datasets.uploads.errors import BrokenParquet, UnreadableUpload
from analytics_pipelines.foundation.errors import LimitExceeded
from analytics_pipelines.foundation.workers import WorkerDied


class NoDatabase(Exception):
    """The file was read, and no row is written."""


class Nowhere:
    """A database that is none."""

    def writing(self):
        raise NoDatabase


@pytest.fixture
def dying(settings, monkeypatch):
    """A platform whose processes die of what they read."""
    platform = Platform.of(settings)

    def died(*_, **__):
        raise WorkerDied("The process ended.")

    monkeypatch.setattr(platform.workers, "run", died)
    yield platform
    platform.close()


@pytest.fixture
def received(tmp_path):
    file = tmp_path / "received"
    parquet.write_table(pa.table({"a": [1]}), file)
    return file


def taken(platform, file, **more):
    return take_in(platform, Nowhere(), new_id(), file, "data", keep_original=False, **more)


def test_a_parquet_that_ends_its_reader_is_broken(dying, received):
    with pytest.raises(BrokenParquet):
        taken(dying, received, takes_parquet=True)


def test_of_text_the_reader_is_to_blame(dying, received):
    with pytest.raises(WorkerDied):
        taken(dying, received)


@pytest.mark.long
def test_parquet_with_bytes_changed_anywhere_is_read_or_refused_by_name(settings, tmp_path):
    """Each in a process of its own, as uploads are: some of them end the library with it."""
    chance = random.Random(7)
    table = pa.table({"a": [1, 2, None] * 50, "b": ["x", "yy", "z"] * 50, "c": [True, False, None] * 50})
    parquet.write_table(table, tmp_path / "whole")
    whole = (tmp_path / "whole").read_bytes()
    outcomes: Counter[str] = Counter()
    with closing(Platform.of(settings)) as platform:
        for number in range(300):
            content = bytearray(whole)
            for _ in range(chance.choice((1, 2, 5, 30))):
                content[chance.randrange(4, len(content) - 4)] = chance.randrange(256)
            folder = tmp_path / str(number)
            folder.mkdir()
            (folder / "received").write_bytes(content)
            try:
                taken(platform, folder / "received", takes_parquet=True)
            except (UnreadableUpload, LimitExceeded) as error:
                outcomes[error.code] += 1
            except NoDatabase:
                outcomes["read"] += 1
    assert sum(outcomes.values()) == 300
    assert min(outcomes["BrokenParquet"], outcomes["read"]) > 10
