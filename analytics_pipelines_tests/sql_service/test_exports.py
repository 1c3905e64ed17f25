"""Records and files of exports: states, owners, bounds, restarts, and what a stranger's process might leave."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from analytics_pipelines.sql_service import exports as module
from analytics_pipelines.sql_service.errors import DuckDBResourceError, QueryCancelled, QueryTimedOut
from analytics_pipelines.sql_service.exports import ExportNotFound, ExportNotReady, Exports, ExportState
from analytics_pipelines.sql_service.messages import Done, Format
from analytics_pipelines_tests.conftest import settings_in

SQL = "SELECT 1"
CONTENT = b"PAR1" * 25
DONE = Done(query_id="q", rows=7, columns=(("a", "INTEGER"),))


class Hand:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock():
    return Hand()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "home" / "sql" / "exports"


@pytest.fixture
def exports(tmp_path, folder, clock):
    return Exports(folder, settings_in(tmp_path / "home", sql_exports_max_bytes=250), clock)


@pytest.fixture
def spilled(tmp_path):
    """Makes files as a worker leaves them."""
    (tmp_path / "spill").mkdir()

    def make(content: bytes = CONTENT, name: str = "answer"):
        file = tmp_path / "spill" / name
        file.write_bytes(content)
        file.chmod(0o666)
        return file

    return make


def succeeded(exports, spilled, owner="ann", content=CONTENT):
    export = exports.create(owner, SQL, Format.PARQUET)
    assert exports.begun(export.export_id)
    assert exports.finished(export.export_id, spilled(content), DONE)
    return exports.named(export.export_id, owner)


def test_an_export_goes_from_queued_to_a_file(exports, spilled, clock):
    export = exports.create("ann", SQL, Format.CSV)
    assert (export.state, export.owner, export.sql, export.format) == (ExportState.QUEUED, "ann", SQL, Format.CSV)
    with pytest.raises(ExportNotReady, match="queued"):
        exports.file_of(export)
    clock.at += timedelta(seconds=1)
    assert exports.begun(export.export_id)
    assert exports.progressed(export.export_id, 50)
    running = exports.named(export.export_id, "ann")
    assert (running.state, running.started_at, running.size_bytes) == (ExportState.RUNNING, clock.at, 50)
    file = spilled()
    clock.at += timedelta(seconds=1)
    assert exports.finished(export.export_id, file, DONE)
    whole = exports.named(export.export_id, "ann")
    assert (whole.state, whole.rows, whole.size_bytes, whole.columns) == (
        ExportState.SUCCEEDED,
        7,
        100,
        (("a", "INTEGER"),),
    )
    assert whole.expires_at == clock.at + timedelta(hours=24)
    assert exports.file_of(whole).read_bytes() == CONTENT
    assert not file.exists()


def test_files_and_folders_are_the_operators_alone_whatever_the_umask(exports, spilled, folder):
    before = os.umask(0)
    try:
        succeeded(exports, spilled)
    finally:
        os.umask(before)
    modes = {path.relative_to(folder).name: stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*")}
    assert modes.pop("data.parquet") == modes.pop("export.json") == 0o600
    assert modes.pop("exports.lock") == 0o644, "it holds nothing, and its folder is closed"
    assert set(modes.values()) == {0o700}
    assert stat.S_IMODE(folder.stat().st_mode) == stat.S_IMODE(folder.parent.stat().st_mode) == 0o700


def test_an_export_is_its_owners_alone(exports, spilled):
    export = succeeded(exports, spilled)
    for owner in ("ben", "", "ann "):
        with pytest.raises(ExportNotFound):
            exports.named(export.export_id, owner)
        with pytest.raises(ExportNotFound):
            exports.remove(export.export_id, owner)
    assert exports.of("ben") == []
    assert [each.export_id for each in exports.of("ann")] == [export.export_id]


@pytest.mark.parametrize("name", ["../exports", "..", "", "a" * 31, "A" * 32, "staging", "a" * 32 + "\n", "0" * 32])
def test_what_is_no_id_is_no_export(exports, name):
    exports.create("ann", SQL, Format.CSV)
    with pytest.raises(ExportNotFound):
        exports.named(name, "ann")
    assert not exports.begun(name)


@pytest.mark.parametrize(
    ("error", "state"),
    [
        pytest.param(QueryTimedOut("Too slow.", limit="30 s"), ExportState.FAILED, id="a time-out"),
        pytest.param(QueryCancelled("Stopped."), ExportState.CANCELLED, id="a cancellation"),
    ],
)
def test_a_failure_is_told_and_final(exports, spilled, error, state):
    export = exports.create("ann", SQL, Format.PARQUET)
    exports.failed(export.export_id, error)
    ended = exports.named(export.export_id, "ann")
    assert (ended.state, ended.error["code"], ended.error["limit"]) == (state, type(error).__name__, error.limit)
    assert not exports.begun(export.export_id)
    assert not exports.finished(export.export_id, spilled(), DONE)
    exports.failed(export.export_id, QueryTimedOut("Again."))
    assert exports.named(export.export_id, "ann") == ended


def test_one_that_was_deleted_is_not_carried_through(exports, spilled, folder):
    export = exports.create("ann", SQL, Format.PARQUET)
    assert not exports.remove(export.export_id, "ann").is_finished
    assert not exports.begun(export.export_id)
    assert not exports.progressed(export.export_id, 5)
    file = spilled()
    assert not exports.finished(export.export_id, file, DONE)
    assert not file.exists()
    exports.failed(export.export_id, QueryTimedOut("Too slow."))
    assert not (folder / export.export_id).exists()


def test_a_restart_ends_what_waited_or_ran(exports, spilled):
    waiting, running = (exports.create("ann", SQL, Format.PARQUET) for _ in range(2))
    exports.begun(running.export_id)
    kept = succeeded(exports, spilled)
    assert exports.abandoned() == 2
    assert exports.abandoned() == 0
    for each in (waiting, running):
        ended = exports.named(each.export_id, "ann")
        assert (ended.state, ended.error["code"]) == (ExportState.FAILED, "QueryFailed")
    assert exports.named(kept.export_id, "ann") == kept


def test_all_files_together_are_bounded(exports, spilled):
    first = succeeded(exports, spilled)
    second = exports.create("ben", SQL, Format.PARQUET)
    third = exports.create("ben", SQL, Format.PARQUET)
    assert exports.finished(second.export_id, spilled(), DONE)
    assert not exports.finished(third.export_id, spilled(), DONE)
    refused = exports.named(third.export_id, "ben")
    assert (refused.state, refused.error["code"]) == (ExportState.FAILED, "DuckDBResourceError")
    assert exports.total_bytes == 200
    fourth = exports.create("ben", SQL, Format.PARQUET)
    assert exports.finished(fourth.export_id, spilled(b"x" * 50), DONE)
    with pytest.raises(DuckDBResourceError, match="SQL_EXPORTS_MAX_BYTES"):
        exports.create("ann", SQL, Format.PARQUET)
    exports.remove(first.export_id, "ann")
    exports.create("ann", SQL, Format.PARQUET)


def test_one_caller_keeps_only_so_many(exports, monkeypatch):
    monkeypatch.setattr(module, "MOST_OF_ONE", 2)
    for _ in range(2):
        exports.create("ann", SQL, Format.CSV)
    with pytest.raises(DuckDBResourceError, match="too many"):
        exports.create("ann", SQL, Format.CSV)
    exports.create("ben", SQL, Format.CSV)


def test_what_has_expired_is_gone_for_its_owner_and_swept(exports, spilled, clock, folder):
    export = succeeded(exports, spilled)
    failed = exports.create("ann", SQL, Format.CSV)
    exports.failed(failed.export_id, QueryTimedOut("Too slow."))
    waiting = exports.create("ann", SQL, Format.CSV)
    assert exports.sweep() == 0
    clock.at += timedelta(hours=24)
    with pytest.raises(ExportNotFound):
        exports.named(export.export_id, "ann")
    assert exports.sweep() == 2
    assert {each.name for each in folder.iterdir()} == {waiting.export_id, "exports.lock"}


def test_all_go_where_rows_are_to_be_nowhere_and_those_that_run_are_not_kept_later(exports, spilled, folder):
    assert exports.forget_all() == 0
    succeeded(exports, spilled)
    running = exports.create("ben", SQL, Format.CSV)
    assert exports.begun(running.export_id)
    assert exports.forget_all() == 2
    assert exports.of("ann") + exports.of("ben") == []
    assert not exports.progressed(running.export_id, 5)
    assert {each.name for each in folder.iterdir()} <= {"exports.lock", "staging"}


def test_half_made_folders_are_swept_after_a_while(exports, folder, clock):
    exports.create("ann", SQL, Format.CSV)
    half = folder / ("f" * 32)
    half.mkdir()
    (half / "export.json").write_bytes(b'{"export_id": ')
    os.utime(half, (clock.at.timestamp(), clock.at.timestamp()))
    (folder / "staging" / "left.part").write_bytes(b"{")
    assert exports.sweep() == 0
    assert not (folder / "staging").exists()
    clock.at += timedelta(minutes=11)
    assert exports.sweep() == 1
    assert not half.exists()
    assert len(exports.of("ann")) == 1


def link(folder, secret):
    (folder / "answer").symlink_to(secret)


def second_name(folder, secret):
    os.link(secret, folder / "answer")


def pipe(folder, _):
    os.mkfifo(folder / "answer")


def directory(folder, _):
    (folder / "answer" / "x").mkdir(parents=True)


@pytest.mark.parametrize("make", [link, second_name, pipe, directory])
def test_only_a_plain_file_of_one_name_becomes_an_export(exports, tmp_path, make):
    secret = tmp_path / "secret"
    secret.write_bytes(b"personal")
    (tmp_path / "spill").mkdir()
    make(tmp_path / "spill", secret)
    export = exports.create("ann", SQL, Format.PARQUET)
    assert not exports.finished(export.export_id, tmp_path / "spill" / "answer", DONE)
    ended = exports.named(export.export_id, "ann")
    assert (ended.state, ended.error["code"]) == (ExportState.FAILED, "QueryFailed")
    with pytest.raises(ExportNotReady):
        exports.file_of(ended)
    assert secret.read_bytes() == b"personal"
    assert list((tmp_path / "spill").iterdir()) == []


def test_a_file_that_is_not_there_is_a_failure(exports, tmp_path):
    export = exports.create("ann", SQL, Format.PARQUET)
    assert not exports.finished(export.export_id, tmp_path / "nowhere", DONE)
    assert exports.named(export.export_id, "ann").state is ExportState.FAILED


def test_many_at_once_keep_each_others_records(exports):
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda number: exports.create(f"user {number % 4}", SQL, Format.CSV), range(24)))
        assert all(pool.map(lambda each: exports.begun(each.export_id), made))
    assert sorted(len(exports.of(f"user {number}")) for number in range(4)) == [6] * 4


def test_before_the_first_there_is_nothing_to_sweep(exports, folder):
    assert exports.sweep() == 0
    assert exports.of("ann") == []
    assert not folder.exists()
