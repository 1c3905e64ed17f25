import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_pipelines.storage_snapshots.scanner.arrays import coded, flags, numbers_in, sparse, texts, whole

SCAN_ALONE = """
import sys
from datetime import date
from pathlib import Path
from analytics_pipelines.storage_snapshots.scanner.scan import scan
scan(Path(sys.argv[1]), "s", date(2026, 3, 1), Path(sys.argv[1]))
print("pandas" in sys.modules)
"""
maybe_texts = st.lists(st.none() | st.text())


@given(maybe_texts)
def test_texts_come_back_as_they_were(values):
    found = texts(values, pa.string())
    found.validate(full=True)
    assert found.to_pylist() == values


@given(st.lists(st.none() | st.binary()))
def test_bytes_come_back_as_they_were(values):
    assert texts(values, pa.binary()).to_pylist() == values


@given(st.lists(st.none() | st.integers(-(2**31), 2**31 - 1)), st.sampled_from([pa.int32(), pa.int64()]))
def test_whole_numbers_come_back_as_they_were(values, kind):
    known = np.array([value is not None for value in values], np.bool_)
    found = whole(np.array([value or 0 for value in values], np.int64), kind, known)
    assert (found.to_pylist(), found.type) == (values, kind)


@given(st.lists(st.booleans()))
def test_flags_come_back_as_they_were(values):
    assert flags(np.array(values, np.bool_)).to_pylist() == values


@given(st.lists(st.none() | st.text(), min_size=1), st.data())
def test_coded_values_are_those_of_their_numbers(values, data):
    numbers = data.draw(st.lists(st.integers(0, len(values) - 1)))
    known = data.draw(st.none() | st.lists(st.booleans(), min_size=len(numbers), max_size=len(numbers)))
    found = coded(np.array(numbers, np.int32), values, None if known is None else np.array(known, np.bool_))
    found.validate(full=True)
    given = zip(numbers, known or [True] * len(numbers), strict=True)
    assert found.to_pylist() == [values[number] if is_known else None for number, is_known in given]
    assert None not in found.dictionary.to_pylist()


@given(maybe_texts)
def test_a_mostly_empty_column_has_its_few_values(values):
    found = sparse({row: value for row, value in enumerate(values) if value is not None}, len(values))
    found.validate(full=True)
    assert found.to_pylist() == values


def test_numbers_are_found_behind_an_offset():
    assert numbers_in(pa.array([1, 2, 3], pa.int64()).slice(1), "i8").tolist() == [2, 3]


@pytest.mark.fault
def test_a_scan_does_without_pandas(tmp_path):
    told = subprocess.run([sys.executable, "-c", SCAN_ALONE, tmp_path], capture_output=True, check=True, text=True)
    assert told.stdout == "False\n"
