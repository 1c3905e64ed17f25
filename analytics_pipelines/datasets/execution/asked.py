"""A plan that somebody sent, about something, as it is checked before it runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from analytics_pipelines.datasets.kept.datasets import DatasetInFull
from analytics_pipelines.datasets.plan.check import check_against
from analytics_pipelines.datasets.plan.findings import Finding
from analytics_pipelines.datasets.plan.model import Plan
from analytics_pipelines.datasets.plan.parse import parse_plan
from analytics_pipelines.datasets.subject import Reading, Subject
from analytics_pipelines.foundation.errors import BadInput, FaultAt

PLAN = "/plan"
"""Where the plan stands in what was sent."""
MOST_TOLD = 20


class PlanRefused(BadInput):
    """The plan can not be executed; `errors` names each thing that is wrong, and where."""

    title = "The plan is not valid"

    def __str__(self) -> str:
        """All of it in one line, for shell and record, which show no list; places are into the plan."""
        told = (f"{each.pointer.removeprefix(PLAN)}: {each.message}".removeprefix(": ") for each in self.faults)
        return " ".join((self.detail, *islice(told, MOST_TOLD)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Whose plan it is; who may see personal columns sees all of a table."""

    user_id: str
    username: str
    sees_personal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a plan is about, how it is read, and the dataset where it is an upload."""

    subject: Subject
    reading: Reading
    dataset: DatasetInFull | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was found; the plan is None where it is none."""

    plan: Plan | None
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What keeps it from being executed."""
        return tuple(each for each in self.findings if not each.is_warning)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What is worth knowing."""
        return tuple(each for each in self.findings if each.is_warning)


def checked(sent: object, subject: Subject | None, *, sees_personal: bool) -> Checked:
    """Everything that is wrong with the plan, or worth knowing; without a subject only of its form."""
    parsed = parse_plan(sent)
    found = parsed.findings
    if parsed.plan is not None and subject is not None:
        found = (*found, *check_against(parsed.plan, subject, sees_personal=sees_personal))
    return Checked(plan=parsed.plan, findings=tuple(found))


def refused(errors: Sequence[Finding]) -> PlanRefused:
    """The error that tells a client of these."""
    faults = [FaultAt(PLAN + each.pointer, each.code, f"{each.message} {each.hint}".strip()) for each in errors]
    told = "One thing is wrong with the plan." if len(errors) == 1 else f"{len(errors)} things are wrong with the plan."
    remedy = "POST /api/analytics/validate tells the same without executing."
    return PlanRefused(told, remedy=remedy, faults=faults)
