import pyarrow as pa

from analytics_pipelines.datasets.compile.question import Question
from analytics_pipelines.foundation.sql import Sql


def test_a_question_gives_rows_or_one_row_or_columns(cursor):
    asked = Question(Sql("SELECT $v0 AS a, $v0 + 1 AS b"), {"v0": 1})
    assert asked.tuples(cursor) == [(1, 2)]
    assert asked.row(cursor) == (1, 2)
    assert asked.arrow(cursor).to_pylist() == [{"a": 1, "b": 2}]
    assert isinstance(asked.arrow(cursor), pa.Table)


def test_a_question_may_have_no_values(cursor):
    assert Question(Sql("SELECT 1"), {}).row(cursor) == (1,)
