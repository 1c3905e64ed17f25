"""Plans as they are checked before they run."""

from analytics_pipelines.datasets.execution.asked import checked, refused
from analytics_pipelines_tests.datasets.execution.test_found import MEAN, SUBJECT


def test_without_a_subject_only_the_form_is_looked_at():
    plan = {"operation": "mean", "target_column": "nowhere"}
    assert checked(plan, None, sees_personal=False).errors == ()
    (error,) = checked(plan, SUBJECT, sees_personal=False).errors
    assert (error.pointer, error.code) == ("/target_column", "unknown_column")


def test_warnings_keep_no_plan_from_running():
    found = checked(MEAN | {"horizon": 3}, SUBJECT, sees_personal=False)
    assert (found.errors, [each.code for each in found.warnings]) == ((), ["unused_field"])
    assert found.plan is not None


def test_a_refusal_has_every_place_and_what_helps():
    found = checked({"operation": "mean", "target_column": "prise", "group_by": ["regio"]}, SUBJECT, sees_personal=True)
    error = refused(found.errors)
    assert [(each.pointer, each.code) for each in error.faults] == [
        ("/plan/target_column", "unknown_column"),
        ("/plan/group_by/0", "unknown_column"),
    ]
    assert 'Did you mean "price"?' in error.faults[0].message
    assert error.detail == "2 things are wrong with the plan."
    assert str(error).startswith('2 things are wrong with the plan. /target_column: There is no column "prise". Did')


def test_what_is_no_plan_is_refused_too():
    assert checked("mean", SUBJECT, sees_personal=True).plan is None
