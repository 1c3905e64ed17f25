import pytest

from analytics_pipelines.datasets.uploads.dialect import dialect_of
from analytics_pipelines.datasets.uploads.errors import (
    LineTooLong,
    MostlyRejected,
    TooManyColumns,
    TooManyRows,
    UnclosedQuote,
)
from analytics_pipelines.datasets.uploads.limits import UploadLimits
from analytics_pipelines.datasets.uploads.rows import Rows, rows_of


def rows(text: str, **limits: int) -> Rows:
    content = text.encode()
    most = UploadLimits(unpacked_bytes=10**7, **limits)
    return rows_of(content, dialect_of(content, most), most)


def values(found: Rows) -> list[list[str]]:
    return [column.to_pylist() for column in found.columns]


@pytest.mark.parametrize(
    ("text", "expected", "lines"),
    [
        pytest.param("a,b\n1,2\n3,4", [["1", "3"], ["2", "4"]], [2, 3], id="plain"),
        pytest.param("a,b\r\n1,2\r\n3,4\r\n", [["1", "3"], ["2", "4"]], [2, 3], id="plain, of Windows"),
        pytest.param("a,b\n\n1,2\n\n\n3,4\n", [["1", "3"], ["2", "4"]], [3, 6], id="blank lines"),
        pytest.param('a,b\n"x\ny",2\n3,4\n', [["x\ny", "3"], ["2", "4"]], [2, 4], id="a value over two lines"),
        pytest.param("a,b\r1,2\r3,4", [["1", "3"], ["2", "4"]], [2, 3], id="carriage returns"),
        pytest.param("sep=,\na,b\n1,2\n", [["1"], ["2"]], [3], id="declared"),
        pytest.param("1,2\n3,4\n", [["1", "3"], ["2", "4"]], [1, 2], id="no header"),
        pytest.param("\n1,2\n3\n4,5\n", [["1", "4"], ["2", "5"]], [2, 4], id="no header, and a row that is short"),
        pytest.param('a,b\n"x""y", z \n', [['x"y'], [" z "]], [2], id="a quote and spaces"),
        pytest.param("a,b\n1,2,,\n3,4\n", [["1", "3"], ["2", "4"]], [2, 3], id="nothing beyond the header"),
        pytest.param("a\n1\n \n2\n", [["1", " ", "2"]], [2, 3, 4], id="a space is a value"),
    ],
)
def test_rows_come_with_the_lines_that_they_begin_in(text: str, expected: list[list[str]], lines: list[int]) -> None:
    found = rows(text)
    assert values(found) == expected
    assert [found.line_of(row) for row in range(found.row_count)] == lines


def test_rows_that_do_not_fit_are_told() -> None:
    found = rows('a,b\n1,2\n3\n"4"x,5\n6,7,8\n9,10\n11,12\n')
    assert values(found) == [["1", "9", "11"], ["2", "10", "12"]]
    assert found.rejected_count == 3
    assert [(each.line, each.reason) for each in found.rejected] == [
        (3, "has 1 value where the header has 2"),
        (4, "has text behind a closing quote"),
        (5, "has 3 values where the header has 2"),
    ]


def test_half_of_the_rows_may_be_left_out_and_no_more() -> None:
    assert rows("a,b\n1,2\n3\n").rejected_count == 1
    with pytest.raises(MostlyRejected, match=r"2 of 3 rows .* line 3 has 1 value where the header has 2"):
        rows("a,b\n1,2\n3\n4\n")


def test_columns_of_a_table_in_many_pieces_are_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analytics_pipelines.datasets.uploads.rows.PIECE_CELLS", 6)
    found = rows("a,b\n\n" + "".join(f"{row},x\n" for row in range(10)))
    assert values(found) == [[str(row) for row in range(10)], ["x"] * 10]


@pytest.mark.parametrize(
    ("text", "limits", "error"),
    [
        ('a,b\n"1,2\n', {}, UnclosedQuote),
        ('"a,b\n1,2\n', {}, UnclosedQuote),
        ('"a"b,c\n1,2\n', {}, UnclosedQuote),
        ("a,b\n1," + "x" * 30 + "\n", {"line_bytes": 20}, LineTooLong),
        ('a,b\n1,"' + "x\n" * 30 + '"\n', {"line_bytes": 20}, LineTooLong),
        ("a,b\n1,2\n3,4\n", {"rows": 2}, TooManyRows),
        ("a,b\n1,2\n3,4\n", {"cells": 5}, TooManyRows),
        ('a,b\n1,"2\n"\n3,4\n5,6\n', {"cells": 5}, TooManyRows),
        ('"a\n","b\n","c"\n1,2,3\n', {"columns": 2}, TooManyColumns),
    ],
)
def test_what_is_too_much_or_never_ends_is_refused(text: str, limits: dict[str, int], error: type[Exception]) -> None:
    with pytest.raises(error):
        rows(text, **limits)
