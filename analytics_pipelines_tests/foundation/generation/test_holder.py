"""The holder: each request keeps the generation it began with; new ones get the new one within two seconds."""

import threading
import time

import pytest
import structlog

from analytics_pipelines.foundation.generation import Generations, NothingPublished, holder
from analytics_pipelines.foundation.generation.pointer import lock_generation
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines_tests.generations import folders_of, publish_edition
from analytics_pipelines_tests.waiting import wait_until

EDITIONS = Sql("SELECT DISTINCT edition FROM out_shop__sales WHERE edition <> $other")


def edition_of(lease) -> int:
    with lease.cursor() as cursor:
        ((edition,),) = cursor.execute(EDITIONS.text, {"other": 0}).fetchall()
        return edition


def is_unused(settings, generation_id) -> bool:
    lock = lock_generation(folders_of(settings).folder(generation_id), exclusive=True)
    return lock is not None


def test_without_a_generation_there_is_a_typed_error_and_an_empty_summary(settings):
    with Generations(settings) as generations:
        assert generations.current_id is None
        assert generations.summary().generation is None
        with pytest.raises(NothingPublished), generations.acquire():
            pass


def test_the_first_generation_is_picked_up_within_two_seconds(settings, lake):
    with Generations(settings) as generations:
        built = publish_edition(settings, lake, 1)
        started_s = time.monotonic()
        wait_until(lambda: generations.current_id == built.generation.id)
        assert time.monotonic() - started_s < 2
        summary = generations.summary()
    assert summary.generation == built.generation
    assert summary.published_at is not None
    assert summary.published_at >= built.generation.built_at


def test_a_lease_in_use_survives_the_swap_and_is_closed_after_its_last_user(settings, lake):
    first = publish_edition(settings, lake, 1)
    with Generations(settings) as generations:
        with generations.acquire() as old, generations.acquire() as same:
            assert old is same
            second = publish_edition(settings, lake, 2)
            wait_until(lambda: generations.current_id == second.generation.id)
            with generations.acquire() as new:
                assert (edition_of(old), edition_of(new)) == (1, 2)
            assert not is_unused(settings, first.generation.id)
        wait_until(lambda: is_unused(settings, first.generation.id))
        assert not is_unused(settings, second.generation.id)
    assert is_unused(settings, second.generation.id)


def test_many_threads_never_see_two_editions_in_one_lease(settings, lake):
    publish_edition(settings, lake, 1)
    seen, wrong = set(), []

    def read(stop: threading.Event) -> None:
        while not stop.is_set():
            with generations.acquire() as lease:
                first, again = edition_of(lease), edition_of(lease)
                seen.add(first)
                if first != again:
                    wrong.append((first, again))

    with Generations(settings) as generations:
        stop = threading.Event()
        threads = [threading.Thread(target=read, args=(stop,)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for edition in (2, 3):
            built = publish_edition(settings, lake, edition)
            wait_until(lambda wanted=built.generation.id: generations.current_id == wanted)
            wait_until(lambda wanted=edition: wanted in seen)
        stop.set()
        for thread in threads:
            thread.join()
    assert (seen, wrong) == ({1, 2, 3}, [])


def test_a_generation_that_can_not_be_opened_leaves_the_old_one_in_force(settings, lake):
    first = publish_edition(settings, lake, 1)
    with Generations(settings) as generations:
        second = publish_edition(settings, lake, 2)
        folders = folders_of(settings)
        folders.point_to(first.generation.id)
        (second.folder / "generation.json").chmod(0o644)
        (second.folder / "generation.json").write_bytes(b"{")
        folders.point_to(second.generation.id)
        with structlog.testing.capture_logs() as logs:
            generations.refresh()
        assert [line["log_level"] for line in logs] == ["error"]
        with generations.acquire() as lease:
            assert edition_of(lease) == 1


def test_a_generation_that_could_not_be_opened_is_tried_again(settings, lake, monkeypatch):
    monkeypatch.setattr(holder, "POLL_S", 0.01)
    monkeypatch.setattr(holder, "RETRY_AFTER_POLLS", 2)
    built = publish_edition(settings, lake, 1)
    described = built.folder / "generation.json"
    described.rename(described.with_name("away"))
    with structlog.testing.capture_logs() as logs, Generations(settings) as generations:
        assert generations.current_id is None
        described.with_name("away").rename(described)
        wait_until(lambda: generations.current_id == built.generation.id)
    assert "error" in {line["log_level"] for line in logs}


def test_a_holder_that_never_started_can_be_stopped(settings):
    Generations(settings).stop()


def test_a_request_that_outlives_the_holder_can_finish(settings, lake):
    publish_edition(settings, lake, 1)
    generations = Generations(settings)
    generations.start()
    with generations.acquire() as lease:
        generations.stop()
        assert edition_of(lease) == 1
        with pytest.raises(NothingPublished), generations.acquire():
            pass


def test_a_lease_is_made_ready_before_it_answers(settings, lake):
    publish_edition(settings, lake, 1)
    ready = []
    prepared = Generations(settings, make_ready=lambda lease: ready.append(edition_of(lease)))
    with prepared as held, held.acquire() as lease:
        assert ready == [edition_of(lease)]


def test_what_fails_to_be_made_ready_answers_all_the_same(settings, lake):
    publish_edition(settings, lake, 1)

    def fail(lease):
        raise ArithmeticError

    prepared = Generations(settings, make_ready=fail)
    with structlog.testing.capture_logs() as logs, prepared as held, held.acquire() as lease:
        assert edition_of(lease) == 1
    assert [each["event"] for each in logs if each["log_level"] == "error"] == ["a generation could not be made ready"]
