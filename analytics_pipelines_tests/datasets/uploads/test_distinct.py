import pyarrow as pa

from analytics_pipelines.datasets.uploads.distinct import distinct_of, matches

COLUMN = pa.array(["b", "", "a", " b", "NA", "b"], pa.string())


def test_values_are_told_once_in_the_order_of_their_rows() -> None:
    found = distinct_of(COLUMN, lambda row: row + 2)
    assert found.raw.to_pylist() == ["b", "", "a", " b", "NA"]
    assert found.told.to_pylist() == ["b", "a", "b"]
    assert found.told_counts.tolist() == [2, 1, 1]
    assert [found.row_of(place) for place in range(3)] == [0, 2, 3]
    assert found.line_of(found.row_of(1)) == 4


def test_what_they_become_is_spread_over_the_rows() -> None:
    found = distinct_of(COLUMN, lambda row: row)
    assert found.spread(pa.array([1, 2, 3])).to_pylist() == [1, None, 2, 3, None, 1]


def test_words_for_nothing_are_known_in_any_case() -> None:
    words = pa.array(["NaN", "null", "None", "#N/A", "n/a", " ", "nothing", "-"], pa.string())
    assert distinct_of(words, lambda row: row).told.to_pylist() == ["nothing", "-"]


def test_a_column_without_rows_has_no_values() -> None:
    found = distinct_of(pa.array([], pa.string()), lambda row: row)
    assert len(found.told) == len(found.indices) == 0


def test_matches_says_which() -> None:
    assert matches(pa.array(["a1", "b"]), "^[a-z][0-9]$").tolist() == [True, False]
