"""Workers follow the generation in force, and older ones are let go."""

from analytics_pipelines.foundation.generation.pointer import lock_generation
from analytics_pipelines_tests.generations import folders_of, publish_edition
from analytics_pipelines_tests.sql_service.brokers import (
    ADA,
    LONG,
    asked,
    connected,
    health,
    kill,
    query,
    running_broker,
    worker_pids,
)
from analytics_pipelines_tests.waiting import wait_until

EDITION = "SELECT DISTINCT edition FROM out_shop__sales"


def test_a_newer_generation_answers_and_the_older_one_is_free_for_the_sweep(settings, lake):
    first = publish_edition(settings, lake, 1)
    with running_broker(settings):
        assert asked(settings, query(EDITION)).rows == [[1]]
        long = connected(settings, query(LONG, caller=ADA))
        wait_until(lambda: health(settings)["connection_pool"]["available_connections"] == 3)
        second = publish_edition(settings, lake, 2)
        wait_until(lambda: health(settings)["generation"] == second.generation.id, seconds=30)
        assert asked(settings, query(EDITION)).rows == [[2]]
        assert lock_generation(first.folder, exclusive=True) is None, "the long query still reads it"
        long.close()
        wait_until(lambda: lock_generation(first.folder, exclusive=True) is not None, seconds=30)
        assert folders_of(settings).current_id() == second.generation.id


def test_workers_that_die_at_rest_are_replaced(settings, lake):
    publish_edition(settings, lake, 1)
    with running_broker(settings):
        before = set(worker_pids(settings))
        for pid in before:
            kill(pid)
        wait_until(lambda: len(set(worker_pids(settings)) - before) == len(before), seconds=30)
        assert asked(settings, query(EDITION)).rows == [[1]]
