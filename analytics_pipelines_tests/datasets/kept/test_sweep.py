"""The sweep: what is due goes, rows before files, and whatever a crash has left is mended by the next one."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from analytics_pipelines.datasets.folders import Folders, Place, new_id
from analytics_pipelines.datasets.kept import sweep as module
from analytics_pipelines.datasets.kept.analyses import history_of_table, record
from analytics_pipelines.datasets.kept.audit import audit_of_all
from analytics_pipelines.datasets.kept.datasets import add_dataset, datasets_of, delete_dataset
from analytics_pipelines.datasets.kept.running import running_of, start_running
from analytics_pipelines.datasets.kept.sweep import Swept, sweep
from analytics_pipelines.datasets.kept.transactions import writing_for
from analytics_pipelines.datasets.tables import DATASETS
from analytics_pipelines.foundation.postgres.database import Database
from analytics_pipelines_tests.datasets.kept.examples import (
    described,
    executed,
    kept,
    made_user,
    put_files,
    removed_user,
)

NOTHING = Swept(datasets=0, freed_bytes=0, analyses=0, folders=0, staged=0, running_plans=0, missing=())


class Killed(BaseException):
    """What nobody catches."""


@pytest.fixture
def database(database_urls, settings) -> Iterator[Database]:
    """A database of each test's own: a sweep is everybody's."""
    found = Database(database_urls.app, name="test", settings=settings)
    yield found
    found.close()


def swept(database: Database, folders: Folders, *, hours: float = 0) -> Swept:
    """What a sweep does, so many hours from now; only the database's own clock says what may go."""
    return sweep(database, folders, datetime.now(UTC) + timedelta(hours=hours), keep_days=30)


def aged(folders: Folders, place: Place, hours: float = 2) -> None:
    moment = (datetime.now(UTC) - timedelta(hours=hours)).timestamp()
    os.utime(folders.data(place).parent, (moment, moment))


def test_what_has_expired_goes_with_its_files_and_analyses_and_nothing_else(database, folders, anna, berta):
    expired, fresh, theirs = kept(database, anna, days_ago=31), kept(database, anna), kept(database, berta, days_ago=29)
    for each in (expired, fresh, theirs):
        put_files(folders, each)
        record(database, executed(each.user_id, each))
    assert swept(database, folders) == replace(NOTHING, datasets=1, freed_bytes=100)
    assert folders.places() == sorted([fresh.place, theirs.place])
    assert [each.session_id for each in datasets_of(database, anna)] == [fresh.session_id]
    assert len(audit_of_all(database)) == 3
    assert swept(database, folders) == NOTHING


def test_a_wrong_clock_of_ours_takes_nothing_that_postgresql_still_keeps(database, folders, anna):
    mine = kept(database, anna)
    put_files(folders, mine)
    assert swept(database, folders, hours=24 * 365).datasets == 0
    assert folders.places() == [mine.place]


def test_a_folder_without_a_row_goes_once_it_is_an_hour_old(database, folders):
    lost, new = Place(new_id(), new_id()), Place(new_id(), new_id())
    for place in (lost, new):
        with folders.staging() as folder:
            (folder / "rows").write_bytes(b"PAR1")
            folders.publish(place, data=folder / "rows")
    aged(folders, lost, 1.01)
    aged(folders, new, 0.99)
    assert swept(database, folders).folders == 1
    assert folders.places() == [new]


def test_files_of_users_who_are_gone_go(database, folders, anna, berta):
    gone, stays = kept(database, anna), kept(database, berta)
    for each in (gone, stays):
        put_files(folders, each)
        aged(folders, each.place)
    removed_user(database, anna)
    assert swept(database, folders).folders == 1
    assert folders.places() == [stays.place]


def test_a_dataset_whose_file_is_gone_is_told_and_left(database, folders, anna):
    mine, whole = kept(database, anna), kept(database, anna)
    put_files(folders, whole)
    assert swept(database, folders).missing == (mine.id,)
    assert len(datasets_of(database, anna)) == 2


def test_old_analyses_of_tables_and_plans_that_nobody_runs_go(database, folders, anna, berta):
    now = datetime.now(UTC)
    for days in (29, 31):
        record(database, executed(anna, executed_at=now - timedelta(days=days)))
        record(database, executed(berta, kept(database, berta), executed_at=now - timedelta(days=days)))
    for hours in (23, 25):
        start_running(database, anna, subject="x", plan_hash="y", at=now - timedelta(hours=hours))
    done = swept(database, folders)
    assert (done.analyses, done.running_plans) == (1, 1)
    assert len(history_of_table(database, anna, "out_web__daily_metrics")) == 1
    assert len(running_of(database, anna)) == 1
    assert len(audit_of_all(database)) == 4


STEPS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "an upload, before its row": lambda _: None,
    "a deletion and a sweep, before the files": lambda patch: patch.setattr(Folders, "remove", killed),
    "a sweep, before folders without rows": lambda patch: patch.setattr(module, "_rowless", killed),
    "a sweep, before old rows": lambda patch: patch.setattr(module, "_old_rows", killed),
    "a sweep, before staging": lambda patch: patch.setattr(Folders, "sweep_staging", killed),
}


def killed(*_: object, **__: object) -> None:
    raise Killed


@pytest.mark.parametrize("step", STEPS)
def test_killed_between_two_steps_the_next_sweep_mends(database, folders, anna, monkeypatch, step):
    expired, fresh, doomed = kept(database, anna, days_ago=31), kept(database, anna), kept(database, anna)
    lost = described()
    for each in (expired, fresh, doomed):
        put_files(folders, each)
    with folders.staging() as folder:
        (folder / "rows").write_bytes(b"PAR1")
        folders.publish(Place(anna, lost.id), data=folder / "rows")
    (folders.root / ".staging" / new_id()).mkdir()
    with monkeypatch.context() as patched:
        STEPS[step](patched)
        with suppress(Killed):
            delete_dataset(database, folders, anna, doomed.session_id)
        with suppress(Killed):
            sweep(database, folders, datetime.now(UTC), keep_days=30)
    for place in folders.places():
        aged(folders, place)
    aged_staging(folders)
    swept(database, folders)
    assert folders.places() == [fresh.place]
    assert list((folders.root / ".staging").iterdir()) == []
    assert [each.id for each in datasets_of(database, anna)] == [fresh.id]
    assert swept(database, folders) == NOTHING


def aged_staging(folders: Folders) -> None:
    moment = (datetime.now(UTC) - timedelta(hours=2)).timestamp()
    for each in (folders.root / ".staging").iterdir():
        os.utime(each, (moment, moment))


def test_a_dataset_deleted_during_the_look_is_not_told_as_missing(database, folders, anna, monkeypatch):
    mine, data = kept(database, anna), Folders.data
    put_files(folders, mine)

    def deleted_meanwhile(self: Folders, place: Place):
        with suppress(LookupError), monkeypatch.context() as patched:
            patched.setattr(Folders, "data", data)
            with writing_for(database, anna) as connection:
                connection.execute(sa.delete(DATASETS))
            self.remove(place)
        return data(self, place)

    monkeypatch.setattr(Folders, "data", deleted_meanwhile)
    assert swept(database, folders).missing == ()


def test_two_sweeps_at_once_do_no_harm(database, folders):
    for _ in range(5):
        user = made_user(database)
        put_files(folders, kept(database, user, days_ago=31))
        put_files(folders, add_dataset(database, user, described(), keep_days=30))
    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(lambda _: swept(database, folders), range(3)))
    assert sum(each.datasets for each in done) == 5
    assert len(folders.places()) == 5
