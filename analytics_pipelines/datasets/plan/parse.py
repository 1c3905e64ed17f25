"""From what a client sent to a plan, or to everything that is wrong with it; no data is looked at."""

from typing import NamedTuple

from pydantic import ValidationError

from analytics_pipelines.datasets.plan.explain import explained
from analytics_pipelines.datasets.plan.findings import Code, Finding, json_kind
from analytics_pipelines.datasets.plan.model import Plan
from analytics_pipelines.datasets.plan.structure import findings_of


class Parsed(NamedTuple):
    """The plan, unless something is wrong with it; what is wrong, and warnings."""

    plan: Plan | None
    findings: tuple[Finding, ...]


def parse_plan(raw: object) -> Parsed:
    """The plan that decoded JSON stands for, with all that can be said of it without its data.

    Never raises; whatever is no plan comes back with findings.
    """
    if not isinstance(raw, dict):
        message = "A plan is an object; given is " + json_kind(raw) + "."
        hint = 'Like {"operation": "mean", "target_column": "price"}.'
        return Parsed(None, (Finding(pointer="", code=Code.NOT_AN_OBJECT, message=message, hint=hint),))
    try:
        plan = Plan.model_validate(raw)
    except ValidationError as error:
        return Parsed(None, explained(error))
    findings = tuple(findings_of(plan))
    return Parsed(plan if all(each.is_warning for each in findings) else None, findings)
