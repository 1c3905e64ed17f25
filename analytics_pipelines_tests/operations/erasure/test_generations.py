"""Older generations go, those in use once their readers have moved on."""

import threading

from analytics_pipelines.foundation.generation import Generations
from analytics_pipelines.foundation.generation.lease import Lease
from analytics_pipelines.operations.erasure.generations import retire_others
from analytics_pipelines_tests.generations import folders_of, publish_edition


def test_all_but_the_one_in_force_are_removed(settings, lake) -> None:
    builds = [publish_edition(settings, lake, edition) for edition in range(3)]
    folders = folders_of(settings)
    retired = retire_others(folders, wait_s=0)
    assert retired.removed == tuple(sorted(built.generation.id for built in builds[:2]))
    assert retired.in_use == ()
    assert folders.ids() == [builds[2].generation.id]
    assert retire_others(folders, wait_s=0).removed == ()


def test_one_that_is_read_stays_and_is_told(settings, lake) -> None:
    old = publish_edition(settings, lake, 0)
    lease = Lease.open(old.folder, settings)
    publish_edition(settings, lake, 1)
    retired = retire_others(folders_of(settings), wait_s=0.1)
    assert (retired.removed, retired.in_use) == ((), (old.generation.id,))
    threading.Timer(0.3, lease.close).start()
    assert retire_others(folders_of(settings), wait_s=20).removed == (old.generation.id,)


def test_a_worker_moves_on_by_itself(settings, lake) -> None:
    old = publish_edition(settings, lake, 0)
    with Generations(settings):
        publish_edition(settings, lake, 1)
        assert retire_others(folders_of(settings), wait_s=20).removed == (old.generation.id,)


def test_without_any_there_is_nothing_to_do(settings) -> None:
    retired = retire_others(folders_of(settings), wait_s=0)
    assert (retired.removed, retired.in_use) == ((), ())
