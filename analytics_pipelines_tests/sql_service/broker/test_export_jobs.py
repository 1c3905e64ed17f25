"""An export is carried through whatever happens to its worker, and its end is noted whatever happens to the disk."""

import asyncio
import shutil
from types import SimpleNamespace

import pytest

from analytics_pipelines.foundation.errors import DiskFull
from analytics_pipelines.sql_service.broker import export_jobs
from analytics_pipelines.sql_service.broker.export_jobs import ExportJobs
from analytics_pipelines.sql_service.errors import ErrorClass, QueryTimedOut
from analytics_pipelines.sql_service.exports import Exports, ExportState
from analytics_pipelines.sql_service.messages import Does, Done, Format
from analytics_pipelines.sql_service.places import Places
from analytics_pipelines_tests.sql_service.brokers import query


class OneQuery:
    """A dispatch that takes a query on and leaves its end to the test."""

    def submit(self, ask, connection, *, ended):
        self.ask, self.connection, self.ended = ask, connection, ended
        self.query = SimpleNamespace(id=ask.query_id, is_over=False, worker=None)
        return self.query

    def end(self, done, error=None, file=None):
        self.query.is_over = True
        self.ended(done, error, file)
        self.connection.close()


@pytest.fixture
def exports(settings):
    return Exports(Places.of(settings.home).exports, settings)


async def carried(exports, dispatch, end):
    """What became of an export that `end` ends."""
    export = exports.create("ann", "SELECT 1", Format.CSV)
    jobs = ExportJobs(exports, dispatch)
    jobs.submit(query("SELECT 1", does=Does.EXPORT, query_id=export.export_id, name=export.export_id))
    end(export.export_id)
    async with asyncio.timeout(20):
        await asyncio.gather(*jobs._tasks)
    return exports.named(export.export_id, "ann")


def test_its_file_outlives_the_worker_that_ends_at_once(exports, settings):
    dispatch, folder = OneQuery(), Places.of(settings.home).spill / "worker"
    folder.mkdir(parents=True)

    def end(export_id):
        (folder / "made.csv").write_text("n\n1\n")
        dispatch.end(Done(query_id=export_id, rows=1, file="made.csv"), file=folder / "made.csv")
        shutil.rmtree(folder)

    export = asyncio.run(carried(exports, dispatch, end))
    assert (export.state, export.rows) == (ExportState.SUCCEEDED, 1)
    assert exports.file_of(export).read_text() == "n\n1\n"
    assert list(folder.parent.iterdir()) == []


def test_a_file_that_is_not_there_is_told(exports, settings):
    dispatch = OneQuery()
    missing = Places.of(settings.home).spill / "worker" / "made.csv"
    export = asyncio.run(carried(exports, dispatch, lambda it: dispatch.end(Done(query_id=it, file="x"), file=missing)))
    assert (export.state, export.error["code"]) == (ExportState.FAILED, "QueryFailed")


def test_its_end_is_noted_as_soon_as_there_is_room_for_that(exports, monkeypatch):
    monkeypatch.setattr(export_jobs, "AGAIN_AFTER_S", 0.0)
    dispatch, tries, failed = OneQuery(), [], exports.failed

    def on_a_full_disk(export_id, error):
        tries.append(error)
        if len(tries) < 3:
            raise DiskFull("No space is left on the disk.")
        failed(export_id, error)

    monkeypatch.setattr(exports, "failed", on_a_full_disk)
    late = QueryTimedOut("The query took too long.")

    def end(export_id):
        dispatch.end(Done(query_id=export_id, error_class=ErrorClass.TIMEOUT), error=late)

    export = asyncio.run(carried(exports, dispatch, end))
    assert (export.state, export.error["code"], len(tries)) == (ExportState.FAILED, "QueryTimedOut", 3)
