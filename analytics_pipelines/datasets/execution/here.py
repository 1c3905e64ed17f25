"""Plans of whoever sits at the machine: computed in this process, within the same memory, and not put on record."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from analytics_pipelines.datasets.execution.asked import About, checked, refused
from analytics_pipelines.datasets.execution.compute import compute
from analytics_pipelines.datasets.execution.job import Computed, Job, computed_of
from analytics_pipelines.datasets.execution.platform import Platform
from analytics_pipelines.datasets.kept.subjects import reading_of_file, uploaded_subject
from analytics_pipelines.datasets.lake_tables import reading_of_table, subject_of_table
from analytics_pipelines.datasets.plan.canonical import canonical
from analytics_pipelines.datasets.plan.findings import Finding
from analytics_pipelines.datasets.uploads.limits import UploadLimits
from analytics_pipelines.datasets.uploads.upload import read_upload, uploaded_data
from analytics_pipelines.foundation.errors import Unavailable
from analytics_pipelines.foundation.generation import GenerationFolders, NothingPublished
from analytics_pipelines.foundation.generation.lease import open_current
from analytics_pipelines.foundation.settings import Settings


class FileMissing(Unavailable):
    """There is no such file, or it can not be read."""


@contextmanager
def of_file(file: Path, settings: Settings) -> Iterator[About]:
    """A file of CSV as an upload would be read; raises what reading it raises, and `FileMissing`."""
    if not file.is_file():
        raise FileMissing(f"There is no file {file}.", remedy="Give a file of CSV or TSV.")
    with TemporaryDirectory(prefix="analytics-plan-") as folder:
        data = Path(folder) / "data.parquet"
        limits = UploadLimits.of(max(settings.max_upload_size, file.stat().st_size))
        read = uploaded_data(read_upload(str(file), str(data), file.name, limits))
        subject = uploaded_subject(file.name, read.columns, read.row_count, read.sha256)
        yield About(subject=subject, reading=reading_of_file(data))


@contextmanager
def of_table(table: str, settings: Settings) -> Iterator[About]:
    """A published table of the lake; raises `NoSuchTable`, `NothingPublished`."""
    lease = open_current(GenerationFolders.of(settings.home), settings)
    if lease is None:
        raise NothingPublished("Nothing was published yet.", remedy="`analytics materialize` publishes.")
    with closing(lease):
        yield About(subject=subject_of_table(lease, table), reading=reading_of_table(lease, table))


def run_here(settings: Settings, about: About, sent: object) -> tuple[Computed, tuple[Finding, ...]]:
    """What the plan gives, and the warnings of its checking; raises `PlanRefused` and what computing raises."""
    found = checked(sent, about.subject, sees_personal=True)
    if found.plan is None or found.errors:
        raise refused(found.errors)
    job = Job(
        plan=canonical(found.plan),
        subject=about.subject,
        reading=about.reading,
        engine_memory_bytes=Platform.of(settings).engine_memory_bytes,
    )
    return computed_of(compute(job)), found.warnings
