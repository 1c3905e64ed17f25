import csv
import io

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from analytics_pipelines.datasets.uploads.plain import is_plain, split


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a,b\n1,2\n", True, id="no quotes"),
        pytest.param("a,b\r\n1,2\r\n", True, id="both line ends together"),
        pytest.param("a,b\r\n1,2\n", False, id="both line ends apart"),
        pytest.param("a,b\r1,2\r", False, id="carriage returns alone"),
        pytest.param("a,b\n\n1,2\n", False, id="a blank line"),
        pytest.param('"a","b"\n"1","2"\n', True, id="quotes around values"),
        pytest.param('"a""b","c"\n', True, id="a quote within a value"),
        pytest.param('"","b"\n', True, id="an empty value in quotes"),
        pytest.param('a,"b', False, id="a quote never closed"),
        pytest.param('5" disk,2" x\n', False, id="quotes that are signs"),
        pytest.param('"a" ,b\n', False, id="a space behind a quote"),
        pytest.param('"a\nb",c\n', False, id="a line end within quotes"),
        pytest.param('a,"b"', True, id="no end of the last line"),
    ],
)
def test_plain_is_what_leaves_no_doubt(text: str, expected: bool) -> None:
    assert is_plain(text.encode(), 0, ",") is expected


def test_what_stands_before_the_start_does_not_count() -> None:
    assert is_plain(b'"\n\na,b\n', 3, ",")
    columns = split(b"\n\na,b\n1,2\n", 6, ",", 2)
    assert columns is not None
    assert [column.to_pylist() for column in columns] == [["1"], ["2"]]


def test_a_row_of_another_width_is_left_to_the_careful_reader() -> None:
    assert split(b"1,2\n3\n", 0, ",", 2) is None
    assert split(b"1,2\n3,4,5\n", 0, ",", 2) is None


def test_no_rows_are_columns_of_nothing() -> None:
    columns = split(b"a,b\r\n", 5, ",", 2)
    assert columns is not None
    assert [len(column) for column in columns] == [0, 0]


def check_like_python(text: str) -> None:
    content = text.encode()
    if not is_plain(content, 0, ","):
        return
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
    width = len(rows[0]) if rows else 1
    columns = split(content, 0, ",", width)
    if any(len(row) != width for row in rows):
        assert columns is None
    else:
        assert columns is not None
        assert [list(row) for row in zip(*(column.to_pylist() for column in columns), strict=True)] == rows


PIECES = st.lists(st.sampled_from(["a", "é", ",", '"', '""', '","', "\n", "\r\n", " ", "1", '"\n', '\n"', ",\n"]))


@given(PIECES.map("".join))
@hypothesis_settings(max_examples=50, deadline=None)
def test_plain_files_are_split_as_python_does(text: str) -> None:
    check_like_python(text)


@pytest.mark.long
@given(PIECES.map("".join))
@hypothesis_settings(max_examples=10_000, deadline=None)
def test_very_many_plain_files_are_split_as_python_does(text: str) -> None:
    check_like_python(text)
