"""Thrift's compact protocol: what is read is written back byte for byte."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analytics_pipelines.foundation.thrift import Field, Items, Pairs, Reading, struct_bytes

SAMPLES = {
    "nothing": b"\x00",
    "a true and a false": b"\x11\x12\x00",
    "a number": b"\x16\x80\x01\x00",
    "a negative one": b"\x15\x01\x00",
    "the largest of 64 bits": b"\x16\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01\x00",
    "a text": b"\x18\x03abc\x00",
    "a double": b"\x17" + b"12345678" + b"\x00",
    "a list": b"\x19\x35\x02\x04\x06\x00",
    "a list of booleans": b"\x19\x21\x01\x02\x00",
    "a long list": b"\x19\xf5\x10" + bytes(range(0, 32, 2)) + b"\x00",
    "a struct": b"\x1c\x15\x02\x00\x00",
    "a map": b"\x1b\x01\x85\x01a\x02\x00",
    "an empty map": b"\x1b\x00\x00",
    "a field far from the last": b"\x05\x64\x02\x00",
}


@pytest.mark.parametrize("data", SAMPLES.values(), ids=SAMPLES)
def test_what_was_read_is_written_as_it_was(data):
    reading = Reading(data)
    assert struct_bytes(reading.struct()) == data
    assert reading.position == len(data)


@pytest.mark.parametrize(
    ("sample", "value"),
    [
        ("a true and a false", {1: Field(1, True), 2: Field(2, False)}),
        ("a number", {1: Field(6, 64)}),
        ("a negative one", {1: Field(5, -1)}),
        ("the largest of 64 bits", {1: Field(6, 2**63 - 1)}),
        ("a text", {1: Field(8, b"abc")}),
        ("a list", {1: Field(9, Items(5, [1, 2, 3]))}),
        ("a long list", {1: Field(9, Items(5, list(range(16))))}),
        ("a map", {1: Field(11, Pairs(8, 5, [(b"a", 1)]))}),
        ("a field far from the last", {50: Field(5, 1)}),
    ],
)
def test_values_are_those_of_the_protocol(sample, value):
    assert Reading(SAMPLES[sample]).struct() == value


@pytest.mark.parametrize("data", SAMPLES.values(), ids=SAMPLES)
def test_data_that_ends_too_early_is_refused(data):
    with pytest.raises(ValueError, match="ends too early"):
        Reading(data[:-1]).struct()


def test_an_unknown_type_is_refused():
    with pytest.raises(ValueError, match="no Thrift type 13"):
        Reading(b"\x1d\x00").struct()


def test_a_struct_may_be_given_as_the_bytes_it_was():
    inner = {1: Field(5, 7)}
    assert struct_bytes({1: Field(12, struct_bytes(inner))}) == struct_bytes({1: Field(12, inner)})


def test_footers_of_another_writer_survive(tmp_path):
    file = tmp_path / "a.parquet"
    pq.write_table(
        pa.table({"a": [1, 2], "b": [[1.5], None]}), file, write_page_index=True, store_decimal_as_integer=True
    )
    data = file.read_bytes()
    footer = data[-8 - int.from_bytes(data[-8:-4], "little") : -8]
    assert struct_bytes(Reading(footer).struct()) == footer
