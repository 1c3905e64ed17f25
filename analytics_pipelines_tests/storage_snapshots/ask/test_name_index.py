import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_pipelines.foundation.bound import Bound
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines.storage_snapshots.ask.name_index import MOST_GRAMS, candidates, gram_number, grams, within

BLOCKS = 300


@pytest.fixture(scope="module")
def cursor():
    with duckdb.connect() as found:
        found.execute(
            "CREATE TABLE names AS SELECT range AS position, CAST(range // 2048 AS INTEGER) AS block FROM range($1)",
            [BLOCKS * 2048],
        )
        yield found


@given(
    st.sets(st.integers(0, BLOCKS - 1), min_size=1, max_size=40)
    | st.integers(0, 200).map(lambda n: set(range(n, n + 70)))
)
def test_exactly_the_rows_of_the_blocks_are_read(cursor, blocks):
    bound = Bound()
    condition = within(sorted(blocks), BLOCKS, bound)
    query = Sql("SELECT block, count(*) FROM names WHERE {condition} GROUP BY block ORDER BY block")
    found = cursor.execute(query.fill(condition=condition).text, bound.values).fetchall()
    assert found == [(block, 2048) for block in sorted(blocks)]


def test_pieces_are_numbered_as_the_table_has_them():
    assert gram_number("abc") == (97 << 42) | (98 << 21) | 99
    assert grams(["ab", "", "abc"]) == [gram_number("abc")]


def test_a_long_text_asks_for_few_pieces_from_all_over_it():
    text = "".join(chr(0x4E00 + number) for number in range(100))
    found = grams([text])
    assert len(found) == MOST_GRAMS
    assert found[0] == gram_number(text[:3])


def test_blocks_that_have_every_piece_are_candidates():
    with duckdb.connect() as cursor:
        cursor.execute(
            "CREATE TABLE hot_fs__grams AS SELECT gram, block FROM range(20) AS b(block), range(1, 4) AS g(gram)"
        )
        cursor.execute("DELETE FROM hot_fs__grams WHERE gram = 2 AND block % 2 = 0 OR gram = 3 AND block < 9")
        assert candidates(cursor, [1, 2, 3], 20) == [9, 11, 13, 15, 17, 19]
        assert candidates(cursor, [1, 7], 20) == []
        assert list(candidates(cursor, [], 20)) == list(range(20))
