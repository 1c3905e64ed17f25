from analytics_pipelines.datasets.compile.kept import Kept, Listed
from analytics_pipelines.foundation.sql import Sql
from analytics_pipelines_tests.datasets.compile.subjects import plan_of, subject_of


def test_an_expression_asked_for_twice_has_one_name():
    listed = Listed("c")
    assert [listed.add(Sql(each)).text for each in ("a", "b", "a")] == ['"c0"', '"c1"', '"c0"']
    assert listed.place(Sql("b")) == 1
    assert [each.text for each in listed.sql] == ['a AS "c0"', 'b AS "c1"']
    assert [each.text for each in listed.names] == ['"c0"', '"c1"']


def test_rows_without_columns_can_still_be_counted(cursor):
    plan = plan_of(operation="count", filters=[{"column": "i", "operator": "<", "value": 2}])
    kept = Kept(plan, subject_of(cursor, "SELECT i FROM range(5) AS r(i)"))
    assert kept.question(Sql("SELECT COUNT(*) FROM ({kept})")).row(cursor) == (2,)


def test_names_with_braces_are_no_places_to_fill(cursor):
    kept = Kept(plan_of(operation="count"), subject_of(cursor, 'SELECT 1 AS "{kept} {value}"'))
    kept.columns.add(Sql('"{kept} {value}"'))
    assert kept.question(Sql("SELECT c0 + {one} FROM ({kept})"), one=Sql("1")).tuples(cursor) == [(2,)]
