"""The language of plans as programs and people read it."""

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator  # type: ignore[import-untyped] # has no types of its own

from analytics_pipelines.datasets.plan.findings import Code
from analytics_pipelines.datasets.plan.model import Plan
from analytics_pipelines.datasets.plan.parse import parse_plan
from analytics_pipelines.datasets.plan.schema import fields_tables, plan_schema, plan_schema_inlined
from analytics_pipelines_tests.counts import examples
from analytics_pipelines_tests.datasets.plan.malformed import SHAPES, Malformed
from analytics_pipelines_tests.datasets.plan.some_plans import plans
from analytics_pipelines_tests.house_rules.repository import ROOT

PAGE = (ROOT / "docs" / "plan-language.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```json\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
SCHEMA = Draft202012Validator(plan_schema())


def test_the_schema_is_one_of_json_schema_2020_12() -> None:
    Draft202012Validator.check_schema(plan_schema())
    assert plan_schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert json.loads(json.dumps(plan_schema())) == plan_schema()


def test_everything_in_the_schema_is_described() -> None:
    parts = [plan_schema(), *plan_schema()["$defs"].values()]
    assert all(part["description"] for part in parts)
    assert [
        name for part in parts for name, field in part.get("properties", {}).items() if not field["description"]
    ] == []


@given(plan=plans())
@settings(max_examples=examples(60), deadline=None)
def test_whatever_is_a_plan_fits_the_schema(plan: Plan) -> None:
    SCHEMA.validate(plan.model_dump(mode="json"))


def test_within_another_document_nothing_refers_outside() -> None:
    inlined = plan_schema_inlined()
    assert "$" not in json.dumps(inlined)
    alone = Draft202012Validator(inlined)
    assert all(alone.is_valid(json.loads(example)) for example in EXAMPLES)
    of_shape = [case for case in SHAPES if case.code in {"unknown_field", "unknown_choice", "missing_field"}]
    assert [case.why for case in of_shape if alone.is_valid(case.plan) != SCHEMA.is_valid(case.plan)] == []


def test_a_field_that_may_be_left_out_may_be_null() -> None:
    SCHEMA.validate(dict.fromkeys(Plan.model_fields))


@pytest.mark.parametrize("case", [case for case in SHAPES if case.code == "unknown_field"], ids=lambda case: case.why)
def test_what_is_no_field_does_not_fit_the_schema(case: Malformed) -> None:
    assert not SCHEMA.is_valid(case.plan)


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_of_the_page_are_plans_without_findings(example: str) -> None:
    raw: Any = json.loads(example)
    plan, findings = parse_plan(raw)
    assert findings == ()
    assert plan is not None
    SCHEMA.validate(raw)


def test_the_page_has_the_fields_as_they_are() -> None:
    assert fields_tables() in PAGE, "it is what datasets/plan/schema.py renders"


def test_the_page_names_every_code_of_a_finding() -> None:
    assert [code.value for code in Code if f"`{code}`" not in PAGE] == []


def test_the_page_shows_every_operation_and_operator() -> None:
    shown = {value for example in EXAMPLES for value in re.findall(r'"([^"]+)"', example)}
    definitions = plan_schema()["$defs"]
    choices = {name: definitions[name]["enum"] for name in ("Operation", "Operator")}
    assert {name: [each for each in known if each not in shown] for name, known in choices.items()} == {
        name: [] for name in choices
    }
