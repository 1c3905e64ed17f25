"""Compressed bodies are unpacked up to a limit and no further."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_pipelines.web_events.event import Rejected
from analytics_pipelines.web_events.intake.bodies import MOST_MEMBERS, decoded, inflated

TEXT = b'{"a": 1}'
PACKED = gzip.compress(TEXT)


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        pytest.param(TEXT, "", id="none"),
        pytest.param(TEXT, "identity", id="identity"),
        pytest.param(PACKED, " GZIP ", id="gzip"),
        pytest.param(PACKED, "x-gzip", id="its older name"),
        pytest.param(gzip.compress(TEXT[:3]) + gzip.compress(TEXT[3:]), "gzip", id="two members"),
        pytest.param(PACKED + b"\0\0", "gzip", id="padded"),
    ],
)
def test_a_body_is_what_it_was_before(body: bytes, encoding: str) -> None:
    assert decoded(body, encoding) == TEXT


@pytest.mark.parametrize(
    ("body", "encoding", "reason"),
    [
        pytest.param(b"", "gzip", "broken_json", id="empty"),
        pytest.param(PACKED[:-1], "gzip", "broken_json", id="cut off"),
        pytest.param(PACKED[:-8] + bytes(8), "gzip", "broken_json", id="a wrong checksum"),
        pytest.param(PACKED + b"x", "gzip", "broken_json", id="something behind it"),
        pytest.param(zlib.compress(TEXT), "gzip", "broken_json", id="another format"),
        pytest.param(gzip.compress(b"") * (MOST_MEMBERS + 1), "gzip", "broken_json", id="many members"),
        pytest.param(TEXT, "br", "broken_json", id="an unknown name"),
        pytest.param(TEXT, "gzip, gzip", "broken_json", id="twice"),
    ],
)
def test_what_can_not_be_unpacked_is_rejected(body: bytes, encoding: str, reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        decoded(body, encoding)
    assert caught.value.reason == reason


@given(st.binary(max_size=300), st.integers(0, 300), st.integers(0, 300))
def test_the_limit_is_exact_however_it_is_packed(content: bytes, cut: int, most_bytes: int) -> None:
    packed = gzip.compress(content[:cut]) + gzip.compress(content[cut:])
    if len(content) <= most_bytes:
        assert inflated(packed, most_bytes) == content
    else:
        with pytest.raises(Rejected) as caught:
            inflated(packed, most_bytes)
        assert caught.value.reason == "too_large"
