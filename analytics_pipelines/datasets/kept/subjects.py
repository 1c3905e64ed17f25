"""Rows in a Parquet file of ours as what plans are about, and how a process of its own reads them."""

from collections.abc import Iterable
from pathlib import Path

from analytics_pipelines.datasets.evidence import ColumnEvidence
from analytics_pipelines.datasets.folders import Folders
from analytics_pipelines.datasets.kept.datasets import Dataset, DatasetInFull
from analytics_pipelines.datasets.subject import Reading, Subject, SubjectColumn, SubjectKind
from analytics_pipelines.foundation.sql import Sql, literal

ROWS = Sql("SELECT * FROM read_parquet({file}, hive_partitioning = false)")


def subject_of(dataset: DatasetInFull) -> Subject:
    """The dataset by its session; its rows are known by the hash of their file."""
    return uploaded_subject(dataset.session_id, dataset.evidence, dataset.row_count, dataset.sha256)


def uploaded_subject(name: str, evidence: Iterable[ColumnEvidence], row_count: int, sha256: str) -> Subject:
    """What was read of an upload, under that name."""
    return Subject(
        name=name,
        kind=SubjectKind.UPLOAD,
        columns=tuple(
            SubjectColumn(name=each.name, type=each.type, kind=each.kind, evidence=each) for each in evidence
        ),
        row_count=row_count,
        fingerprint=sha256,
    )


def reading_of(folders: Folders, dataset: Dataset) -> Reading:
    """A SELECT over the dataset's file, in its order."""
    return reading_of_file(folders.data(dataset.place))


def reading_of_file(file: Path) -> Reading:
    """A SELECT over the file, in its order."""
    return Reading(query=ROWS.fill(file=literal(str(file))).text, reads=(str(file),))


def _column(each: ColumnEvidence) -> SubjectColumn:
    return SubjectColumn(name=each.name, type=each.type, kind=each.kind, evidence=each)
