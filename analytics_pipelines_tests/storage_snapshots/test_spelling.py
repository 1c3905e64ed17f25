import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_pipelines.storage_snapshots.spelling import extension, raw, raw_where_it_differs, readable

names = st.binary(min_size=1).filter(lambda name: b"\0" not in name)


@given(names)
def test_the_bytes_of_any_name_can_be_found_again(name):
    text = readable(os.fsdecode(name))
    assert raw(text) == name
    assert text.encode().decode() == text


@given(st.lists(names, min_size=2, max_size=2, unique=True))
def test_different_names_stay_different(pair):
    first, second = pair
    assert readable(os.fsdecode(first)) != readable(os.fsdecode(second))


@pytest.mark.parametrize(
    ("name", "text", "kept"),
    [
        pytest.param(b"plain", "plain", None, id="ASCII is itself"),
        pytest.param("größe".encode(), "größe", None, id="UTF-8 is itself"),
        pytest.param(b"caf\xe9", "caf\ufffdE9", b"caf\xe9", id="a byte of Latin-1 is spelt"),
        pytest.param(b"\xed\xa0\x80", "\ufffdED\ufffdA0\ufffd80", b"\xed\xa0\x80", id="a lone surrogate is no text"),
        pytest.param("\ufffd".encode(), "\ufffdEF\ufffdBF\ufffdBD", "\ufffd".encode(), id="the mark itself is spelt"),
    ],
)
def test_only_what_is_no_text_is_spelt_out(name, text, kept):
    assert readable(os.fsdecode(name)) == text
    assert raw_where_it_differs(text) == kept


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        pytest.param("a.TXT", "txt", id="small letters"),
        pytest.param("a.tar.gz", "gz", id="the last one counts"),
        pytest.param("Makefile", None, id="none"),
        pytest.param(".profile", None, id="a hidden file's name is no extension"),
        pytest.param("odd.", None, id="nothing behind the dot"),
        pytest.param("...", None, id="dots only"),
    ],
)
def test_an_extension_is_what_follows_the_last_dot(name, ending):
    assert extension(name) == ending
