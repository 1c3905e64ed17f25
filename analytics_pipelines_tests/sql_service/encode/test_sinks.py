"""Bytes are handed on in parts of a size that suits frames."""

import pyarrow as pa
from hypothesis import given
from hypothesis import settings as tried
from hypothesis import strategies as st

from analytics_pipelines.sql_service.encode.sinks import LEAST_PART_BYTES, MOST_PART_BYTES, Sink, parts_of
from analytics_pipelines_tests.counts import examples


@given(sizes=st.lists(st.sampled_from([0, 1, 1000, LEAST_PART_BYTES, MOST_PART_BYTES, 3 * MOST_PART_BYTES + 7])))
@tried(max_examples=examples(100), deadline=None)
def test_parts_are_the_same_bytes_and_never_too_long(sizes):
    pieces = [bytes([number % 251]) * size for number, size in enumerate(sizes)]
    parts = list(parts_of(pieces))
    assert b"".join(parts) == b"".join(pieces)
    assert all(0 < len(part) <= MOST_PART_BYTES for part in parts)


def test_small_pieces_are_joined():
    assert len(list(parts_of([b"x"] * LEAST_PART_BYTES))) == 1


def test_a_sink_hands_out_what_was_written_once():
    sink = Sink()
    assert sink.write(b"ab") == 2
    assert sink.write(pa.py_buffer(b"cd")) == 2
    assert (sink.taken(), sink.taken(), sink.tell()) == ([b"ab", b"cd"], [], 4)
    assert sink.writable()
