"""What is made ready is there before the first question; a generation without snapshots needs nothing."""

from analytics_pipelines.foundation.generation import Generations
from analytics_pipelines.storage_snapshots.ask import folder_index, type_index
from analytics_pipelines.storage_snapshots.ask.readiness import make_ready
from analytics_pipelines_tests.generations import publish_edition
from analytics_pipelines_tests.storage_snapshots.ask.woods import published


def test_indexes_are_there_before_the_first_question(tmp_path):
    with published(tmp_path, 20) as lease:
        kept = (folder_index.REMEMBERED, type_index.REMEMBERED)
        assert [lease.recalled(each) for each in kept] == [None, None]
        make_ready(lease)
        assert all(lease.recalled(each) for each in kept)


def test_a_generation_without_snapshots_is_ready_as_it_is(settings, lake):
    publish_edition(settings, lake, 1)
    with Generations(settings, make_ready=make_ready) as held, held.acquire() as lease:
        assert lease.recalled(folder_index.REMEMBERED) is None
