"""What the routes of the room answer; the first fields of each are those of the older system, as they were."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from analytics_pipelines.datasets.evidence import ColumnKind


class FromRows(BaseModel):
    """Made of a dataclass of ours; what is not named here stays inside."""

    model_config = ConfigDict(from_attributes=True)


class DatasetAnswer(FromRows):
    """A dataset of the caller's."""

    id: str
    user_id: str
    session_id: str = Field(description="By this plans name it.")
    filename: str
    row_count: int
    column_count: int
    columns: list[str]
    column_types: dict[str, str]
    uploaded_at: datetime
    expires_at: datetime
    sha256: str = Field(description="Of the rows as they are kept: the same rows, the same hash.")
    has_original: bool


class EvidenceAnswer(FromRows):
    """What is known of a column: counted over all of its rows."""

    name: str
    kind: ColumnKind
    type: str = Field(description="As DuckDB spells it.")
    nulls: int
    distinct: int
    least: int | float | str | bool | None
    most: int | float | str | bool | None
    examples: list[str]
    mean: float | None
    form: str | None = Field(description="How values were written, where that had to be recognised.")
    reason: str = Field(description="Why it has this kind and not a narrower one.")
    spacing_s: float | None
    gaps: int | None
    collinear_with: list[str]


class DatasetInFullAnswer(DatasetAnswer):
    """A dataset with the evidence for its columns, and how the file was read."""

    evidence: list[EvidenceAnswer]
    reading: dict[str, Any] = Field(description="Encoding, delimiter, and the lines that were left out, with reasons.")


class UploadAnswer(BaseModel):
    """An upload that has become a dataset."""

    success: bool = True
    session_id: str
    metadata: DatasetInFullAnswer


class Detail(FromRows):
    """One thing about a plan."""

    pointer: str = Field(description="RFC 6901, into the plan.")
    code: str
    message: str
    hint: str
    is_warning: bool


class ValidationAnswer(BaseModel):
    """Whether a plan could be executed; `details` has errors and warnings with their places."""

    valid: bool
    errors: list[str]
    warnings: list[str]
    details: list[Detail]


class ProvenanceAnswer(FromRows):
    """Where numbers come from: enough to compute them again."""

    subject: str
    fingerprint: str = Field(description="SHA-256 of the rows, or generation and table.")
    generation: str | None
    plan_hash: str
    row_count: int | None
    libraries: dict[str, str]


class ExecutionAnswer(FromRows):
    """What a plan gave; where it failed, `error_message` says why."""

    success: bool
    result: dict[str, Any] | None
    chart_data: str | None = Field(description="PNG in base64.")
    chart_spec: dict[str, Any] | None = Field(description="Vega-Lite.")
    filtered_row_count: int | None
    execution_time_ms: float
    error_message: str | None
    provenance: ProvenanceAnswer
    id: str = Field(description="Of the analysis in the history, and of its entry in the audit.")
    error_code: str | None
    nulls_dropped: dict[str, int] | None = Field(description="Rows that pass and have no value there, by column.")
    warnings: list[str]


class AnalysisAnswer(FromRows):
    """An execution as it is on record."""

    id: str
    user_id: str
    dataset_id: str | None
    session_id: str | None
    execution_plan: Any
    result: Any
    chart_data: str | None
    filtered_row_count: int | None
    execution_time_ms: float
    success: bool
    error_message: str | None
    executed_at: datetime
    subject: str
    plan_hash: str | None
    chart_spec: Any
    provenance: Any


class RunningAnswer(FromRows):
    """A plan of the caller's that runs now."""

    id: str
    subject: str
    plan_hash: str
    started_at: datetime
    cancel_asked_at: datetime | None


class AuditAnswer(FromRows):
    """One run of a plan, as nobody can change it."""

    id: str
    recorded_at: datetime
    user_id: str
    username: str
    subject: str
    operation: str | None
    plan_hash: str | None
    outcome: str
    error_code: str | None
    duration_ms: float
    row_count: int | None
    filtered_row_count: int | None
    fingerprint: str | None
    generation: str | None


class ProfileAnswer(FromRows):
    """How the values of each column are spread, and a picture of it."""

    columns: list[dict[str, Any]]
    chart_spec: dict[str, Any] = Field(description="Vega-Lite.")
    chart_data: str = Field(description="PNG in base64.")


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
