"""What is said of JSON that is not of a plan's shape."""

import pytest

from analytics_pipelines.datasets.plan.parse import parse_plan


def test_everything_that_is_wrong_is_told_at_once() -> None:
    raw = {"operation": "men", "horizon": "3", "filters": [{"operator": "?"}], "colour": 1}
    pointers = [each.pointer for each in parse_plan(raw).findings]
    assert pointers == ["/operation", "/filters/0/column", "/filters/0/operator", "/horizon", "/colour"]


def test_of_very_many_mistakes_a_hundred_are_told() -> None:
    findings = parse_plan({f"field {number}": number for number in range(5000)}).findings
    assert len(findings) == 101
    assert findings[-1].code == "too_many_findings"


@pytest.mark.parametrize(
    ("name", "code"), [("x" * 501, "unknown_field"), ("\ud800", "bad_text")], ids=["without end", "half a letter"]
)
def test_a_field_whose_name_fits_into_no_answer_is_told_by_its_object(name: str, code: str) -> None:
    raw = {"operation": "mean", "target_column": "a", "group_by": ["b"], "top": {"n": 1, name: 1}}
    (finding,) = parse_plan(raw).findings
    assert (finding.pointer, finding.code) == ("/top", code)
    assert str(finding).encode()


def test_each_wrong_value_of_a_list_is_told_once() -> None:
    raw = {"operation": "count", "filters": [{"column": "a", "operator": "in", "value": [{}, 1, [], "x" * 20_000]}]}
    found = [(each.pointer, each.code.value) for each in parse_plan(raw).findings]
    assert found == [
        ("/filters/0/value/0", "wrong_type"),
        ("/filters/0/value/2", "wrong_type"),
        ("/filters/0/value/3", "too_long"),
    ]


def test_a_missing_field_is_told_with_what_it_means() -> None:
    (finding,) = parse_plan({"operation": "mean", "target_column": "a", "filters": [{"operator": "is_null"}]}).findings
    assert finding.hint == "The column whose values are compared."
