"""Frames come out whole however their bytes come in."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.sql_service.broker.frames import BrokenFrames, FrameReader
from analytics_pipelines.sql_service.messages import HEADER, Kind, frame
from analytics_pipelines_tests.counts import examples

FRAMES = st.lists(st.tuples(st.sampled_from(Kind), st.binary(max_size=50)), max_size=8)


@settings(max_examples=examples(200))
@given(FRAMES, st.data())
def test_frames_cut_anywhere_are_the_same_frames(frames, data):
    content = b"".join(frame(kind, whole) for kind, whole in frames)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(content)), max_size=10)))
    pieces = [content[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(content)], strict=True)]
    reader = FrameReader()
    assert [each for piece in pieces for each in reader.feed(piece)] == frames


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(HEADER.pack(b"?", 0), id="a kind that nobody knows"),
        pytest.param(HEADER.pack(b"d", 101), id="one byte more than may be"),
    ],
)
def test_what_is_no_frame_of_ours_is_refused(content):
    with pytest.raises(BrokenFrames):
        list(FrameReader(100).feed(content))
