"""Sets of keys held against each other, beside Python's own sets."""

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_pipelines.product_export.key_sets import KeySets

KEY = ("a", "b")
VALUES = st.tuples(st.integers(0, 3), st.sampled_from(["x", "y", None]))
SETS = st.sets(VALUES)


@pytest.fixture(scope="module")
def cursor():
    with duckdb.connect() as connection:
        yield connection


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("keys")


def written(cursor, file, rows, **fixed):
    """A Parquet file of these keys."""
    cursor.execute("CREATE OR REPLACE TABLE rows (a BIGINT, b VARCHAR, export_date DATE, is_tombstone BOOLEAN)")
    if rows:
        cursor.executemany(
            "INSERT INTO rows VALUES (?, ?, ?, ?)", [[*row, fixed["day"], fixed["is_tombstone"]] for row in rows]
        )
    cursor.table("rows").write_parquet(str(file))
    return file


@settings(max_examples=15, deadline=None)
@given(history=st.tuples(SETS, SETS, SETS), changed=SETS, source=st.lists(VALUES))
def test_sets_are_compared_as_python_compares_them(cursor, folder, history, changed, source):
    base, touched, gone = history
    files = [
        written(cursor, folder / "1.parquet", base, day="2026-03-01", is_tombstone=False),
        written(cursor, folder / "2.parquet", touched, day="2026-03-02", is_tombstone=False),
        written(cursor, folder / "3.parquet", gone, day="2026-03-03", is_tombstone=True),
    ]
    state = (base | touched) - gone
    sets = KeySets(cursor, KEY)
    sets.of_state(files)
    sets.of_changed([written(cursor, folder / "4.parquet", changed, day="2026-03-04", is_tombstone=False)])
    assert sets.expected_rows() == len(state | changed)
    placed = written(cursor, folder / "5.parquet", source, day="2026-03-04", is_tombstone=False)
    sets.of_source(placed)
    sets.match()
    missed = set(source) - state - changed
    assert set(cursor.sql("FROM gone_keys").fetchall()) == state - set(source)
    assert sets.gone.text == '"gone_keys"'
    assert sets.count_gone() == len(state - set(source))
    assert sets.count_missed() == len([each for each in source if each in missed])
    assert set(cursor.execute(sets.at_missed(placed, KEY).text).fetchall()) == missed
    assert (sets.count_source(), sets.count_repeated()) == (len(source), len(source) - len(set(source)))
