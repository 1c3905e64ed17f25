"""A kept answer is told again as another query's."""

import orjson

from analytics_pipelines.sql_service.broker.answers import answer_again, rows_of
from analytics_pipelines.sql_service.broker.frames import FrameReader
from analytics_pipelines.sql_service.messages import Kind, frame, frame_of

KEPT = (
    frame_of(Kind.HEAD, {"query_id": "a", "generation": "g", "columns": [["n", "BIGINT"]]})
    + frame(Kind.DATA, b'"data":[[1],')
    + frame(Kind.DATA, b"[2]]")
    + frame_of(Kind.END, {"query_id": "a", "row_count": 2, "execution_time": 9.0, "is_cached": False})
)


def test_only_id_time_and_origin_are_new():
    frames = list(FrameReader().feed(answer_again(KEPT, "b", 0.25)))
    assert [kind for kind, _ in frames] == [Kind.HEAD, Kind.DATA, Kind.DATA, Kind.END]
    assert orjson.loads(frames[0][1]) == {"query_id": "b", "generation": "g", "columns": [["n", "BIGINT"]]}
    assert frames[1][1] + frames[2][1] == b'"data":[[1],[2]]'
    end = {"query_id": "b", "row_count": 2, "execution_time": 0.25, "is_cached": True}
    assert orjson.loads(frames[3][1]) == end


def test_the_rows_of_a_kept_answer_are_known():
    assert rows_of(KEPT) == 2
