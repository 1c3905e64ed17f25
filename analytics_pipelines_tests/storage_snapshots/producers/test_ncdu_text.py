import gzip
import io
import json
import re

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_pipelines.storage_snapshots.producers import ncdu_text
from analytics_pipelines.storage_snapshots.producers.ncdu_text import NotAnExport, Tokens, head, infos, opened

INFO = st.fixed_dictionaries(
    {"name": st.text(max_size=6)},
    optional={
        "asize": st.integers(0, 2**63),
        "extra": st.recursive(st.none(), lambda inner: st.lists(inner, max_size=2)),
    },
)
FOLDERS = st.recursive(
    INFO.map(lambda info: [info]), lambda inner: st.tuples(INFO, st.lists(st.one_of(INFO, inner), max_size=4))
    .map(lambda pair: [pair[0], *pair[1]]), max_leaves=12
)  # fmt: skip


def flat(folder, depth=0):
    yield depth, True, folder[0]
    for each in folder[1:]:
        if isinstance(each, list):
            yield from flat(each, depth + 1)
        else:
            yield depth + 1, False, each


def read(text):
    tokens = Tokens(io.BytesIO(text))
    head(tokens)
    return list(infos(tokens))


@given(FOLDERS, st.integers(1, 40), st.booleans())
def test_entries_are_read_whatever_the_pieces_in_which_they_come(folder, chunk, is_ascii):
    text = json.dumps([1, 2, {"progname": "x"}, folder], ensure_ascii=is_ascii).encode("utf-8", "surrogatepass")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ncdu_text, "CHUNK_BYTES", chunk)
        assert read(text) == list(flat(folder))


def test_names_are_bytes_and_the_depth_has_no_bound():
    text = b"[1,0,{}," + b'[{"name":"d\xff"},' * 50_000 + b'{"name":"x"}' + b"]" * 50_001
    found = read(text)
    assert (len(found), found[-1][0], found[0][2]["name"]) == (50_001, 50_000, "d\udcff")


def test_a_file_may_be_compressed(tmp_path):
    text = b'[1,2,{"timestamp":5},[{"name":"/"},{"name":"x"}]]'
    (tmp_path / "plain").write_bytes(text)
    (tmp_path / "gz").write_bytes(gzip.compress(text))
    (tmp_path / "zst").write_bytes(pa.compress(text, codec="zstd", asbytes=True))
    for name in ("plain", "gz", "zst"):
        with opened(tmp_path / name) as source:
            tokens = Tokens(source)
            assert head(tokens) == {"timestamp": 5}
            assert [info["name"] for _, _, info in infos(tokens)] == ["/", "x"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "ends too early"),
        (b"hello", "not JSON"),
        (b"[]", "ends too early"),
        (b'{"a": 1}', "ends too early"),
        (b'["x",2,{},[{"name":"/"}]]', "not an export"),
        (b'[2,0,{},[{"name":"/"}]]', "version 2"),
        (b'[1,0,{},{"name":"/"}]', "without a name"),
        (b'[1,0,{},[{"asize":1}]]', "without a name"),
        (b'[1,0,{},[[{"name":"/"}]]]', "without its name"),
        (b'[1,0,{},[]]', "without its name"),
        (b'[1,0,{},[{"name":"/"},{"name":"x"}', "ends too early"),
        (b'[1,0,{},[{"name":"/"},{"name":"x', "ends too early"),
        (b'[1,0,{},[{"name":"/"},5]]', "without a name"),
        (b'[1,0,{},[{"name":5}]]', "without a name"),
    ],
)  # fmt: skip
def test_what_is_no_export_is_told(text, words):
    with pytest.raises(NotAnExport, match=re.escape(words)):
        read(text)


def test_ncdus_binary_format_is_refused_with_the_way_out(tmp_path):
    (tmp_path / "x").write_bytes(b"\xbfncduEX1" + bytes(100))
    with pytest.raises(NotAnExport, match=r"ncdu -f FILE -o NEW\.json"):
        opened(tmp_path / "x")


def test_damaged_compression_is_told(tmp_path):
    (tmp_path / "x.gz").write_bytes(gzip.compress(b'[1,2,{},[{"name":"/"}' + b" " * 10_000)[:-30])
    with opened(tmp_path / "x.gz") as source:
        tokens = Tokens(source)
        with pytest.raises(NotAnExport):
            head(tokens)


def test_a_file_that_is_away_is_told(tmp_path):
    with pytest.raises(NotAnExport, match="can not be read"):
        opened(tmp_path / "away")


def test_an_object_without_end_does_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr(ncdu_text, "LONGEST_OBJECT", 10_000)
    monkeypatch.setattr(ncdu_text, "CHUNK_BYTES", 1000)
    source = io.BytesIO(b'[1,0,{},[{"name":"' + b"x" * 100_000)
    tokens = Tokens(source)
    head(tokens)
    with pytest.raises(NotAnExport, match="not JSON"):
        list(infos(tokens))
    assert source.tell() < 20_000
