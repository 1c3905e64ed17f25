"""A worker that a stranger has taken over may lie about its own answer, and about nothing else."""

import orjson
import pytest

from analytics_pipelines.sql_service.broker.frames import BrokenFrames
from analytics_pipelines.sql_service.broker.worker_words import MOST_KEPT_BYTES, done_from, kept_with, ready_from
from analytics_pipelines.sql_service.messages import Done, StopReason

DONE = Done(query_id="q", rows=3, engine_s=0.5, file="q.parquet", columns=(("a", "BIGINT"),))


@pytest.mark.parametrize(
    "done",
    [DONE, Done(query_id="q", error_class="query"), Done(query_id="q", is_stopped_for=StopReason.LATER)],
    ids=["an export", "a failure", "for later"],
)
def test_what_a_worker_says_is_heard(done):
    assert done_from(orjson.dumps(done)) == done


@pytest.mark.parametrize(
    "told",
    [
        {"file": "../../exports/other/data.parquet"},
        {"file": "/etc/passwd"},
        {"file": ".."},
        {"file": "."},
        {"file": "a\0b"},
        {"file": ["q.parquet"]},
        {"error_class": "nonsense"},
        {"error_class": {}},
        {"is_stopped_for": "never"},
        {"rows": "3"},
        {"rows": -1},
        {"engine_s": None},
        {"columns": [1]},
        {"columns": None},
        {"more": 1},
    ],
    ids=lambda told: str(told)[:40],
)
def test_an_end_that_can_not_be_is_broken(told):
    with pytest.raises(BrokenFrames):
        done_from(orjson.dumps({**orjson.loads(orjson.dumps(DONE)), **told}))


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"1", b"\xff"])
def test_what_is_no_end_is_broken(content):
    with pytest.raises(BrokenFrames):
        done_from(content)


def test_no_more_is_held_for_the_cache_than_an_answer_may_have():
    kept = bytearray()
    kept_with(kept, b"x" * MOST_KEPT_BYTES)
    with pytest.raises(BrokenFrames):
        kept_with(kept, b"x")
    assert len(kept) == MOST_KEPT_BYTES


def test_no_other_process_is_taken_for_the_worker():
    assert ready_from({"pid": 12, "lacks": ["user"]}) == (12, ("user",))
    for told in ({}, [], {"pid": 1}, {"pid": 0}, {"pid": -1}, {"pid": "12"}):
        with pytest.raises(BrokenFrames):
            ready_from(told)
