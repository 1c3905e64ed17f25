"""What the routes of the room answer where no dataclass of the room says it already."""

from pydantic import BaseModel, ConfigDict, Field

from analytics_pipelines.datasets.evidence import ColumnKind
from analytics_pipelines.datasets.kept.datasets import DatasetInFull
from analytics_pipelines.datasets.plan.findings import Finding


class UploadAnswer(BaseModel):
    """An upload that has become a dataset."""

    success: bool = True
    session_id: str
    metadata: DatasetInFull


class ValidationAnswer(BaseModel):
    """Whether a plan could be executed; `details` has errors and warnings with their places in the plan."""

    valid: bool
    errors: list[str]
    warnings: list[str]
    details: list[Finding]


class FromRows(BaseModel):
    """Made of a dataclass of ours; what is not named here stays inside."""

    model_config = ConfigDict(from_attributes=True)


class TableColumnAnswer(FromRows):
    """A column that plans may name."""

    name: str
    type: str
    kind: ColumnKind
    is_personal: bool = Field(description="Who is no admin may count its values, nothing else.")


class TableAnswer(FromRows):
    """A published table of the lake that plans may be about."""

    name: str
    row_count: int | None
    columns: list[TableColumnAnswer]
