import csv

import pytest

from analytics_pipelines.datasets.uploads.dialect import Dialect, dialect_of, longest_value, too_long_line
from analytics_pipelines.datasets.uploads.errors import EmptyFile, LineTooLong, TooManyColumns
from analytics_pipelines.datasets.uploads.limits import UploadLimits

LIMITS = UploadLimits(unpacked_bytes=10**7)


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        pytest.param("a,b\n1,2\n", ",", id="comma"),
        pytest.param("a;b\n1,5;2,5\n", ";", id="semicolon with decimal commas"),
        pytest.param("a\tb\nx, y\tz\n", "\t", id="tab with commas in values"),
        pytest.param("a|b|c\n1|2|3\n", "|", id="bar"),
        pytest.param('a,b\n"1;2;3",4\n', ",", id="semicolons within quotes"),
        pytest.param("name\nx\ny\n", ",", id="one column"),
        pytest.param("a, of b\nx\ny\n", ",", id="one column with a comma in its name"),
        pytest.param("a,b;c\n1,2;3\n4;5\n6;7\n", ";", id="more rows fit"),
        pytest.param("a,b,c\n1,2\n", ",", id="rows that fit nothing"),
        pytest.param("sep=|\na,b|c\n1,2|3\n", "|", id="declared"),
        pytest.param("a;b", ";", id="a header alone"),
    ],
)
def test_the_delimiter_is_the_one_that_most_rows_keep_to(text: str, delimiter: str) -> None:
    assert dialect_of(text.encode(), LIMITS).delimiter == delimiter


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a,b\n1,2\n", True, id="names"),
        pytest.param("1,2\n3,4\n", False, id="numbers"),
        pytest.param("2026-01-01,-1.5e3\n", False, id="a day and a number"),
        pytest.param("1,\n", True, id="one is empty"),
        pytest.param("id,2024,2025\n", True, id="a name among years"),
    ],
)
def test_a_first_row_of_values_only_is_no_header(text: str, expected: bool) -> None:
    assert dialect_of(text.encode(), LIMITS).has_header is expected


@pytest.mark.parametrize(
    ("text", "body_at", "line"),
    [("a\n1\n", 0, 1), ("\n\r\na\n", 3, 3), ("sep=;\r\na\n", 7, 2), ('"SEP=,"\n\na\n', 9, 3)],
)
def test_the_table_begins_behind_blank_lines_and_declarations(text: str, body_at: int, line: int) -> None:
    dialect = dialect_of(text.encode(), LIMITS)
    assert (dialect.body_at, dialect.first_line) == (body_at, line)


def test_a_first_line_longer_than_the_sample_is_still_read() -> None:
    header = ";".join("x" * 200 for _ in range(1500))
    found = dialect_of((header + "\n" + ";" * 1499 + "\n").encode(), LIMITS)
    assert found == Dialect(";", 0, 1, has_header=True)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b" \n\t\r\n", EmptyFile),
        (b"a," * 2000 + b"a", TooManyColumns),
        (b"x" * 1_000_001, LineTooLong),
    ],
)
def test_what_has_no_first_row_to_go_by_is_refused(content: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        dialect_of(content, LIMITS)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", None),
        (b"aaa\nbbb\rccc", None),
        (b"aaaa", 0),
        (b"a\nbbbb\nc", 2),
        (b"a\r\nb\r\ncccccc", 6),
        (b"aaa\n\nbbb\ndddd", 9),
    ],
)
def test_a_line_of_more_than_three_bytes_is_found(content: bytes, expected: int | None) -> None:
    assert too_long_line(content, 3) == expected


def test_the_longest_value_of_the_process_is_put_back() -> None:
    before = csv.field_size_limit()
    with longest_value(7):
        assert csv.field_size_limit() == 7
    assert csv.field_size_limit() == before
