"""A kept dataset as what plans are about, and how a process of its own reads the rows."""

from analytics_pipelines.datasets.folders import Folders
from analytics_pipelines.datasets.kept.datasets import Dataset, DatasetInFull
from analytics_pipelines.datasets.subject import Reading, Subject, SubjectColumn, SubjectKind
from analytics_pipelines.foundation.sql import Sql, literal

ROWS = Sql("SELECT * FROM read_parquet({file}, hive_partitioning = false)")


def subject_of(dataset: DatasetInFull) -> Subject:
    """The dataset by its session; its rows are known by the hash of their file."""
    return Subject(
        name=dataset.session_id,
        kind=SubjectKind.UPLOAD,
        columns=tuple(
            SubjectColumn(name=each.name, type=each.type, kind=each.kind, evidence=each) for each in dataset.evidence
        ),
        row_count=dataset.row_count,
        fingerprint=dataset.sha256,
    )


def reading_of(folders: Folders, dataset: Dataset) -> Reading:
    """A SELECT over the one file, in its order."""
    return Reading(query=ROWS.fill(file=literal(str(folders.data(dataset.place)))).text)
