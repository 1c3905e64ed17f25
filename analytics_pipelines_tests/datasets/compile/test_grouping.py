from analytics_pipelines.datasets.compile.grouping import Asked, Grouping
from analytics_pipelines.datasets.compile.groups import groups_of
from analytics_pipelines.datasets.plan.meaning import measures_of
from analytics_pipelines_tests.datasets.compile.subjects import plan_of, subject_of

QUERY = "SELECT i % 3 AS g, CAST(i AS DOUBLE) AS x FROM range(9) AS r(i)"


def grouping_of(cursor, **fields):
    plan, subject = plan_of(target_column="x", group_by=["g"], **fields), subject_of(cursor, QUERY)
    return Grouping(Asked(plan, subject, measures_of(plan), most=2), groups_of(cursor, plan, subject))


def test_one_group_more_than_may_be_told_is_found(cursor):
    grouping = grouping_of(cursor, operation="sum")
    found = [grouping.row(each) for each in grouping.question().tuples(cursor)]
    assert [(tuple(each.keys), each.is_other) for each in found] == [((0,), False), ((1,), False), ((2,), False)]
    assert [each.whole[grouping.row_count] for each in found] == [9, 9, 9]


def test_the_second_pass_finds_the_same_groups_in_the_same_order(cursor):
    for fields in ({}, {"top": {"n": 1}}, {"top": {"n": 2, "other": False}}):
        grouping = grouping_of(cursor, operation="std", **fields)
        first, second = grouping.question().tuples(cursor), grouping.careful_question().tuples(cursor)
        keys = 2 if fields else 1
        assert [row[:keys] for row in first] == [row[:keys] for row in second]
        assert len(grouping.deviations) == 1


def test_values_of_the_plan_stand_outside_the_text(cursor):
    filters = [{"column": "x", "operator": "<", "value": 4242.5}]
    asked = grouping_of(cursor, operation="sum", filters=filters).question()
    assert "4242" not in asked.sql.text
    assert asked.values == {"v0": 4242.5}
